import type { PredictionContract, PredictionQuote } from '../domain/prediction-market.ts';
import { predictionHorizonsMs } from '../ports/prediction-history.ts';

/**
 * The YES mid at each horizon before a contract's closing, from its quotes, oldest first. A quote stands for a horizon where it was
 * made in the quarter of the horizon before it, with orders on both sides.
 */
export function midsBeforeClosing(
  { closesAtMs }: Pick<PredictionContract, 'closesAtMs'>,
  quotes: readonly PredictionQuote[],
): ReadonlyMap<number, number> {
  const mids = new Map<number, number>();
  for (const horizonMs of predictionHorizonsMs) {
    const atMs = closesAtMs - horizonMs;
    const quote = quotes.findLast(
      ({ bid, ask, exchangeAtMs }) =>
        exchangeAtMs <= atMs && exchangeAtMs >= atMs - horizonMs / 4 && bid > 0 && ask < 1,
    );
    if (quote !== undefined) mids.set(horizonMs, (quote.bid + quote.ask) / 2);
  }
  return mids;
}
