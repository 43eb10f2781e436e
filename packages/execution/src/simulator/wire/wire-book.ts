import { Decimal, type Price, plus, type Size, toPrice, zeroSize } from '@perpdesk/core';
import { wireDecimal } from './wire-decimal.ts';

/** A level of an engine's book. */
interface Level {
  readonly price: Price;
  readonly size: Size;
  readonly count: number;
}

/** How a request wants levels put together: to 2..5 significant figures, and steps of 1, 2 or 5 of the last of 5. */
export interface BookGrouping {
  readonly figures?: number;
  readonly mantissa?: number;
}

/** The venue shows at most as many levels a side. */
const shownLevels = 20;

/** One side of a book as the venue shows it, best first; bids are grouped down, asks up. */
export function wireLevels(
  levels: readonly Level[],
  side: 'bid' | 'ask',
  grouping: BookGrouping = {},
): readonly { px: string; sz: string; n: number }[] {
  const grouped =
    grouping.figures === undefined ? levels : group(levels, side, grouping.figures, grouping.mantissa ?? 1);
  return grouped.slice(0, shownLevels).map(wireLevel);
}

/** A level as the venue shows it. */
export const wireLevel = (level: Level): { px: string; sz: string; n: number } => ({
  px: wireDecimal(level.price),
  sz: wireDecimal(level.size),
  n: level.count,
});

function group(levels: readonly Level[], side: 'bid' | 'ask', figures: number, mantissa: number): Level[] {
  const groups = new Map<string, { price: Price; size: Size; count: number }>();
  for (const level of levels) {
    const exact = new Decimal(level.price);
    const step = new Decimal(10).pow(exact.e - figures + 1).times(figures === 5 ? mantissa : 1);
    const price = toPrice(exact.toNearest(step, side === 'bid' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL));
    const known = groups.get(price) ?? { price, size: zeroSize, count: 0 };
    groups.set(price, { price, size: plus(known.size, level.size), count: known.count + level.count });
  }
  return [...groups.values()];
}
