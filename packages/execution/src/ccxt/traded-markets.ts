import { Decimal, type Instrument, type InstrumentId } from '@perpdesk/core';
import { decimalOf, type Fields, fieldsOf, textOf } from './wire-values.ts';

/** A market that can be traded: our instrument and the venue's names and units for it. */
export interface TradedMarket {
  readonly instrument: Instrument;
  /** ccxt's name. */
  readonly symbol: string;
  /** What the venue calls it in orders, positions and fills. */
  readonly nativeId: string;
  /** Base units per unit of the venue's sizes. */
  readonly unit: Decimal;
  /** ccxt's row of it. */
  readonly listed: Fields;
}

/**
 * The instruments of a venue, matched with ccxt's listing by what they are: base, quote, settlement. An instrument that is
 * not listed, or twice, can not be traded.
 */
export class TradedMarkets {
  readonly #byId = new Map<InstrumentId, TradedMarket>();
  readonly #byNativeId = new Map<string, TradedMarket>();
  readonly #byWireId = new Map<string, TradedMarket>();

  constructor(
    instruments: readonly Instrument[],
    listing: Readonly<Record<string, unknown>>,
    names: {
      readonly nativeId: (listed: Fields) => string | undefined;
      readonly base?: (listed: Fields) => string | undefined;
      readonly wireId?: (listed: Fields) => string | undefined;
    },
  ) {
    const wanted = new Map(instruments.map((instrument) => [keyOf(instrument), instrument]));
    for (const row of Object.values(listing)) {
      const listed = fieldsOf(row);
      if (listed?.swap !== true || listed.inverse === true) continue;
      const base = names.base?.(listed) ?? textOf(listed.base);
      const instrument = wanted.get(keyOf({ base, quote: textOf(listed.quote), settle: textOf(listed.settle) }));
      const symbol = textOf(listed.symbol);
      const nativeId = names.nativeId(listed);
      if (instrument === undefined || symbol === undefined || nativeId === undefined) continue;
      if (this.#byId.has(instrument.id) || this.#byNativeId.has(nativeId)) continue;
      const market = { instrument, symbol, nativeId, unit: decimalOf(listed.contractSize) ?? new Decimal(1), listed };
      this.#byId.set(instrument.id, market);
      this.#byNativeId.set(nativeId, market);
      this.#byWireId.set(names.wireId?.(listed) ?? nativeId, market);
    }
  }

  get(id: InstrumentId): TradedMarket | undefined {
    return this.#byId.get(id);
  }

  byNativeId(nativeId: string): TradedMarket | undefined {
    return this.#byNativeId.get(nativeId);
  }

  /** By what order requests call it. */
  byWireId(wireId: string): TradedMarket | undefined {
    return this.#byWireId.get(wireId);
  }

  all(): readonly TradedMarket[] {
    return [...this.#byId.values()];
  }
}

const keyOf = ({
  base,
  quote,
  settle,
}: {
  base?: string | undefined;
  quote?: string | undefined;
  settle?: string | undefined;
}) => `${base}\n${quote}\n${settle}`;
