// No duplicate exposure: 4 client-id modes × 8 answer faults × 10 verbs of orders, 10,000 seeded runs on simulated time, with
// lost questions, lost news and ended processes among them; then 240 over loopback sockets on real time. Each run goes the whole
// way of an order (order desk, journal on SQLite, gate, Hyperliquid through ccxt, the local exchange with its signatures) and is
// judged by a checker that reads the exchange's ledger and the history alone. Then the same with derived ids off, and with what is
// not known told as rejected: the checker has to notice both.
// Usage: pnpm campaign duplicates, with RUNS, SOCKET_RUNS, CONTROL_RUNS, THREADS and SEED from the environment.
import { availableParallelism } from 'node:os';
import { cellCount, type Sabotage } from '../packages/execution/src/testing/campaign/duplicate-case.ts';
import type { DuplicateRun } from '../packages/execution/src/testing/campaign/run-duplicate-case.ts';
import { runDuplicates, runDuplicatesOnSockets } from '../packages/execution/src/testing/campaign/run-duplicates.ts';

const runs = Number(process.env.RUNS ?? 10_000);
const socketRuns = Number(process.env.SOCKET_RUNS ?? 240);
const controlRuns = Number(process.env.CONTROL_RUNS ?? cellCount);
const threads = Number(process.env.THREADS ?? Math.max(2, availableParallelism()));
const seed = process.env.SEED ?? 'campaign';
const began = performance.now();
const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(0)} s`;

const counted = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

function print(title: string, done: readonly DuplicateRun[]): number {
  const failed = done.filter(({ violations }) => violations.length > 0);
  const perCell = Object.values(counted(done.map(({ cell }) => cell)));
  const unknown = done.flatMap(({ resolutions }) => resolutions);
  const times = unknown.flatMap(({ afterMs }) => afterMs ?? []).sort((a, b) => a - b);
  const restarts = done.reduce((sum, run) => sum + run.restarts, 0);
  console.log(`\n${title}: ${done.length} runs, ${failed.length} with violations, ${seconds()}`);
  console.log(`  cells ${perCell.length}, runs per cell ${Math.min(...perCell)} to ${Math.max(...perCell)}`);
  console.log(
    `  orders taken by the exchange ${done.reduce((sum, run) => sum + run.placed, 0)}, processes ended ${restarts}`,
  );
  console.log(`  unknown outcomes ${unknown.length}, never found out ${unknown.length - times.length}`);
  console.log(
    `  found out after p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms, longest ${times.at(-1) ?? 0} ms; longer than 15 s ${times.filter((ms) => ms > 15_000).length}`,
  );
  console.log(`  new risk refused while unknown ${done.reduce((sum, run) => sum + run.blocked, 0)}`);
  const byVerb = Map.groupBy(unknown, ({ verb }) => verb);
  for (const [verb, of] of byVerb) console.log(`  unknown of ${verb}: ${of.length}`);
  console.table(counted(done.flatMap(({ struck }) => struck.map((name) => name.split(' ')[0] ?? ''))));
  console.table(counted(done.flatMap(({ struck }) => struck.map((name) => name.split(' ')[1] ?? ''))));
  for (const [reason, of] of Map.groupBy(
    failed.flatMap((run) =>
      run.violations.map((violation) => ({ run, violation: violation.replace(/\d+|[0-9a-f]{32}/g, '#') })),
    ),
    ({ violation }) => violation,
  )) {
    console.log(
      `  ✗ ${reason}: ${of.length}, such as ${of
        .slice(0, 4)
        .map(({ run }) => `${run.seed} (${run.cell})`)
        .join(', ')}`,
    );
  }
  return failed.length;
}

const progress =
  (title: string) =>
  (run: DuplicateRun, done: number): void => {
    if (run.violations.length > 0 && !title.startsWith('control'))
      console.log(`${title}, seed ${run.seed}, ${run.cell}: ${run.violations.join('; ')}`);
    if (done % 500 === 0) console.log(`${title}: ${done} runs, ${seconds()}`);
  };

let failed = 0;
if (runs > 0)
  failed += print('On simulated time', await runDuplicates({ seed, runs, threads, onRun: progress('simulated') }));
if (socketRuns > 0) {
  const done = await runDuplicatesOnSockets({ seed, runs: socketRuns, onRun: progress('sockets') });
  failed += print('On real time over sockets', done);
}
let isBlind = false;
for (const sabotage of ['random-ids', 'unknown-is-rejected'] satisfies Sabotage[]) {
  if (controlRuns === 0) break;
  const done = await runDuplicates({ seed, runs: controlRuns, threads, sabotage, onRun: progress('control') });
  if (print(`Control, ${sabotage}`, done) === 0) isBlind = true;
}
console.log(`\n${failed} violations, ${isBlind ? 'a control was NOT noticed' : 'both controls noticed'}, ${seconds()}`);
if (failed > 0 || isBlind) process.exitCode = 1;
