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

/** Length of a spell without a whole stop: the longest of the best half, of the best 99 %, of all. */
function spells(name: string, all: readonly JudgedSpell[]): void {
  const lengths = all.map(({ lengthMs }) => lengthMs).sort((a, b) => a - b);
  const at = (share: number): number => lengths[Math.max(0, Math.ceil(lengths.length * share) - 1)] ?? 0;
  const over = lengths.filter((length) => length > 10_000).length;
  console.log(
    `  ${name.padEnd(34)}${String(lengths.length).padStart(7)} spells   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   longest ${at(1)} ms   over 10 s: ${over}`,
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
