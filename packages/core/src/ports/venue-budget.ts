/** The order in which requests to a venue are let through. */
export type VenueLane = 'protect' | 'close' | 'open' | 'read';

/** One venue and address's request budget, shared by feeds and adapters. */
export interface VenueBudget {
  /** Resolves when a request of this weight may go. Rejects when aborted. */
  acquire(lane: VenueLane, weight: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
}
