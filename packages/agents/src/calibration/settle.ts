import type { OpinionScore, UnscoredOpinion, UnscoredReason } from '@perpdesk/core';
import { brierOf, forecastOf, moveBetween, moveNamedBy } from './brier.ts';
import type { PendingScore } from './pending-score.ts';

/** How a view came out: scored, or why it can not be. */
export type Settled =
  | { readonly outcome: 'scored'; readonly score: OpinionScore }
  | { readonly outcome: 'unscored'; readonly view: UnscoredOpinion };

/** Scores a view whose horizon has passed by the closes it began and ended with: a pure function. */
export function settle(
  pending: PendingScore,
  prices: { readonly entry: number | undefined; readonly exit: number | undefined },
): Settled {
  const { band, direction, confidence, baseRates } = pending;
  const entryPrice = pending.entryPrice ?? prices.entry;
  if (band === undefined) return unscored(pending, 'insufficient-history');
  if (entryPrice === undefined) return unscored(pending, 'no-entry-price');
  if (prices.exit === undefined) return unscored(pending, 'no-exit-price');
  const move = moveBetween(entryPrice, prices.exit, band);
  return {
    outcome: 'scored',
    score: {
      ...viewOf(pending),
      entryPrice,
      exitPrice: prices.exit,
      band,
      baseRates,
      move,
      hit: move === moveNamedBy(direction),
      brier: brierOf(forecastOf(direction, confidence, baseRates), move),
      baseBrier: brierOf(baseRates, move),
    },
  };
}

const unscored = (pending: PendingScore, reason: UnscoredReason): Settled => ({
  outcome: 'unscored',
  view: { ...viewOf(pending), reason },
});

/** What is told of a view. Written out: it is made for every score, and taking an object apart costs more. */
function viewOf(pending: PendingScore): Omit<UnscoredOpinion, 'reason'> {
  return {
    id: pending.id,
    word: pending.word,
    subjectId: pending.subjectId,
    agent: pending.agent,
    market: pending.market,
    instrumentId: pending.instrumentId,
    timeframe: pending.timeframe,
    bars: pending.bars,
    source: pending.source,
    ...(pending.regime === undefined ? {} : { regime: pending.regime }),
    direction: pending.direction,
    confidence: pending.confidence,
    atMs: pending.atMs,
    dueAtMs: pending.dueAtMs,
  };
}
