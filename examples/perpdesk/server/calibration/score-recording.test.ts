import { type Candle, type OpinionScore, timeframeMs } from '@perpdesk/core';
import { MarketSimulator } from '@perpdesk/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { moveBeforeIn } from './move-before.ts';
import { type RecordedSeries, type ScoredRecording, scoreRecording } from './score-recording.ts';

const minuteMs = timeframeMs('1m');
const dayMs = timeframeMs('1d');
const minutes = 2 * 1_440;

/** Two days of minutes of a made market. */
async function madeMarket(): Promise<RecordedSeries> {
  const source = new MarketSimulator({
    ...{ seed: 'calibration', startAtMs: Date.UTC(2026, 0, 5), backfillDays: 3, minuteDays: 2 },
    ...{ markets: ['BTC-PERP'], venues: ['hyperliquid'] },
  });
  const [instrument] = await source.instruments();
  if (instrument === undefined) throw new Error('The simulator lists no instrument.');
  let candles: readonly Candle[] = [];
  for await (const bars of source.history()) if (bars[0]?.timeframe === '1m') candles = bars;
  return { instrument, candles: candles.slice(-minutes), funding: [] };
}

const key = ({ id, move, brier, baseRates }: OpinionScore): unknown => [id, move, brier, baseRates];

describe('scoreRecording', () => {
  let market: RecordedSeries;
  let whole: ScoredRecording;
  beforeAll(async () => {
    market = await madeMarket();
    whole = await scoreRecording([market], { base: '1m' });
  });

  it('default: every opinion is scored at both horizons, but for those whose horizon the recording does not reach', () => {
    const { scores, opinions, unscored, fromMs, toMs, drifts } = whole;
    expect(toMs - fromMs).toBe((minutes - 1) * minuteMs);
    expect(opinions.vanta).toBeGreaterThan(50);
    for (const [agent, timeframe] of [
      ['vanta', '15m'],
      ['luma', '5m'],
      ['meridian', '1h'],
    ] as const)
      for (const bars of [1, 4]) {
        const beyond = bars;
        const mine = scores.filter((score) => score.agent === agent && score.bars === bars);
        const missed = unscored[`${agent}: insufficient-history`] ?? 0;
        expect(mine.length + missed / 2).toBe((opinions[agent] ?? 0) - beyond);
        expect(mine.every((score) => score.timeframe === timeframe)).toBe(true);
      }
    expect(drifts).toEqual([]);
  });

  it('behavior: prices are those of the candles, and the move that of the prices', () => {
    const closes = new Map(market.candles.map(({ openAtMs, close }) => [openAtMs + minuteMs, close]));
    for (const { atMs, dueAtMs, entryPrice, exitPrice, band, move } of whole.scores) {
      expect([entryPrice, exitPrice]).toEqual([closes.get(atMs), closes.get(dueAtMs)]);
      const change = exitPrice / entryPrice - 1;
      expect(move).toBe(change > band ? 'up' : change < -band ? 'down' : 'flat');
    }
  });

  it('behavior: what comes later changes nothing that was said, scored or known before', async () => {
    const cutMs = (market.candles[0]?.openAtMs ?? 0) + 1.5 * dayMs;
    const other = market.candles.map((candle) =>
      candle.openAtMs < cutMs
        ? candle
        : { ...candle, open: candle.open * 2, high: candle.high * 2, low: candle.low * 2, close: candle.close * 2 },
    );
    const changed = await scoreRecording([{ ...market, candles: other }], { base: '1m' });
    const early = ({ scores }: ScoredRecording) => scores.filter(({ dueAtMs }) => dueAtMs <= cutMs).map(key);
    expect(early(changed)).toEqual(early(whole));
    expect(early(whole).length).toBeGreaterThan(500);
  });

  it('behavior: an hour that is missing leaves unscored what ended in it', async () => {
    const holeMs = (market.candles[0]?.openAtMs ?? 0) + 1.5 * dayMs;
    const candles = market.candles.filter(
      ({ openAtMs }) => openAtMs < holeMs || openAtMs >= holeMs + timeframeMs('1h'),
    );
    const { scores, unscored } = await scoreRecording([{ ...market, candles }], { base: '1m' });
    const inHole = ({ dueAtMs }: OpinionScore): boolean => dueAtMs > holeMs && dueAtMs <= holeMs + timeframeMs('1h');
    expect(scores.filter(inHole)).toEqual([]);
    expect(unscored['vanta: no-exit-price']).toBe(1 + 4);
    expect(unscored['luma: no-exit-price']).toBe(1 + 4);
  });

  it('behavior: the move before is told by the same band, where it is known', () => {
    const before = moveBeforeIn([market], '1m');
    const closes = new Map(market.candles.map(({ openAtMs, close }) => [openAtMs + minuteMs, close]));
    const told = whole.scores.map((score) => [score, before(score)] as const);
    for (const [{ atMs, dueAtMs, entryPrice, band }, move] of told) {
      const earlier = closes.get(atMs - (dueAtMs - atMs));
      const change = earlier === undefined ? undefined : entryPrice / earlier - 1;
      expect(move).toBe(change === undefined ? undefined : change > band ? 'up' : change < -band ? 'down' : 'flat');
    }
    expect(new Set(told.map(([, move]) => move)).size).toBeGreaterThanOrEqual(3);
  });
});
