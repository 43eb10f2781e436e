import type { Direction } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { PendingScore } from './pending-score.ts';
import { settle } from './settle.ts';

const waiting: PendingScore = {
  id: 'score:opinion:vanta:BTC-PERP:900000:1',
  word: 'opinion',
  subjectId: 'opinion:vanta:BTC-PERP:900000',
  agent: 'vanta',
  market: 'BTC-PERP',
  instrumentId: 'BTC-PERP@hyperliquid',
  timeframe: '15m',
  bars: 1,
  source: 'rules',
  regime: 'quiet',
  direction: 'long',
  confidence: 0.6,
  atMs: 900_000,
  dueAtMs: 1_800_000,
  series: '15m',
  entryAtMs: 900_000,
  baseRates: { up: 0.25, flat: 0.5, down: 0.25 },
  band: 0.01,
  entryPrice: 100,
  traceId: 'trace',
  causationId: 'event',
};

describe('settle', () => {
  it('default: the view, its prices, what it named and what came, and both scores', () => {
    const settled = settle(waiting, { entry: undefined, exit: 102 });
    const { series: _, entryAtMs: __, traceId: ___, causationId: ____, ...view } = waiting;
    expect(settled).toEqual({
      outcome: 'scored',
      score: {
        ...view,
        exitPrice: 102,
        move: 'up',
        hit: true,
        // Long 0.6: up 0.6, flat 0.4 · 2/3, down 0.4 / 3.
        brier: expect.closeTo((0.4 ** 2 + (0.8 / 3) ** 2 + (0.4 / 3) ** 2) / 2, 12),
        baseBrier: expect.closeTo((0.75 ** 2 + 0.5 ** 2 + 0.25 ** 2) / 2, 12),
      },
    });
  });

  it.each<[Direction, number, boolean]>([
    ['long', 101.01, true],
    ['long', 100.99, false],
    ['long', 98, false],
    ['short', 98.99, true],
    ['short', 99.01, false],
    ['short', 102, false],
    ['neutral', 100.99, true],
    ['neutral', 99.01, true],
    ['neutral', 101.01, false],
    ['neutral', 98.99, false],
  ])('default: %s to %d hits: %s', (direction, exit, hit) => {
    expect(settle({ ...waiting, direction }, { entry: undefined, exit })).toMatchObject({ score: { hit } });
  });

  it('behavior: what it started from is read later where it had not closed', () => {
    const { entryPrice: _, ...later } = waiting;
    expect(settle(later, { entry: 200, exit: 200 })).toMatchObject({ score: { entryPrice: 200, move: 'flat' } });
  });

  it('error: what is missing is told, and nothing is guessed', () => {
    const { entryPrice: _, ...noEntry } = waiting;
    const { band: __, ...noBand } = waiting;
    expect(settle(noEntry, { entry: undefined, exit: 100 })).toMatchObject({
      outcome: 'unscored',
      view: { reason: 'no-entry-price', agent: 'vanta', confidence: 0.6 },
    });
    expect(settle(waiting, { entry: 100, exit: undefined })).toMatchObject({ view: { reason: 'no-exit-price' } });
    expect(settle(noBand, { entry: 100, exit: 100 })).toMatchObject({ view: { reason: 'insufficient-history' } });
  });
});
