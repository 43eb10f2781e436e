/** How long an orderly end may take before the process ends anyway. */
const stopWithinMs = 1_800;

/**
 * Hears Ctrl-C and its kin from the very start. One Ctrl-C comes more than once, from the terminal and from npm: later ones
 * must not cut the orderly end short; time does, since what is on disk is whole at any moment.
 */
export class Interruption {
  /** Resolves at the first signal. */
  readonly signalled: Promise<'signal'>;

  constructor() {
    this.signalled = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => {
          setTimeout(() => process.exit(0), stopWithinMs).unref();
          resolve('signal');
        });
    });
  }
}
