import type { InstrumentId, Timeframe } from '@perpdesk/core';

/** The keys of series of bars, `BTC-PERP@hyperliquid:5m`, each built once: one built anew is hashed anew wherever it is looked up. */
export class SeriesKeys {
  readonly #keys = new Map<InstrumentId, Map<Timeframe, string>>();

  of({ instrumentId, timeframe }: { readonly instrumentId: InstrumentId; readonly timeframe: Timeframe }): string {
    return this.#keys.get(instrumentId)?.get(timeframe) ?? this.#build(instrumentId, timeframe);
  }

  #build(instrumentId: InstrumentId, timeframe: Timeframe): string {
    const ofInstrument = this.#keys.get(instrumentId) ?? new Map<Timeframe, string>();
    const key = `${instrumentId}:${timeframe}`;
    this.#keys.set(instrumentId, ofInstrument.set(timeframe, key));
    return key;
  }
}
