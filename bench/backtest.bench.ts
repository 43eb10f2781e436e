// Backtests of a cross of two moving averages (10 and 30), long and short, filled at the next open: ns per candle against an
// event-driven loop and a vectorised loop written by hand for nothing else, and against indicatorts. Ratios of medians of one run,
// interleaved. Against a library that runs rules: bench/backtest-rules.bench.ts. The desk's own backtest, agents and all: examples/perpdesk/server/backtest-desk.ts.
// Run: node --conditions=@perpdesk/source bench/backtest.bench.ts
import { sma } from '../packages/data/src/indicators/sma.ts';
import { backtestStrategy } from '../packages/execution/src/backtest/backtest-strategy.ts';
import { targetBacktester } from '../packages/execution/src/backtest/target-backtester.ts';
import { type Bars, crossByHand, eventLoop, type LoopResult, vectorLoop } from './loops/backtest-loops.ts';
import { medians } from './loops/medians.ts';
import { randomWalk } from './loops/random-walk.ts';
import { indicatortsPeer } from './peers/backtest-peers.ts';

const fast = 10;
const slow = 30;

/** The loops know no limit of leverage and no liquidation; here neither comes to bear. */
const costs = { maxLeverage: 10, maintenanceMarginRate: 0, takerFeeRate: 0.00045, slippageRate: 0.0001 };

function ours(candles: Bars) {
  // In an object: numbers that a closure changes would be allocated anew at every change.
  const sums = { fast: 0.5, slow: 0.5, side: 0 };
  sums.fast = 0;
  sums.slow = 0;
  return backtestStrategy({
    candles,
    costs,
    strategy: (market, account) => {
      const { index } = market;
      const price = market.close();
      sums.fast += price;
      sums.slow += price;
      if (index >= fast) sums.fast -= market.close(fast);
      if (index < slow - 1) return;
      if (index >= slow) sums.slow -= market.close(slow);
      const next = sums.fast / fast > sums.slow / slow ? 1 : -1;
      if (next === sums.side) return;
      sums.side = next;
      account.target(next);
    },
  });
}

/** The same from columns: what a user of an indicator library writes. */
const oursByColumns = (candles: Bars) =>
  backtestStrategy({
    candles,
    costs,
    columns: {
      fast: ({ close }) => sma(close, { period: fast }),
      slow: ({ close }) => sma(close, { period: slow }),
    },
    strategy: ({ columns, index }, account) => {
      if (index < slow - 1) return;
      const next = columns.fast() > columns.slow() ? 1 : -1;
      if (next !== Math.sign(account.size)) account.target(next);
    },
  });

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1e-6, Math.abs(b));
const held: boolean[] = [];
function goal(text: string, figure: number, holds: boolean): void {
  held.push(holds);
  console.log(`  goal ${text}: ${figure.toFixed(2)} ${holds ? 'holds' : 'DOES NOT HOLD'}`);
}

function print(rows: Readonly<Record<string, number | undefined>>, base: number): void {
  for (const [name, ns] of Object.entries(rows)) {
    if (ns === undefined) continue;
    const rate = `${(1000 / ns).toFixed(2)} M/s`;
    console.log(
      `${name.padEnd(46)}${ns.toFixed(1).padStart(9)}${rate.padStart(13)}${(ns / base).toFixed(2).padStart(9)}`,
    );
  }
}

function checkSame(run: ReturnType<typeof ours>, byHand: LoopResult): void {
  const isSame =
    near(run.equityEnd, byHand.equity) &&
    near(run.maxDrawdown, byHand.maxDrawdown) &&
    run.trades.length === byHand.trades;
  if (!isSame)
    throw new Error(`The results differ: ${run.equityEnd} of ${run.trades.length}, by hand ${byHand.equity}`);
}

const head = `${'backtest'.padEnd(46)}${'ns/candle'.padStart(9)}${'candles'.padStart(13)}${'x loop'.padStart(9)}`;
// One strategy in the process, as in a script of its own; then a second one, with which a call is no longer inlined.
for (const [name, run, lengths] of [
  ['backtestStrategy', ours, [20_000, 200_000]],
  ['… a second strategy, averages as columns', oursByColumns, [20_000]],
] as const) {
  for (const length of lengths) {
    const bars = randomWalk(length);
    const byHand = eventLoop(bars, new Float64Array(length), crossByHand(bars.close, fast, slow));
    checkSame(run(bars), byHand);
    const peers = await indicatortsPeer(bars, fast, slow);
    const rows = medians(
      {
        'by hand, event by event': () => eventLoop(bars, new Float64Array(length), crossByHand(bars.close, fast, slow)),
        [name]: () => run(bars),
        ...peers,
      },
      { candles: length, seconds: length > 100_000 ? 8 : 5 },
    );
    console.log(
      `\n${length.toLocaleString('en')} candles, ${byHand.trades.toLocaleString('en')} trades, the same results\n${head}`,
    );
    const limit = rows['by hand, event by event'] as number;
    print(rows, limit);
    const own = rows[name] as number;
    if (run === ours) goal('<= 2x the loop by hand', own / limit, own / limit <= 2);
    goal('never below 1 M candles/s', 1000 / own, 1000 / own >= 1);
    const { indicatorts } = rows;
    if (indicatorts !== undefined && run === ours)
      goal('faster than indicatorts, which has no fills or fees', indicatorts / own, indicatorts > own);
  }
}

{
  const length = 100_000;
  const bars = randomWalk(length);
  const run = targetBacktester({ candles: bars, costs });
  const fasts = [5, 8, 10, 12, 15];
  const slows = [20, 30, 40, 60, 90, 120];
  const count = fasts.length * slows.length;
  const targets = new Int8Array(length);
  /** All combinations: each average once, then a column of targets a combination. */
  const sweep = (): number => {
    const averages = new Map([...fasts, ...slows].map((period) => [period, sma(bars.close, { period })]));
    let sum = 0;
    for (const f of fasts)
      for (const s of slows) {
        const quick = averages.get(f) as Float64Array;
        const calm = averages.get(s) as Float64Array;
        targets.fill(0, 0, s - 1);
        for (let i = s - 1; i < length; i += 1) targets[i] = 2 * Number((quick[i] as number) > (calm[i] as number)) - 1;
        sum += run(targets).equityEnd;
      }
    return sum;
  };
  const byHand = (): number => {
    let sum = 0;
    for (const f of fasts) for (const s of slows) sum += vectorLoop(bars, f, s).equity;
    return sum;
  };
  if (!near(sweep(), byHand())) throw new Error(`The sweeps differ: ${sweep()} against ${byHand()}`);
  const rows = medians(
    { 'by hand, vectorised': byHand, targetBacktester: sweep },
    { candles: length * count, seconds: 8 },
  );
  console.log(`\n${count} combinations over ${length.toLocaleString('en')} candles, ns per candle of a column`);
  const limit = rows['by hand, vectorised'];
  print(rows, limit);
  goal('sweep <= 2x the vectorised loop a column', rows.targetBacktester / limit, rows.targetBacktester / limit <= 2);
}
if (held.includes(false)) process.exitCode = 1;
