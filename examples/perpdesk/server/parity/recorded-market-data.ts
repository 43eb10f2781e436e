import type { Candle, Instrument, MarketObservation, MarketStep } from '@perpdesk/core';
import { MarketDataService, type MarketDataServiceOptions } from '@perpdesk/data';
import type { DayRecorder } from './day-recorder.ts';

/** Market data of a desk that is recorded: whatever it is given, by a player or the calendar, is written down. */
export class RecordedMarketData extends MarketDataService {
  readonly #recorder: DayRecorder;

  constructor({ recorder, ...options }: MarketDataServiceOptions & { readonly recorder: DayRecorder }) {
    super(options);
    this.#recorder = recorder;
  }

  override list(instruments: readonly Instrument[]): void {
    this.#recorder.list(instruments);
    super.list(instruments);
  }

  override async warm(
    history: AsyncIterable<readonly Candle[]> | Iterable<readonly Candle[]>,
    background: AsyncIterable<readonly MarketObservation[]> | Iterable<readonly MarketObservation[]> = [],
  ): Promise<void> {
    const beginning = this.#recorder.beginning(history, background);
    try {
      await super.warm(beginning.history, beginning.background);
    } finally {
      await beginning.end();
    }
  }

  override absorb(step: MarketStep): void {
    this.#recorder.absorbed(step);
    super.absorb(step);
  }

  override async ingest(step: MarketStep): Promise<void> {
    await this.#recorder.step(step, () => super.ingest(step));
  }
}
