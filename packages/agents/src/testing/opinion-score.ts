import { instrumentId, type OpinionScore, timeframeMs } from '@perpdesk/core';
import { brierOf, forecastOf, moveNamedBy } from '../calibration/brier.ts';

const thirds = { up: 1 / 3, flat: 1 / 3, down: 1 / 3 };

/** A score of a published opinion at 0: long with 0.6 on BTC, four bars of 15m, which went up. Its numbers fit each other. */
export function exampleScore(change: Partial<OpinionScore> = {}): OpinionScore {
  const { agent = 'vanta', market = 'BTC-PERP', word = 'opinion', atMs = 0, bars = 4, timeframe = '15m' } = change;
  const { direction = 'long', confidence = 0.6, baseRates = thirds, move = 'up' } = change;
  const subjectId =
    change.subjectId ??
    (word === 'final-turn'
      ? `turn:${market}:${timeframe}:${atMs}:${agent}`
      : `opinion:${agent}:${market}:${atMs}${word === 'ruled' ? ':ruled' : ''}`);
  return {
    id: `score:${subjectId}:${bars}`,
    word,
    subjectId,
    agent,
    market,
    instrumentId: instrumentId(market, 'hyperliquid'),
    timeframe,
    bars,
    source: 'rules',
    direction,
    confidence,
    atMs,
    dueAtMs: atMs + bars * timeframeMs(timeframe),
    entryPrice: 100,
    exitPrice: move === 'up' ? 101 : move === 'down' ? 99 : 100,
    band: 0.005,
    baseRates,
    move,
    hit: move === moveNamedBy(direction),
    brier: brierOf(forecastOf(direction, confidence, baseRates), move),
    baseBrier: brierOf(baseRates, move),
    ...change,
  };
}
