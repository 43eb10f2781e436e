import { faultNames } from '../packages/data/src/testing/venue-server/fault-injector.ts';
import { runStreamFaults, type StreamFaultCase } from '../packages/data/src/testing/venue-server/stream-faults.ts';

// A stream through faults, over real sockets and through the real ccxt: `pnpm campaign stream-faults`, with `CASES` and `SEED`
// from the environment (1,000 and 1). Then it is run with a part of the feed switched off, which it has to notice.

const cases = Number(process.env.CASES ?? 1000);
const seed = Number(process.env.SEED ?? 1);
const together = Number(process.env.TOGETHER ?? 6);

const total = (outcomes: readonly StreamFaultCase[], pick: (outcome: StreamFaultCase) => number): number =>
  outcomes.reduce((sum, outcome) => sum + pick(outcome), 0);

function print(title: string, outcomes: readonly StreamFaultCase[]): number {
  const failed = outcomes.filter(({ failures }) => failures.length > 0);
  console.log(`\n${title}: ${outcomes.length} cases, ${failed.length} in which something did not hold`);
  const sum = (name: string): number => total(outcomes, ({ faults }) => faults[name] ?? 0);
  const rows = {
    ...Object.fromEntries(faultNames.map((name) => [name, sum(name)])),
    ...Object.fromEntries(
      ['http 429', 'http 503', 'http hang-up', 'sockets', 'requests'].map((name) => [name, sum(name)]),
    ),
    trades: total(outcomes, ({ told }) => told.trades),
    'book deltas': total(outcomes, ({ told }) => told.deltas),
    'whole books': total(outcomes, ({ told }) => told.books),
    'bars closed': total(outcomes, ({ told }) => told.bars),
    'gaps told': total(outcomes, ({ gaps }) => gaps.told),
    'gaps left open': total(outcomes, ({ gaps }) => gaps.unfilled),
  };
  for (const [name, count] of Object.entries(rows)) console.log(`  ${name.padEnd(16)}${String(count).padStart(10)}`);
  const reasons = Map.groupBy(
    failed.flatMap(({ seed: at, failures }) => failures.map((failure) => ({ at, failure }))),
    ({ failure }) => failure,
  );
  for (const [failure, at] of reasons) {
    console.log(
      `  ✗ ${failure}: ${at.length} cases, seeds ${at
        .slice(0, 8)
        .map((one) => one.at)
        .join(' ')}`,
    );
  }
  return failed.length;
}

const progress = (title: string) => {
  let done = 0;
  return (outcome: StreamFaultCase): void => {
    done += 1;
    if (outcome.failures.length > 0) console.log(`${title}, seed ${outcome.seed}: ${outcome.failures.join('; ')}`);
    if (done % 100 === 0) console.log(`${title}: ${done} cases run`);
  };
};

let failed = 0;
for (const venue of ['binance', 'okx'] as const) {
  const title = `Through faults, ${venue}`;
  const outcomes = await runStreamFaults({ venue, seed, cases, together, onCase: progress(title) });
  failed += print(title, outcomes);
}
// OKX has no control of its sequence check: its checksum alone notices what that would.
const controls = [
  ['binance', 'sequence-check'],
  ['binance', 'trade-fill'],
  ['okx', 'checksum'],
] as const;
let isBlind = false;
for (const [venue, without] of controls) {
  const outcomes = await runStreamFaults({ venue, seed, cases: Math.min(cases, 12), together, without });
  if (print(`Control, ${venue} with its ${without} off`, outcomes) === 0) isBlind = true;
}
if (failed > 0 || isBlind) process.exitCode = 1;
