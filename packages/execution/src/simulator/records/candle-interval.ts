/** The candle intervals of the wire protocol. */
export const candleIntervals = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const;
export type CandleInterval = (typeof candleIntervals)[number];

const minuteMs = 60_000;
const dayMs = 86_400_000;
const lengthsMs: Readonly<Record<Exclude<CandleInterval, '1M'>, number>> = {
  '1m': minuteMs,
  '3m': 3 * minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': 60 * minuteMs,
  '2h': 120 * minuteMs,
  '4h': 240 * minuteMs,
  '8h': 480 * minuteMs,
  '12h': 720 * minuteMs,
  '1d': dayMs,
  '3d': 3 * dayMs,
  '1w': 7 * dayMs,
};
/** The epoch began on a Thursday: weeks begin on the Monday four days on. */
const firstMondayMs = 4 * dayMs;

/** Reads an interval; undefined when there is no such one. */
export const candleInterval = (text: unknown): CandleInterval | undefined =>
  candleIntervals.find((interval) => interval === text);

/** The instant the candle that holds `atMs` opens. UTC; weeks begin on Monday, months on the first. */
export function opensAtMs(interval: CandleInterval, atMs: number): number {
  if (interval === '1M') {
    const day = new Date(atMs);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth());
  }
  const offset = interval === '1w' ? firstMondayMs : 0;
  const length = lengthsMs[interval];
  return Math.floor((atMs - offset) / length) * length + offset;
}

/** The last millisecond of the candle that opens at `openMs`. */
export function closesAtMs(interval: CandleInterval, openMs: number): number {
  if (interval !== '1M') return openMs + lengthsMs[interval] - 1;
  const day = new Date(openMs);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1) - 1;
}
