import type { Opinion, Round, Turn } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { baseRateKey, viewsOfOpinion, viewsOfTurn } from './pending-score.ts';

const hourMs = 3_600_000;
const opinion: Opinion = {
  id: 'opinion:meridian:BTC-PERP:0',
  agent: 'meridian',
  market: 'BTC-PERP',
  instrumentId: 'BTC-PERP@hyperliquid',
  timeframe: '1h',
  atMs: 10 * hourMs,
  refreshMs: hourMs,
  direction: 'short',
  score: -40,
  confidence: 0.62,
  completeness: 1,
  source: 'rules',
  keyLevels: [],
  evidence: [],
  reasoning: '',
  details: {},
};

describe('viewsOfOpinion', () => {
  it('default: one bar and four bars of its timeframe on, from its own close', () => {
    expect(
      viewsOfOpinion(opinion, 'quiet').map(({ bars, entryAtMs, dueAtMs, series, regime }) => ({
        ...{ bars, entryAtMs, dueAtMs, series, regime },
      })),
    ).toEqual([
      { bars: 1, entryAtMs: 10 * hourMs, dueAtMs: 11 * hourMs, series: '1h', regime: 'quiet' },
      { bars: 4, entryAtMs: 10 * hourMs, dueAtMs: 14 * hourMs, series: '1h', regime: 'quiet' },
    ]);
  });

  it('behavior: beside a model the rules are scored as rules, against the same base rates', () => {
    const views = viewsOfOpinion(
      { ...opinion, source: 'model', ruled: { direction: 'long', score: 30, confidence: 0.56 } },
      undefined,
    );
    expect(
      views.map(({ id, word, source, direction, confidence }) => [id, word, source, direction, confidence]),
    ).toEqual([
      ['score:opinion:meridian:BTC-PERP:0:1', 'opinion', 'model', 'short', 0.62],
      ['score:opinion:meridian:BTC-PERP:0:4', 'opinion', 'model', 'short', 0.62],
      ['score:opinion:meridian:BTC-PERP:0:ruled:1', 'ruled', 'rules', 'long', 0.56],
      ['score:opinion:meridian:BTC-PERP:0:ruled:4', 'ruled', 'rules', 'long', 0.56],
    ]);
    expect(new Set(views.map(baseRateKey)).size).toBe(2);
    expect(views[0]).not.toHaveProperty('regime');
  });

  it('behavior: a view between closes starts from the next close of 5m, never from one before it', () => {
    const [view] = viewsOfOpinion({ ...opinion, atMs: 10 * hourMs + 1 }, undefined);
    expect(view).toMatchObject({ series: '5m', entryAtMs: 10 * hourMs + 300_000, dueAtMs: 11 * hourMs + 300_000 });
  });

  it('behavior: a view of 1m between closes goes by its own bars', () => {
    const [view] = viewsOfOpinion({ ...opinion, timeframe: '1m', atMs: 10 * hourMs + 1 }, undefined);
    expect(view).toMatchObject({ series: '1m', entryAtMs: 10 * hourMs + 60_000, dueAtMs: 10 * hourMs + 120_000 });
  });
});

describe('viewsOfTurn', () => {
  it('default: looks ahead in bars of the round, under a name of its own', () => {
    const round: Round = {
      key: 'BTC-PERP:15m:36000000',
      market: 'BTC-PERP',
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe: '15m',
      closeAtMs: 10 * hourMs,
      mode: 'handoff',
    };
    const turn: Turn = {
      ...{ index: 3, agent: 'meridian', direction: 'long', confidence: 0.5, source: 'model' },
      ...{ keyLevels: [], reasoning: '', evidence: [] },
    };
    expect(viewsOfTurn(round, turn, undefined)[1]).toMatchObject({
      id: 'score:turn:BTC-PERP:15m:36000000:meridian:4',
      word: 'final-turn',
      timeframe: '15m',
      atMs: 10 * hourMs,
      dueAtMs: 11 * hourMs,
      direction: 'long',
      source: 'model',
    });
  });
});
