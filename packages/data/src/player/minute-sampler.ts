const minuteMs = 60_000;

/** Picks the first word of each minute of what venues say many times a second, so that a store of it stays readable for years. */
export class MinuteSampler {
  readonly #minutes = new Map<string, number>();

  /** True for the first of its series in a minute of venue time, by order of coming. */
  isFirst(series: string, exchangeAtMs: number): boolean {
    const minute = Math.floor(exchangeAtMs / minuteMs);
    if ((this.#minutes.get(series) ?? Number.NEGATIVE_INFINITY) >= minute) return false;
    this.#minutes.set(series, minute);
    return true;
  }

  /** Lets go of a series that says no more. */
  forget(series: string): void {
    this.#minutes.delete(series);
  }
}
