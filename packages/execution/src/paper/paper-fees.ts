import type { Fill, Instrument } from '@perpdesk/core';
import { Decimal } from '@perpdesk/core';
import { type FeeTier, feeTierAt, TradedVolume } from '../matching/fee-tiers.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';

/** What accounts pay at the paper venue: the instrument's rates, the venue's own, or those of a table by the account's volume. */
export class PaperFees {
  readonly #fees: PaperVenueOptions['fees'];
  readonly #tiers: readonly FeeTier[] | undefined;
  readonly #volumes = new Map<string, TradedVolume>();
  readonly #listed = new WeakMap<Instrument, Map<string, Instrument>>();

  constructor(options: Pick<PaperVenueOptions, 'fees' | 'feeTiers'>) {
    this.#fees = options.fees;
    this.#tiers = options.feeTiers;
  }

  /** True when fees depend on what an account has traded. */
  get areTiered(): boolean {
    return this.#tiers !== undefined;
  }

  /** Counts fills towards an account's volume. */
  count(fills: Iterable<Fill>): void {
    if (this.#tiers === undefined) return;
    for (const { userId, atMs, price, size } of fills) {
      const volume = this.#volumes.get(userId) ?? new TradedVolume();
      this.#volumes.set(userId, volume);
      volume.add(atMs, new Decimal(price).times(size));
    }
  }

  /** An instrument with the rates that a user pays now; without a user, those of the first tier. */
  list(instrument: Instrument, atMs: number, userId?: string): Instrument {
    const rates = this.#ratesOf(atMs, userId);
    if (rates === undefined) return instrument;
    const key = `${rates.maker}:${rates.taker}`;
    const known = this.#listed.get(instrument) ?? new Map<string, Instrument>();
    this.#listed.set(instrument, known);
    let listed = known.get(key);
    if (listed === undefined) {
      listed = { ...instrument, makerFeeRate: rates.maker, takerFeeRate: rates.taker };
      known.set(key, listed);
    }
    return listed;
  }

  #ratesOf(atMs: number, userId: string | undefined): PaperVenueOptions['fees'] {
    if (this.#tiers === undefined) return this.#fees;
    const volume = userId === undefined ? undefined : this.#volumes.get(userId);
    return feeTierAt(this.#tiers, volume?.at(atMs) ?? new Decimal(0)) ?? this.#fees;
  }
}
