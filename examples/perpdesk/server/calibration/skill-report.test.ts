import { brierOf, forecastOf, moveNamedBy } from '@perpdesk/agents';
import { type Direction, type MarketMove, type OpinionScore, SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { renderSkill } from './render-skill.ts';
import { reportSkill } from './skill-report.ts';

const barMs = 900_000;
const thirds = { up: 1 / 3, flat: 1 / 3, down: 1 / 3 };
const moves = ['up', 'flat', 'down'] as const;

function scoreAt(
  index: number,
  view: { direction: Direction; confidence: number; move: MarketMove; regime?: 'quiet' },
): OpinionScore {
  const atMs = index * barMs;
  const { direction, confidence, move } = view;
  return {
    ...{ id: `score:${index}`, word: 'opinion', subjectId: `${index}`, agent: 'vanta', market: 'BTC-PERP' },
    ...{
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe: '15m',
      bars: 1,
      source: 'rules',
      atMs,
      dueAtMs: atMs + barMs,
    },
    ...{ entryPrice: 1, exitPrice: 1, band: 0.001, baseRates: thirds, hit: move === moveNamedBy(direction) },
    ...{ brier: brierOf(forecastOf(direction, confidence, thirds), move), baseBrier: 1 / 3 },
    ...view,
  };
}

/** Forty days on which each move is as likely, and what is said is right with a chance. */
function scoresWith(chance: number, confidence: number, seed: string): OpinionScore[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: 40 * 96 }, (_, index) => {
    const move = moves[Math.floor(random.next() * 3)] ?? 'up';
    const wrong = move === 'up' ? 'short' : 'long';
    const right = move === 'up' ? 'long' : move === 'down' ? 'short' : 'neutral';
    return scoreAt(index, { direction: random.next() < chance ? right : wrong, confidence, move });
  });
}

const report = (
  scores: readonly OpinionScore[],
  before: (score: OpinionScore) => MarketMove | undefined = () => 'flat',
) => reportSkill(scores, { moveBefore: before, seed: 'test' });

describe('reportSkill', () => {
  it('default: who knows something and says how much beats the base rates', () => {
    const [row] = report(scoresWith(0.6, 0.6, 'knows'));
    expect(row).toMatchObject({ agent: 'vanta', bars: 1, views: 1_920, days: 20 });
    expect(row?.agentItself.hitRate).toBeCloseTo(0.6, 1);
    expect(row?.skill).toBeGreaterThan(0.1);
    expect(row?.recalibratedInterval?.[0]).toBeGreaterThan(0.1);
    expect(row?.alwaysNeutral.hitRate).toBeCloseTo(1 / 3, 1);
    expect(row?.alwaysNeutral.brier).toBe(row?.baseRate.brier);
  });

  it('behavior: who knows nothing but sounds sure is told so, and taken for what it means is worth nothing', () => {
    const random = new SeededRandom('nothing');
    const scores = scoresWith(0, 0.9, 'nothing').map((score, index) =>
      scoreAt(index, { move: score.move, direction: random.next() < 0.5 ? 'long' : 'short', confidence: 0.9 }),
    );
    const [row] = report(scores);
    expect(row?.skill).toBeLessThan(-0.5);
    expect(row?.recalibratedSkill).toBeLessThan(0.01);
    expect(row?.recalibratedInterval?.[0]).toBeLessThan(0);
    expect(row?.rightWay).toBeCloseTo(0.5, 1);
  });

  it('behavior: the second half is judged by the first, of which nothing is judged', () => {
    // Always up in the first half and down in the second: whoever learned is wrong throughout.
    const scores = Array.from({ length: 400 }, (_, index) =>
      scoreAt(index, { direction: 'long', confidence: 0.9, move: index < 200 ? 'up' : 'down' }),
    );
    const [row] = report(scores);
    expect(row).toMatchObject({ views: 200, agentItself: { hitRate: 0 }, baseRate: { hitRate: 0 } });
    // 199 of the first half ended in it; one more of each move is counted.
    const learned = { up: 200 / 202, flat: 1 / 202, down: 1 / 202 };
    expect(row?.baseRate.brier).toBeCloseTo(brierOf(learned, 'down'), 12);
  });

  it('behavior: the last move is followed as far as following it paid', () => {
    const scores = Array.from({ length: 4_000 }, (_, index) =>
      scoreAt(index, { direction: 'neutral', confidence: 0.4, move: index % 2 === 0 ? 'up' : 'down' }),
    );
    const [row] = report(scores, ({ atMs }) => ((atMs / barMs) % 2 === 0 ? 'up' : 'down'));
    expect(row?.lastMove.hitRate).toBe(1);
    expect(row?.lastMove.brier).toBeLessThan(0.001);
    expect(row?.rightWay).toBeUndefined();
  });

  it('behavior: regimes have rows of their own, views whose move before is unknown have none', () => {
    const scores = scoresWith(0.5, 0.5, 'r').map((score, i) => ({
      ...score,
      ...(i % 2 ? { regime: 'quiet' as const } : {}),
    }));
    const rows = report(scores, ({ atMs }) => (atMs < 96 * barMs ? undefined : 'up'));
    expect(rows.map(({ regime, views }) => [regime, views])).toEqual([
      [undefined, 1_872],
      ['quiet', 936],
      ['unknown', 936],
    ]);
  });

  it('behavior: too few views make no row', () => {
    expect(report(scoresWith(0.5, 0.5, 'few').slice(0, 60))).toEqual([]);
    expect(report([])).toEqual([]);
  });
});

describe('renderSkill', () => {
  it('default: a table of Markdown, a line a row', () => {
    const text = renderSkill(report(scoresWith(0.6, 0.6, 'knows')).slice(0, 1)).split('\n');
    expect(text).toHaveLength(3);
    expect(text[0]).toContain('| agent | ahead | regime | views |');
    expect(text[2]).toMatch(/^\| vanta \| 1 × 15m \| all \| 1920 \|.*\(\+\d+\.\d % to \+\d+\.\d %\) \|$/);
    const few = scoresWith(0.6, 0.6, 'knows').slice(0, 30 * 96);
    expect(renderSkill(report(few).slice(0, 1))).toMatch(/% \(15 days\) \|$/);
  });
});
