import { type CandleColumns, ValidationError } from '@perpdesk/core';

/** How many opens are looked at to tell how long a bar lasts. */
const lookedAt = 1000;

/**
 * How long a bar lasts, ms: as said, or the shortest time between two of the first opens.
 * @throws ValidationError `candles.columns`, `candles.bar-length` where it can not be told.
 */
export function barLength(candles: CandleColumns, barMs?: number): number {
  const { length, openAtMs } = candles;
  for (const name of ['openAtMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    if (candles[name].length < length)
      throw new ValidationError('candles.columns', `Column ${name} has ${candles[name].length} of ${length} bars.`);
  }
  let found = barMs ?? Number.POSITIVE_INFINITY;
  if (barMs === undefined)
    for (let i = 1; i < Math.min(length, lookedAt); i += 1) {
      const gapMs = (openAtMs[i] as number) - (openAtMs[i - 1] as number);
      // One that goes back is found, and said, bar by bar.
      if (gapMs > 0) found = Math.min(found, gapMs);
    }
  if (!(found > 0 && found < Number.POSITIVE_INFINITY))
    throw new ValidationError('candles.bar-length', `The length of a bar can not be told from ${length}: give barMs.`);
  return found;
}

/**
 * Whether a bar can be, prices and place in time. For hot loops: whoever finds one that can not calls {@link refuseBar}.
 * Written so that NaN is no price.
 */
export const isPossibleBar = (open: number, high: number, low: number, close: number, sinceMs: number): boolean =>
  low > 0 &&
  open >= low &&
  close >= low &&
  open <= high &&
  close <= high &&
  high < Number.POSITIVE_INFINITY &&
  sinceMs > 0;

/** @throws ValidationError `candles.impossible`, `candles.unordered` */
export function refuseBar({ openAtMs, open, high, low, close }: CandleColumns, bar: number): never {
  const text = `Bar ${bar} opens at ${openAtMs[bar]}`;
  if (bar > 0 && !((openAtMs[bar] as number) > (openAtMs[bar - 1] as number)))
    throw new ValidationError('candles.unordered', `${text}, after one at ${openAtMs[bar - 1]}.`);
  throw new ValidationError(
    'candles.impossible',
    `${text} with open ${open[bar]}, high ${high[bar]}, low ${low[bar]}, close ${close[bar]}.`,
  );
}

/**
 * Looks at all bars.
 * @throws ValidationError as {@link refuseBar}
 */
export function checkCandles(candles: CandleColumns): void {
  const { length, openAtMs, open, high, low, close } = candles;
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i += 1) {
    const atMs = openAtMs[i] as number;
    if (!isPossibleBar(open[i] as number, high[i] as number, low[i] as number, close[i] as number, atMs - beforeMs))
      refuseBar(candles, i);
    beforeMs = atMs;
  }
}
