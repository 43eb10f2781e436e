import type { Candle, Instrument, MacroEvent, MarketObservation, MarketStep } from '@perpdesk/core';
import { MarketSimulator } from '@perpdesk/data';

const minuteMs = 60_000;

/** A simulated market of one venue, of which only the first step of each minute is told: closed bars, tickers and books. */
export class MinuteMarket {
  readonly #source: MarketSimulator;
  readonly #titles: string[];
  #steps: AsyncIterator<MarketStep> | undefined;

  constructor(options: {
    readonly seed: string;
    readonly startAtMs: number;
    readonly markets: readonly string[];
    /** Titles of economic events from outside: ten a minute are told of, and a figure that makes Meridian look. */
    readonly titles?: readonly string[];
  }) {
    const { seed, startAtMs, markets, titles = [] } = options;
    this.#titles = [...titles];
    const venues = ['hyperliquid'];
    this.#source = new MarketSimulator({
      ...{ seed, startAtMs, venues, markets: [...markets] as never },
      backfillDays: 6,
    });
  }

  instruments(): Promise<readonly Instrument[]> {
    return this.#source.instruments();
  }

  async history(): Promise<readonly (readonly Candle[])[]> {
    return collect(this.#source.history());
  }

  async background(): Promise<readonly (readonly MarketObservation[])[]> {
    return collect(this.#source.background());
  }

  /** The first step of the next minute. */
  async next(): Promise<MarketStep> {
    this.#steps ??= this.#source.steps()[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#steps.next();
      if (next.done === true) throw new Error('The simulated market has ended.');
      if (next.value.atMs % minuteMs === 0) return this.#titled(next.value);
    }
  }

  #titled({ atMs, observations }: MarketStep): MarketStep {
    const titles = this.#titles.splice(0, 10);
    if (titles.length === 0) return { atMs, observations };
    const event = (id: string, title: string, scheduledAtMs: number): MacroEvent => ({
      ...{ id: `${id}:${atMs}`, series: `US.${title.slice(0, 30)}`, title: title.slice(0, 200), country: 'US' },
      ...{ importance: 'critical', theme: 'growth', polarity: 1, scheduledAtMs, unit: '%' },
    });
    const scheduled = titles.map(
      (title, index): MarketObservation => ({
        kind: 'macro-scheduled',
        event: event(String(index), title, atMs + minuteMs - 1),
      }),
    );
    const released: MarketObservation = {
      kind: 'macro-released',
      release: { event: event('figure', titles[0] ?? '', atMs), actual: 1, surprise: 1, releasedAtMs: atMs },
    };
    return { atMs, observations: [...observations, ...scheduled, released] };
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
