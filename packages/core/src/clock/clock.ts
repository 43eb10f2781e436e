/** Ends what it was returned for. Calling it twice does nothing more. */
export type Release = () => void;

/**
 * Time, injected everywhere: domain code never reads the machine's clock or sets the machine's timers.
 * Instants are integer milliseconds since the epoch, UTC.
 */
export interface Clock {
  /** The present instant. */
  nowMs(): number;
  /** Calls back once after `delayMs` (0 or less: as soon as possible, never at once). Returns its cancellation. */
  setTimer(delayMs: number, callback: () => void): Release;
  /**
   * Resolves after `delayMs`. Rejects with the signal's reason when aborted. Not for use inside held work (see `hold`):
   * a simulated clock would wait for the work and the work for the clock. Set a timer there.
   */
  sleep(delayMs: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Says that work is in flight until released. A simulated clock does not advance meanwhile; a system clock ignores it.
   * Buses, workflow engines and services hold for each handler, step and turn they run.
   */
  hold(): Release;
}
