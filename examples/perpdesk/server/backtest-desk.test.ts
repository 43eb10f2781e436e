import { minus, plus } from '@perpdesk/core';
import { deskReport, renderBacktestReport, runBacktest } from '@perpdesk/execution/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtestDesk } from './backtest-desk.ts';
import { Workplace } from './testing/product.ts';
import { writeRecording } from './testing/recording.ts';
import { replay } from './testing/replay.ts';

const place = new Workplace();
let recording = '';
let toMs = 0;
beforeAll(async () => {
  const { directory, minutes } = await writeRecording(place.file('recording'), {
    seed: 'c',
    markets: ['BTC'],
    days: 1,
  });
  recording = directory;
  toMs = (minutes.get('BTC')?.[0]?.openAtMs ?? 0) + 8 * 3_600_000;
});
afterAll(() => place[Symbol.asyncDispose]());

describe('the backtest of the whole desk', () => {
  it('default: repeats to the byte, adds up, and is what a replay of the product does', {
    timeout: 60_000,
  }, async () => {
    const backtest = () => runBacktest({ createServices: backtestDesk({ recording }), toMs });
    const [first, second, replayed] = await Promise.all([
      backtest(),
      backtest(),
      replay(place, 'recording', ['--to', new Date(toMs).toISOString()]),
    ]);
    expect(second).toEqual(first);
    const { equityStart, pnl, fees, funding, equityEnd } = first;
    expect(plus(minus(plus(equityStart, pnl), fees), funding)).toBe(equityEnd);
    expect(first.counts['round.concluded']).toBe(32);
    expect(first.fills.length).toBeGreaterThan(1);

    const { report } = replayed;
    expect({ equityStart, equityEnd, pnl, fees, funding }).toEqual({
      equityStart: report.equityStart,
      equityEnd: report.equityEnd,
      pnl: report.pnl,
      fees: report.fees,
      funding: report.funding,
    });
    expect(first.rejections).toEqual(report.rejections);
    expect([first.recommendations.length, first.fills.length, first.trades.length]).toEqual([
      report.recommendations,
      report.fills,
      report.positionsClosed,
    ]);

    const page = renderBacktestReport(deskReport(first, { name: 'One recorded morning' }));
    expect(page).toContain(first.digest);
  });
});
