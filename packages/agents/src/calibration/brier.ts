import type { Direction, MarketMove, MoveProbabilities } from '@perpdesk/core';

const named: Readonly<Record<Direction, MarketMove>> = { long: 'up', neutral: 'flat', short: 'down' };

const moves = ['up', 'flat', 'down'] as const satisfies readonly MarketMove[];

/** The move that a direction names. */
export const moveNamedBy = (direction: Direction): MarketMove => named[direction];

/** What a market did, from entry to exit: a move beyond `band` (a fraction of the entry price) either way, or none. */
export function moveBetween(entryPrice: number, exitPrice: number, band: number): MarketMove {
  const change = exitPrice / entryPrice - 1;
  if (change > band) return 'up';
  return change < -band ? 'down' : 'flat';
}

/**
 * The probabilities that a view implies: its confidence for the move it names, and what is left divided between the other two
 * as they were before. Where neither of them ever happened each gets half.
 */
export function forecastOf(direction: Direction, confidence: number, baseRates: MoveProbabilities): MoveProbabilities {
  const move = moveNamedBy(direction);
  let others = 0;
  for (const other of moves) if (other !== move) others += baseRates[other];
  const rest = 1 - confidence;
  const share = (other: MarketMove): number =>
    other === move ? confidence : others > 0 ? rest * (baseRates[other] / others) : rest / 2;
  return { up: share('up'), flat: share('flat'), down: share('down') };
}

/**
 * Half the squared error over all three moves, 0 (certain and right) to 1 (certain and wrong). The score of G. W. Brier,
 * "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950, which sums over all classes
 * and runs to 2. It is strictly proper: who says what is likely scores best.
 */
export function brierOf(forecast: MoveProbabilities, move: MarketMove): number {
  const error = (of: MarketMove): number => (forecast[of] - (of === move ? 1 : 0)) ** 2;
  return Math.min(1, (error('up') + error('flat') + error('down')) / 2);
}
