/**
 * The order in which requests to a venue are let through: what protects a position, what closes one, what tells of the
 * account (a stop and an exit are sized by it), what opens one, and what the market does.
 */
export type VenueLane = 'protect' | 'close' | 'account' | 'open' | 'read';

/** One venue and address's request budget, shared by feeds and adapters. */
export interface VenueBudget {
  /** Resolves when a request of this weight may go. Rejects when aborted. */
  acquire(lane: VenueLane, weight: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Called when the venue has refused a request because there were too many: somebody else has used of the budget too. What is
   * left of it is for what protects and closes. Left out where refusals change nothing.
   */
  refused?(): void;
}
