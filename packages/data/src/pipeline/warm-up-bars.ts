import { type Timeframe, timeframeMs } from '@perpdesk/core';
import { IndicatorSets } from './indicator-sets.ts';
import type { IndicatorSpec } from './indicator-spec.ts';

const dayMs = 86_400_000;

/** Beyond this no indicator is waited for: what has no value by then has none at all times (a fractal, a turn of a zig-zag). */
const longest = 3_000;

/**
 * How many bars a series of these indicators is warmed up with, at least: ten times as many as the slowest needs for its first
 * values, after which an exponential average has forgotten where it began to 2e-8 (e^−18); never fewer than 500; and two days,
 * for what begins with the day or looks at the day before. A custom indicator is not asked.
 */
export function warmUpBars(indicators: readonly IndicatorSpec[], timeframe: Timeframe): number {
  const lengthMs = timeframeMs(timeframe);
  return Math.max(500, 10 * barsToFirstValues(indicators, lengthMs), Math.ceil((2 * dayMs) / lengthMs));
}

/** Runs the indicators over bars of a slow wave until all have values. */
function barsToFirstValues(indicators: readonly IndicatorSpec[], lengthMs: number): number {
  const sets = new IndicatorSets(indicators.filter(({ kind }) => kind !== 'custom'));
  const set = sets.add();
  const waiting = new Set(sets.names.keys());
  let latest = 0;
  for (let bar = 0; bar < longest && waiting.size > 0; bar += 1) {
    const close = 100 + 10 * Math.sin(bar / 7);
    const open = 100 + 10 * Math.sin((bar - 1) / 7);
    const candle = { open, high: Math.max(open, close) + 1, low: Math.min(open, close) - 1, close, volume: 10 };
    const instrumentId = 'WARM-UP@none' as const;
    sets.update(set, { instrumentId, timeframe: '1m', openAtMs: bar * lengthMs, ...candle });
    for (const index of waiting) {
      if (Number.isNaN(sets.value(set, index))) continue;
      waiting.delete(index);
      latest = bar + 1;
    }
  }
  return latest;
}
