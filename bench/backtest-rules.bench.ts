// The same rules in backtestStrategy and in grademark, ns per candle: a cross of two ready averages, long or flat, filled at the next
// open, trades as objects, equity and drawdown. Ours has fees, slippage and liquidation besides, and equity at every bar; grademark
// has its equity trade by trade. Alone in this process, as a script of its own: see bench/backtest.bench.ts for what a second strategy
// costs. Each runs many times in a row, because grademark's garbage would otherwise be paid for by what runs after it; and as ours
// is timed in batches that last as long as one of its runs, collections and interruptions meet both medians alike.
// backtest-kit is not compared with: 19.5.0, the one version there is, needs versions of its author's packages that the registry does not
// have (di-kit 1.1.1, di-scoped 1.0.21, functools-kit 5), so that npm refuses to install it (2026-11-26).
// Run: node --conditions=@perpdesk/source bench/backtest-rules.bench.ts
import { sma } from '../packages/data/src/indicators/sma.ts';
import { backtestStrategy } from '../packages/execution/src/backtest/backtest-strategy.ts';
import { medians } from './loops/medians.ts';
import { randomWalk } from './loops/random-walk.ts';
import { grademarkPeer } from './peers/backtest-peers.ts';

const candles = randomWalk(5_000);
const quick = sma(candles.close, { period: 10 });
const calm = sma(candles.close, { period: 30 });

function ours() {
  const { trades, equityEnd, maxDrawdown, openSize } = backtestStrategy({
    candles,
    strategy: ({ index }, account) => {
      // NaN, before both are known, is above nothing.
      const isLong = (quick[index] as number) > (calm[index] as number);
      if (isLong !== account.size > 0) account.target(isLong ? 1 : 0);
    },
  });
  return { trades: trades.length + Number(openSize > 0), equityEnd, maxDrawdown };
}

const batch = 25;
function oursInBatch(): void {
  for (let run = 0; run < batch; run += 1) ours();
}

const peer = await grademarkPeer(candles, quick, calm);
if (peer === undefined) {
  console.log('grademark is not installed: npm run bench installs it');
} else {
  const [own, theirs] = [ours().trades, peer().trades];
  // After an exit it rests for a bar, so that a position of one bar's pause is missed now and then.
  if (Math.abs(own - theirs) > 0.05 * own) throw new Error(`The trades differ: ${own} against ${theirs}`);
  const rows = medians({ batch: oursInBatch, grademark: peer }, { candles: candles.length, seconds: 8, inARow: 20 });
  const perCandle = { backtestStrategy: rows.batch / batch, grademark: rows.grademark };
  const ratio = perCandle.grademark / perCandle.backtestStrategy;
  console.log(`${candles.length.toLocaleString('en')} candles, ${own} and ${theirs} trades`);
  for (const [name, ns] of Object.entries(perCandle))
    console.log(`${name.padEnd(20)}${ns.toFixed(1).padStart(9)} ns/candle`);
  console.log(`  goal >= 20x grademark: ${ratio.toFixed(2)} ${ratio >= 20 ? 'holds' : 'DOES NOT HOLD'}`);
  if (ratio < 20) process.exitCode = 1;
}
