import type { HostileResult } from '../examples/perpdesk/server/hostile/run-hostile-desk.ts';
import { runInProcess } from '../examples/perpdesk/server/hostile/run-in-process.ts';

// Whole desks whose models answer what harms most, within the schema and beside it, late, never and in no shape at all: `pnpm campaign
// hostile-model`, with `ROUNDS`, `FROM` (the first seed), `QUARTERS` (of an hour a seed, four rounds each), `THREADS` and `MINUTES` (no
// seed is begun after so many) from the environment (10,000, 1, 25, 2 and no end). Then desks without a defence, which has to be noticed.
const wanted = Number(process.env.ROUNDS ?? 10_000);
const quarters = Number(process.env.QUARTERS ?? 25);
const threads = Number(process.env.THREADS ?? 2);
const untilMs = performance.now() + Number(process.env.MINUTES ?? Number.POSITIVE_INFINITY) * 60_000;
let seed = Number(process.env.FROM ?? 1);
const results: HostileResult[] = [];
let failed = 0;

const held = (): number => results.reduce((sum, result) => sum + result.held, 0);
function show({ last, seed: at, violations }: HostileResult): void {
  console.log(`seed ${at}:`);
  for (const { atMs, kind, message } of violations) console.log(`  ✗ ${atMs} ${kind}: ${message}`);
  for (const line of last.slice(-8)) console.log(`    ${line}`);
}

async function lane(): Promise<void> {
  while (held() < wanted && performance.now() < untilMs) {
    const at = seed;
    seed += 1;
    try {
      const result = await runInProcess(at, { quarters });
      results.push(result);
      if (result.violations.length > 0) {
        failed += 1;
        show(result);
      }
    } catch (error) {
      failed += 1;
      console.log(String(error));
    }
    if (results.length % 10 === 0) console.log(`${results.length} seeds, ${held()} rounds`);
  }
}
await Promise.all(Array.from({ length: threads }, lane));

const sum = (pick: (result: HostileResult) => number): number => results.reduce((all, each) => all + pick(each), 0);
const calls = results.flatMap((result) => result.calls);
console.table({
  seeds: results.length,
  rounds: held(),
  'questions asked': calls.length,
  'that rules had to answer': calls.filter(({ mustFail }) => mustFail).length,
  'opinions by a model': sum((result) => result.byModel),
  'opinions by rules': sum((result) => result.byRules),
  'plans published': sum((result) => result.published),
  signals: sum((result) => result.signals),
  'trades that filled': sum((result) => result.trades),
  fills: sum((result) => result.fills),
  'orders held against limits': sum((result) => result.limitChecks),
  'longest round, ms': Math.max(0, ...results.map((result) => result.longestRoundMs)),
  'seeds in which something did not hold': failed,
});
const counted = (name: 'play' | 'manner'): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(calls, (call) => call[name])].map(([key, found]) => [key, found.length]));
console.table(counted('manner'));
console.table(counted('play'));

let isBlind = false;
for (const without of ['grounding', 'schema', 'deadline', 'brix'] as const) {
  const noticed = new Set<string>();
  for (const at of [12, 4, 20, 28]) {
    try {
      const { violations } = await runInProcess(at, { quarters: 6, without });
      for (const { kind } of violations) noticed.add(kind);
    } catch {
      noticed.add('it never comes to its end');
    }
    if (noticed.size > 0) break;
  }
  console.log(`Control, without ${without}: ${noticed.size === 0 ? 'NOT NOTICED' : [...noticed].join(', ')}`);
  if (noticed.size === 0) isBlind = true;
}
if (failed > 0 || isBlind || held() === 0) process.exitCode = 1;
