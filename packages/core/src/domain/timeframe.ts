import * as z from 'zod';

/** Candle durations, shortest first. */
export const timeframes = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export const timeframeSchema = z.enum(timeframes);
export type Timeframe = z.infer<typeof timeframeSchema>;

const minuteMs = 60_000;
const durations: Record<Timeframe, number> = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '4h': 240 * minuteMs,
  '1d': 1440 * minuteMs,
};

/** The length of a timeframe in milliseconds. Bars are aligned to the epoch, UTC. */
export const timeframeMs = (timeframe: Timeframe): number => durations[timeframe];
/** When the bar that contains `atMs` opens. */
export const barOpenMs = (timeframe: Timeframe, atMs: number): number =>
  Math.floor(atMs / durations[timeframe]) * durations[timeframe];
