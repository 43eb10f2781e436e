import { type Instrument, type InstrumentId, type MarketId, ValidationError } from '@perpdesk/core';

/** How the reference instrument of a market is chosen. */
export interface ReferenceChoice {
  /** The reference of single markets, over all other rules. */
  readonly references?: Readonly<Record<MarketId, InstrumentId>>;
  /** Venues preferred, best first. Default: hyperliquid. */
  readonly preferredVenues?: readonly string[];
}

/** The instruments of a desk in the order they were listed, and the reference of each market. */
export class InstrumentList {
  readonly #choice: ReferenceChoice;
  readonly #byId = new Map<InstrumentId, Instrument>();
  #all: readonly Instrument[] = [];

  constructor(choice: ReferenceChoice) {
    this.#choice = choice;
  }

  /** Adds instruments; one that is listed already keeps its place and is replaced. */
  list(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) this.#byId.set(instrument.id, instrument);
    this.#all = [...this.#byId.values()];
    for (const [market, id] of Object.entries(this.#choice.references ?? {})) {
      const chosen = this.#byId.get(id);
      if (chosen !== undefined && chosen.market !== market) {
        throw new ValidationError(
          'reference.market',
          `${id} can not be the reference of ${market}: it is of ${chosen.market}.`,
        );
      }
    }
  }

  all(): readonly Instrument[] {
    return this.#all;
  }

  get(id: InstrumentId): Instrument | undefined {
    return this.#byId.get(id);
  }

  /**
   * The configured one, else the first that trades of: linear ones by preferred venue, linear ones in listing order,
   * inverse ones likewise. An inverse one is never chosen where a linear one trades.
   */
  reference(market: MarketId): Instrument | undefined {
    const configured = this.#choice.references?.[market];
    if (configured !== undefined) return this.#byId.get(configured);
    const venues = this.#choice.preferredVenues ?? ['hyperliquid'];
    const candidates = this.#all.filter(
      (instrument) => instrument.market === market && instrument.status !== 'settled',
    );
    const rank = (instrument: Instrument): number => {
      const preference = venues.indexOf(instrument.venue);
      const contract = instrument.contract === 'linear' ? 0 : venues.length + 1;
      return contract + (preference < 0 ? venues.length : preference);
    };
    return candidates.reduce<Instrument | undefined>(
      (best, instrument) => (best === undefined || rank(instrument) < rank(best) ? instrument : best),
      undefined,
    );
  }
}
