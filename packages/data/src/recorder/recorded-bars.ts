import type { FeedUpdate, InstrumentId, MarketObservation } from '@perpdesk/core';
import { CandleBuilder } from '../candles/candle-builder.ts';

/**
 * The minutes of recorded trades. A minute closes with the first trade after its end and its grace: the machine's time closes
 * none, since trades that were missed may be told later than it.
 */
export class RecordedBars {
  readonly #builders = new Map<InstrumentId, CandleBuilder>();
  #closed: MarketObservation[] = [];

  /** Takes an update. @returns the minutes that it closes. */
  take(update: FeedUpdate): readonly MarketObservation[] {
    if (update.kind === 'trade') this.#builderOf(update.trade.instrumentId).push(update.trade);
    else if (update.kind === 'gap' && update.gap.channel === 'trades' && !update.gap.filled) {
      this.#builderOf(update.gap.instrumentId).interrupt(update.gap.fromMs, update.gap.toMs);
    }
    if (this.#closed.length === 0) return this.#closed;
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  #builderOf(instrumentId: InstrumentId): CandleBuilder {
    const known = this.#builders.get(instrumentId);
    if (known !== undefined) return known;
    const builder = new CandleBuilder({
      instrumentId,
      targets: [],
      listener: { closed: (candle) => this.#closed.push({ kind: 'candle', candle }) },
    });
    this.#builders.set(instrumentId, builder);
    return builder;
  }
}
