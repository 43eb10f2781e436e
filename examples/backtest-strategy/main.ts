// A strategy of your own on ninety days of bars: swept over threads, judged walk-forward, written up. No key, no network.
import { writeFileSync } from 'node:fs';
import { type Candle, type CandleColumns, SeededRandom } from '@perpdesk/core';
import { MarketSimulator } from '@perpdesk/data';
import * as backtests from '@perpdesk/execution/backtest';
import { cross } from './cross.ts';

// Bars of a simulated market: put recorded ones in their place.
const source = new MarketSimulator({ seed: 'study', markets: ['SOL-PERP'], venues: ['hyperliquid'], backfillDays: 90 });
const bars: Candle[] = [];
for await (const series of source.history()) if (series[0]?.timeframe === '15m') bars.push(...series);
const column = (name: 'openAtMs' | 'open' | 'high' | 'low' | 'close' | 'volume') =>
  Float64Array.from(bars, (bar) => bar[name]);
const [openAtMs, open, high] = [column('openAtMs'), column('open'), column('high')];
const [low, close, volume] = [column('low'), column('close'), column('volume')];
const candles: CandleColumns = { length: bars.length, openAtMs, open, high, low, close, volume };

// Every combination, in threads that share the columns.
const grid = { fast: [5, 10, 20], slow: [40, 80, 160] };
const module = new URL('cross.ts', import.meta.url);
const rows = await backtests.sweep<number>({ module, grid, data: backtests.shareColumns({ ...candles }), workers: 2 });
const ends = rows.flatMap((row) => ('result' in row ? [row.result] : []));
console.log(`${ends.length} combinations over ${bars.length} bars, best ${Math.max(...ends).toFixed(2)}`);

// The best of the past looks good because it was looked for: judged is on bars that the choice knew nothing of.
const splits = backtests.walkForwardSplits({ bars: bars.length, trainBars: 2880, testBars: 960 });
const folds = backtests.walkForward({
  splits,
  candidates: backtests.parameterSets(grid),
  score: (parameters, { from, to }) => cross(backtests.sliceCandles(candles, from, to), parameters).equityEnd,
  run: (parameters, { from, to }) => cross(backtests.sliceCandles(candles, from - 480, to), parameters, 480),
});
const [seen, unseen] = [folds.map((fold) => fold.trainScore), folds.map((fold) => fold.result.equityEnd)];
const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length;
console.log(`${folds.length} folds: ${mean(seen).toFixed(2)} where chosen, ${mean(unseen).toFixed(2)} where judged`);

const parameters = { fast: 10, slow: 80 };
const whole = cross(candles, parameters);
const netPnls = whole.trades.map((trade) => trade.netPnl);
const shuffled = backtests.shuffleTrades({
  netPnls,
  equityStart: whole.equityStart,
  random: new SeededRandom('order'),
});
const report = backtests.strategyReport(whole, { name: 'Cross of two averages', parameters, shuffled });
const percent = (share = Number.NaN) => `${(share * 100).toFixed(1)} %`;
console.log(`${report.metrics.trades} trades, drawdown ${percent(report.metrics.worstDrawdown?.fraction)}`);
console.log(`in 19 of 20 orders of them no deeper than ${percent(shuffled.maxDrawdown.at(-1)?.value)}`);
const [page] = process.argv.slice(2);
if (page !== undefined) writeFileSync(page, backtests.renderBacktestReport(report));
