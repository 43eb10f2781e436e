import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { backtestReportSchema, strategyReport } from './backtest-report.ts';
import { backtestStrategy } from './backtest-strategy.ts';
import { monthlyReturns } from './monthly-returns.ts';
import { renderBacktestReport } from './render-report.ts';
import { shuffleTrades } from './shuffle-trades.ts';
import { walk } from './testing/candles.ts';
import { thinEquity } from './thin-equity.ts';

const backtest = backtestStrategy({
  candles: walk(5000, new SeededRandom('report'), 0.002),
  strategy: (market, account) => account.target(market.close() > market.close(20) ? 1 : -0.5),
  warmUpBars: 20,
});
const shuffled = shuffleTrades({
  netPnls: backtest.trades.map(({ netPnl }) => netPnl),
  equityStart: backtest.equityStart,
  random: new SeededRandom(1),
  runs: 50,
});

describe('a report', () => {
  it('default: JSON that its schema takes, with the figures of the run', () => {
    const report = strategyReport(backtest, { name: 'cross', parameters: { ago: 20 }, shuffled, tradeRows: 3 });
    const read = backtestReportSchema.parse(JSON.parse(JSON.stringify(report)));
    expect(read).toEqual(report);
    expect(Number(read.equityEnd)).toBeCloseTo(backtest.equityEnd, 9);
    expect(read.metrics.trades).toBe(backtest.trades.length);
    expect(read.metrics.worstDrawdown?.fraction).toBeCloseTo(backtest.maxDrawdown, 12);
    expect(read.trades).toHaveLength(3);
    expect(read.trades.at(-1)?.closedAtMs).toBe(backtest.trades.at(-1)?.closedAtMs);
    expect(read.curve.length).toBeLessThanOrEqual(1004);
    expect(Math.max(...read.curve.map(({ drawdown }) => drawdown))).toBeCloseTo(backtest.maxDrawdown, 12);
  });

  it('behavior: the page escapes every text, and needs nothing from outside', () => {
    const hostile = `<script>alert("x")</script>'&`;
    const report = strategyReport(backtest, { name: hostile, parameters: { [hostile]: hostile }, shuffled });
    const [first] = report.trades;
    if (first === undefined) throw new Error('no trade');
    const page = renderBacktestReport({
      ...report,
      months: [{ month: hostile, return: 0 }],
      trades: [{ ...first, reason: hostile, instrumentId: hostile }],
      digest: hostile,
    });
    expect(page).not.toContain('<script');
    expect(page.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;').length - 1).toBe(8);
    expect(page).not.toMatch(/https?:|src=|url\(|@import|NaN|undefined/);
    expect(page).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"));
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).toContain('the last 1 of');
  });

  it('behavior: a run in which nothing happened has a page too', () => {
    const idle = backtestStrategy({ candles: walk(0, new SeededRandom(1)), barMs: 60_000, strategy: () => {} });
    const page = renderBacktestReport(strategyReport(idle, { name: 'idle' }));
    expect(page).toContain('There is nothing to draw.');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('behavior: months in UTC, a point at midnight belongs to the month that ends, empty ones carry on', () => {
    const at = (text: string) => Date.parse(`${text}Z`);
    expect(
      monthlyReturns({
        atMs: [at('2026-01-15T00:00'), at('2026-01-31T23:00'), at('2026-02-01T00:00'), at('2026-04-02T00:00')],
        equity: [100, 105, 110, 99],
      }),
    ).toEqual([
      { month: '2026-01', return: expect.closeTo(0.1, 12) },
      { month: '2026-02', return: 0 },
      { month: '2026-03', return: 0 },
      { month: '2026-04', return: expect.closeTo(-0.1, 12) },
    ]);
    expect(monthlyReturns({ atMs: [], equity: [] })).toEqual([]);
  });

  it('behavior: thinning keeps the extremes', () => {
    const equity = Array.from({ length: 10_000 }, (_, index) => 100 + Math.sin(index / 50));
    equity[5003] = 300;
    equity[7777] = 20;
    const points = thinEquity({ atMs: equity.map((_, index) => index), equity }, 100);
    expect(points.length).toBeLessThanOrEqual(104);
    expect(points.find(({ equity: value }) => value === 300)?.atMs).toBe(5003);
    expect(points.find(({ equity: value }) => value === 20)?.drawdown).toBeCloseTo(280 / 300, 12);
    expect(points.at(-1)?.atMs).toBe(9999);
  });
});
