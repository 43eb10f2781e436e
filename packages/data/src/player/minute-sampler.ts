import type { InstrumentId } from '@perpdesk/core';

const minuteMs = 60_000;

/** Picks the first word of each minute of what venues say many times a second, so that a store of it stays readable for years. */
export class MinuteSampler {
  readonly #minutes = new Map<string, number>();

  /** True for the first of its kind and instrument in a minute of venue time, by order of coming. */
  isFirst(kind: string, value: { readonly instrumentId: InstrumentId; readonly exchangeAtMs: number }): boolean {
    const key = `${kind} ${value.instrumentId}`;
    const minute = Math.floor(value.exchangeAtMs / minuteMs);
    if ((this.#minutes.get(key) ?? Number.NEGATIVE_INFINITY) >= minute) return false;
    this.#minutes.set(key, minute);
    return true;
  }
}
