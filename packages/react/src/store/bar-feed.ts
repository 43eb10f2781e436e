import type { Candle } from '@perpdesk/core';

/** Bars of a series that are kept for who asks late: enough to cover the time that fetching the closed ones takes. */
const keptBars = 10;

/** The newest bars of every series as the stream tells them, handed to charts without a render. */
export class BarFeed {
  readonly #bars = new Map<string, Candle[]>();
  readonly #listeners = new Map<string, Set<(candle: Candle) => void>>();
  readonly #changed = new Map<string, Set<number>>();

  /** Takes the newest states of bars; told at the next flush, each bar once. */
  take(candles: readonly Candle[]): void {
    for (const candle of candles) {
      const series = seriesOf(candle.instrumentId, candle.timeframe);
      const bars = this.#bars.get(series) ?? [];
      const place = bars.findLastIndex((bar) => bar.openAtMs <= candle.openAtMs);
      const replaces = bars[place]?.openAtMs === candle.openAtMs;
      bars.splice(replaces ? place : place + 1, replaces ? 1 : 0, candle);
      this.#bars.set(series, bars.slice(-keptBars));
      if (this.#listeners.has(series)) {
        const changed = this.#changed.get(series) ?? new Set();
        this.#changed.set(series, changed.add(candle.openAtMs));
      }
    }
  }

  /** Tells the listeners of what was taken since the last flush, oldest bar first. */
  flush(): void {
    const changes = [...this.#changed];
    this.#changed.clear();
    for (const [series, changed] of changes) {
      const bars = (this.#bars.get(series) ?? []).filter((bar) => changed.has(bar.openAtMs));
      for (const listener of [...(this.#listeners.get(series) ?? [])]) for (const bar of bars) listener(bar);
    }
  }

  /** Calls back at once with the bars that are known, then with each newer state. */
  watch(instrumentId: string, timeframe: string, listener: (candle: Candle) => void): () => void {
    const series = seriesOf(instrumentId, timeframe);
    const listeners = this.#listeners.get(series) ?? new Set();
    this.#listeners.set(series, listeners.add(listener));
    for (const bar of this.#bars.get(series) ?? []) listener(bar);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(series) === listeners) this.#listeners.delete(series);
    };
  }

  /** Forgets the bars: of another run, or with holes. */
  clear(): void {
    this.#bars.clear();
    this.#changed.clear();
  }
}

const seriesOf = (instrumentId: string, timeframe: string): string => `${instrumentId}:${timeframe}`;
