/** How a service is. */
export type Health =
  | { readonly status: 'healthy'; readonly detail?: string }
  | { readonly status: 'degraded'; readonly detail: string }
  | { readonly status: 'failed'; readonly detail: string }
  | { readonly status: 'stopped' };

/** A part with a life of its own. */
export interface Service {
  /** Unique in a desk: `agent.vanta`, `positions`. */
  readonly name: string;
  /** Connects and subscribes. Throws when it can not run. */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Finishes what is in flight and lets go of everything. Called once after a start, also a failed one. Never throws. */
  stop(): Promise<void>;
  health(): Health;
}
