import type { BasisFeatures, Ticker } from '@perpdesk/core';
import { heardAtMs } from './heard-at.ts';
import { robustZ } from './robust-z.ts';
import { SampledSeries } from './sampled-series.ts';

const leastHistory = 24;

/** Where one instrument's mark stands over its index, over a day, one value every five minutes and the newest. */
export class BasisTracker {
  readonly #samples = new SampledSeries({ spacingMs: 300_000, capacity: 288 });
  #newest: Ticker | undefined;

  get newest(): Ticker | undefined {
    return this.#newest;
  }

  /** An older ticker than the newest is passed over. */
  push(ticker: Ticker): void {
    const atMs = heardAtMs(ticker);
    if (this.#newest !== undefined && atMs < heardAtMs(this.#newest)) return;
    this.#newest = ticker;
    const basis = basisBp(ticker.mark, ticker.index);
    if (basis !== undefined) this.#samples.push(atMs, basis);
  }

  /** Undefined without a ticker that names its index. */
  features(): Omit<BasisFeatures, 'venuesBp'> | undefined {
    const indexBp = this.#newest && basisBp(this.#newest.mark, this.#newest.index);
    if (indexBp === undefined) return undefined;
    const before = Array.from({ length: this.#samples.length - 1 }, (_, index) => this.#samples.valueAt(index));
    const z = robustZ(indexBp, before, leastHistory);
    return { indexBp, ...(z === undefined ? {} : { z }) };
  }
}

/** A price over another, in basis points; undefined without the other. */
export const basisBp = (price: number, other: number | undefined): number | undefined =>
  other === undefined ? undefined : 1e4 * (price / other - 1);
