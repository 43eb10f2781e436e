/** How long an orderly end may take before the process ends anyway. */
const stopWithinMs = 1_800;

/**
 * Hears Ctrl-C and its kin. One Ctrl-C comes more than once, from the terminal and from npm: later ones must not cut the
 * orderly end short; time does, since what is on disk is whole at any moment.
 */
export class Interruption {
  /** Resolves at the first signal after the desk has started. */
  readonly signalled: Promise<'signal'>;
  #started = false;

  constructor() {
    this.signalled = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => {
          // Nothing has happened yet that there would be anything to end of.
          if (!this.#started) process.exit(0);
          setTimeout(() => process.exit(0), stopWithinMs).unref();
          resolve('signal');
        });
    });
  }

  /** From now on there is a desk to be stopped in order. */
  started(): void {
    this.#started = true;
  }
}
