import type { Sabotage } from '../examples/perpdesk/server/simulation/sabotage.ts';
import type { JudgedSpell, SimulationResult } from '../examples/perpdesk/server/simulation/simulate-desk.ts';
import { simulateDesks } from '../examples/perpdesk/server/simulation/simulate-desks.ts';

// Whole desks through simulated hours in which anything may go wrong, and the recovery after: `pnpm campaign desk-simulation`, with
// `SEEDS`, `FROM`, `MINUTES` (no seed is begun after so many) and `TIMEOUT_MS` (after which an adapter gives a request up) from the
// environment (2,000, 1, no end and 10,000). Each twentieth seed has
// the agents too. Then desks with a defence switched off, which has to be noticed. A seed alone: `SEEDS=1 FROM=42`.

const count = Number(process.env.SEEDS ?? 2000);
const from = Number(process.env.FROM ?? 1);
const minutes = process.env.MINUTES === undefined ? undefined : Number(process.env.MINUTES);
const timeoutMs = process.env.TIMEOUT_MS === undefined ? undefined : Number(process.env.TIMEOUT_MS);
const controls = Number(process.env.CONTROLS ?? 20);
const seedsFrom = (first: number, howMany: number): readonly number[] =>
  Array.from({ length: howMany }, (_, at) => first + at);

function show({ digest, last, seed, violations }: SimulationResult): void {
  console.log(`seed ${seed} (${digest.slice(0, 12)}):`);
  for (const { atMs, kind, message } of violations) console.log(`  ✗ ${atMs} ${kind}: ${message}`);
  console.log(
    last
      .slice(-12)
      .map((line) => `    ${line}`)
      .join('\n'),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const row = (name: string, value: string | number): void =>
  console.log(`  ${name.padEnd(34)}${String(value).padStart(12)}`);

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** Of lengths, ms: the longest of the best half, of the best 99 %, of all. */
function lengths(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const over = sorted.filter((length) => length > 10_000).length;
  const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => percentile(sorted, share));
  return `p50 ${p50} ms   p99 ${p99} ms   longest ${longest} ms   over 10 s: ${over}`;
}

/** The part of a spell in which the venue would have taken a stop, ms: what the desk is answerable for. */
const takenMs = ({ lengthMs, refusedMs }: JudgedSpell): number => lengthMs - refusedMs;

/** Lengths of spells without a whole stop, and of the parts of them in which the venue took orders at all. */
function spells(name: string, all: readonly JudgedSpell[]): void {
  console.log(
    `  ${name.padEnd(34)}${String(all.length).padStart(7)} spells   ${lengths(all.map(({ lengthMs }) => lengthMs))}`,
  );
  if (all.some(({ refusedMs }) => refusedMs > 0))
    console.log(`  ${'  while the venue took orders'.padEnd(49)}   ${lengths(all.map(takenMs))}`);
}

/** Faults that keep the desk from knowing of a fill: nothing of it can be covered before it is known. */
const hiding: readonly string[] = ['socket cut', 'positions fail', 'positions empty', 'update dropped'];

/** The aim, of spells that the desk could know of: by the time in which the venue took orders, and an exit where it was missed. */
function aims(all: readonly JudgedSpell[]): void {
  const known = all.filter(({ faults }) => !faults.some((name) => hiding.includes(name)));
  for (const [name, aimMs, of] of [
    ['after a fill', 2_000, known.filter(({ restart }) => !restart)],
    ['after a restart', 10_000, known.filter(({ restart }) => restart)],
  ] as const) {
    spells(`${name}, the desk could know`, of);
    const p99 = percentile(
      of.map(takenMs).sort((a, b) => a - b),
      0.99,
    );
    const said = of.length === 0 ? 'nothing to judge' : p99 <= aimMs ? 'held' : 'MISSED';
    console.log(`    aim: p99 at most ${aimMs} ms while the venue took orders: ${said}`);
  }
  const long = known.filter(({ knownMs }) => knownMs > 12_000);
  const closed = long.filter(({ exitTried }) => exitTried).length;
  const said = closed === long.length ? 'held' : 'MISSED';
  console.log(
    `    known for over 12 s, whatever the venue took: ${long.length}, a market exit was tried in ${closed}: ${said}`,
  );
}

function print(results: readonly SimulationResult[], seconds: number): void {
  const all = results.flatMap((result) => result.spells);
  const faults = new Map<string, number>();
  for (const result of results)
    for (const [name, times] of result.faults) faults.set(name, (faults.get(name) ?? 0) + times);
  console.log(`\nDesks simulated: ${results.length} seeds from ${results[0]?.seed} to ${results.at(-1)?.seed}`);
  row('simulated hours', (sum(results.map(({ simulatedMs }) => simulatedMs)) / 3_600_000).toFixed(0));
  row('trades that filled', sum(results.map(({ trades }) => trades)));
  row('fills', sum(results.map(({ fills }) => fills)));
  row('events', sum(results.map(({ events }) => events)));
  row('entries held against limits', sum(results.map(({ limitChecks }) => limitChecks)));
  row('seconds', seconds.toFixed(0));
  row('seeds a second', (results.length / seconds).toFixed(2));
  console.log('Faults');
  for (const [name, times] of [...faults].sort((a, b) => b[1] - a[1])) row(name, times);
  console.log('Unprotected time, as the venue saw it');
  aims(all);
  spells('all', all);
  spells(
    'after a fill, no fault in the way',
    all.filter(({ faults: kept, restart }) => !restart && kept.length === 0),
  );
  spells(
    'after a restart',
    all.filter(({ restart }) => restart),
  );
  spells(
    'after a restart, no fault',
    all.filter(({ faults: kept, restart }) => restart && kept.length === 0),
  );
  for (const name of new Set(all.flatMap(({ faults: kept }) => kept)))
    spells(
      `with: ${name}`,
      all.filter(({ faults: kept }) => kept.includes(name)),
    );
}

function judge(results: readonly SimulationResult[]): number {
  const failed = results.filter(({ violations }) => violations.length > 0);
  console.log(`Seeds in which something did not hold: ${failed.length}`);
  const kinds = Map.groupBy(
    failed.flatMap(({ seed, violations }) => violations.map(({ kind }) => ({ kind, seed }))),
    ({ kind }) => kind,
  );
  for (const [kind, at] of kinds) {
    const seeds = [...new Set(at.map(({ seed }) => seed))];
    console.log(`  ✗ ${kind}: ${seeds.length} seeds: ${seeds.slice(0, 10).join(' ')}`);
  }
  return failed.length;
}

let done = 0;
const beganMs = performance.now();
const results = await simulateDesks({
  seeds: seedsFrom(from, count),
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
  ...(minutes === undefined ? {} : { withinMs: minutes * 60_000 }),
  onRun: (result) => {
    if (result.violations.length > 0) show(result);
    done += 1;
    if (done % 100 === 0) console.log(`${done} seeds run`);
  },
});
print(results, (performance.now() - beganMs) / 1000);
let isRed = judge(results) > 0;

const sabotages: readonly (readonly [Sabotage, string])[] = [
  ['random-ids', 'an id of its own for each try'],
  ['no-guard', 'no guard'],
  ['no-gate', 'nobody asks Brix'],
];
for (const [sabotage, what] of controls > 0 ? sabotages : []) {
  console.log(`\nControl: ${what}`);
  const blind = await simulateDesks({ seeds: seedsFrom(from, controls), sabotage });
  if (judge(blind) > 0) continue;
  console.log('  nothing was noticed');
  isRed = true;
}
if (isRed) process.exitCode = 1;
