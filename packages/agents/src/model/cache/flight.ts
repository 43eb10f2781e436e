import type { ModelAnswer, ModelCallOptions } from '@perpdesk/core';

/** One question under way that several callers wait for. It is given up when the last of them has. */
export class Flight {
  readonly answer: Promise<ModelAnswer<unknown>>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(ask: (signal: AbortSignal) => Promise<ModelAnswer<unknown>>) {
    this.answer = ask(this.#abort.signal);
    // Those who wait hear of a failure each by themselves, or have left.
    this.answer.catch(() => undefined);
  }

  /** True once nobody waits any more. */
  get isAbandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Waits as one of many; leaves when `left` rejects, with its error. */
  async join(left: Promise<never>): Promise<ModelAnswer<unknown>> {
    this.#waiting += 1;
    try {
      return await Promise.race([this.answer, left]);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#abort.abort();
    }
  }
}

/** Options without the caller's own signal: the flight has its own. */
export const withSignal = ({ onText }: ModelCallOptions, signal: AbortSignal): ModelCallOptions => ({
  signal,
  ...(onText === undefined ? {} : { onText }),
});
