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
  if (barMs === undefined) {
    const until = Math.min(length, lookedAt);
    for (let i = 1; i < until; i += 1) {
      const gapMs = (openAtMs[i] as number) - (openAtMs[i - 1] as number);
      // One that goes back is found, and said, bar by bar.
      if (gapMs > 0 && gapMs < found) found = gapMs;
    }
  }
  if (!(found > 0 && found < Number.POSITIVE_INFINITY))
    throw new ValidationError('candles.bar-length', `The length of a bar can not be told from ${length}: give barMs.`);
  return found;
}

/**
 * Looks at all bars.
 * @throws ValidationError `candles.impossible`, `candles.unordered`
 */
export function checkCandles(candles: CandleColumns): void {
  const bar = firstImpossibleBar(candles);
  if (bar < candles.length) refuseBar(candles, bar);
}

/** The first bar that can not be, by its prices or its place in time; as many as there are when all can. */
function firstImpossibleBar({ length, openAtMs, open, high, low, close }: CandleColumns): number {
  let beforeMs = Number.NEGATIVE_INFINITY;
  let bar = 0;
  for (; bar < length; bar += 1) {
    const atMs = openAtMs[bar] as number;
    const first = open[bar] as number;
    const top = high[bar] as number;
    const bottom = low[bar] as number;
    const last = close[bar] as number;
    // Written so that NaN is no price.
    const isPossible =
      bottom > 0 &&
      first >= bottom &&
      last >= bottom &&
      first <= top &&
      last <= top &&
      top < Number.POSITIVE_INFINITY &&
      atMs - beforeMs > 0;
    if (!isPossible) break;
    beforeMs = atMs;
  }
  return bar;
}

function refuseBar({ openAtMs, open, high, low, close }: CandleColumns, bar: number): never {
  const text = `Bar ${bar} opens at ${openAtMs[bar]}`;
  if (bar > 0 && !((openAtMs[bar] as number) > (openAtMs[bar - 1] as number)))
    throw new ValidationError('candles.unordered', `${text}, after one at ${openAtMs[bar - 1]}.`);
  throw new ValidationError(
    'candles.impossible',
    `${text} with open ${open[bar]}, high ${high[bar]}, low ${low[bar]}, close ${close[bar]}.`,
  );
}
