import type { Instrument, InstrumentId } from '@perpdesk/core';
import { listedInstrument, readListing } from './listed-market.ts';
import type { AskedMarket, VenueFeed } from './venue-feed.ts';

/** A market of a venue, with what its frames need to be read. */
export interface CatalogMarket extends AskedMarket {
  /** Replaced when more is learnt of it. */
  instrument: Instrument;
  /** What the venue's sizes are multiplied by: base units per contract, 1 for inverse ones. */
  readonly sizeUnit: number;
}

/** The perpetuals of a venue, by our id and by the name its frames use. */
export class MarketCatalog {
  readonly #byId = new Map<InstrumentId, CatalogMarket>();
  readonly #byNativeId = new Map<string, CatalogMarket>();
  #unusable = 0;

  /** Replaces everything by ccxt's listing. A market whose name is taken already is left out and counted. */
  load(venue: VenueFeed, listing: Readonly<Record<string, unknown>>): void {
    this.#byId.clear();
    this.#byNativeId.clear();
    this.#unusable = 0;
    for (const entry of Object.values(listing)) {
      const listed = readListing(entry);
      if (listed === undefined) continue;
      const nativeId = venue.nativeId(listed);
      const instrument = listedInstrument(venue, listed);
      const taken = instrument !== undefined && this.#byId.has(instrument.id);
      if (instrument === undefined || nativeId === undefined || taken) {
        this.#unusable += 1;
        continue;
      }
      const market: CatalogMarket = {
        instrument,
        symbol: listed.symbol,
        nativeId,
        sizeUnit: listed.inverse ? 1 : listed.contractSize.toNumber(),
      };
      this.#byId.set(instrument.id, market);
      this.#byNativeId.set(nativeId, market);
    }
  }

  /** Sets how far settlements are apart, by the venue's names. */
  setFundingIntervals(intervals: ReadonlyMap<string, number>): void {
    for (const [nativeId, fundingIntervalMs] of intervals) {
      const market = this.#byNativeId.get(nativeId);
      if (market !== undefined) market.instrument = { ...market.instrument, fundingIntervalMs };
    }
  }

  /** Perpetuals of the listing that could not be described or named. */
  get unusable(): number {
    return this.#unusable;
  }

  get(id: InstrumentId): CatalogMarket | undefined {
    return this.#byId.get(id);
  }

  byNativeId(nativeId: unknown): CatalogMarket | undefined {
    return this.#byNativeId.get(typeof nativeId === 'number' ? String(nativeId) : (nativeId as string));
  }

  instruments(): readonly Instrument[] {
    return [...this.#byId.values()].map(({ instrument }) => instrument);
  }
}
