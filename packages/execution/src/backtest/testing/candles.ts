import { type CandleColumns, type Random, timeframeMs } from '@perpdesk/core';

/** A bar for tests: open, high, low, close. */
export type Bar = readonly [open: number, high: number, low: number, close: number];

/** One-minute bars from midnight on, 2026-01-01. */
export function candlesOf(bars: readonly Bar[], startMs = Date.UTC(2026, 0, 1)): CandleColumns {
  const column = (of: (bar: Bar, index: number) => number): Float64Array => Float64Array.from(bars, of);
  return {
    length: bars.length,
    openAtMs: column((_, index) => startMs + index * timeframeMs('1m')),
    open: column(([open]) => open),
    high: column(([, high]) => high),
    low: column(([, , low]) => low),
    close: column(([, , , close]) => close),
    volume: column(() => 1),
  };
}

/** A random walk with gaps between bars; `wildness` is the size of a step as a fraction of the price. */
export function walk(length: number, random: Random, wildness = 0.02): CandleColumns {
  let price = 100;
  const step = (): number => {
    price *= 1 + (random.next() - 0.5) * 2 * wildness;
    return price;
  };
  return candlesOf(
    Array.from({ length }, (): Bar => {
      const [open, close] = [step(), step()];
      const reach = 1 + random.next() * wildness;
      return [open, Math.max(open, close) * reach, Math.min(open, close) / reach, close];
    }),
  );
}
