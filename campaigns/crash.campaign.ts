// Trades whose process is killed with -9, at seeded statements and acts, over and over until they are through: entered in
// ladders, slices and chases, left by stops, targets, trailing stops and time, on SQLite with the local workflow engine and on
// PostgreSQL with DBOS (`PERPDESK_TEST_POSTGRES`, else 127.0.0.1). Run: `pnpm campaign crash`, with `DEATHS`
// and `SEED` from the environment (500 and 1).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dbosTemplate, postgresForTests } from '../packages/execution/src/dbos/testing/own-database.ts';
import { type CrashSite, runCrashChain } from '../packages/execution/src/trade/trade-crash.chain.ts';
import { type CrashPlanName, crashPlans } from '../packages/execution/src/trade/trade-crash.plans.ts';

const wanted = Number(process.env.DEATHS ?? 500);
const seed = process.env.SEED ?? '1';
const deathsOfChain = 8;
const plans = Object.keys(crashPlans) as CrashPlanName[];
const root = mkdtempSync(join(tmpdir(), 'perpdesk-crash-campaign-'));
const wrong: string[] = [];

/** Lives trades through, two at a time, until so many lives were ended. */
async function play(title: string, site: CrashSite, deaths: number): Promise<object> {
  const sum = {
    chains: 0,
    deaths: 0,
    duplicates: 0,
    'lost fills': 0,
    'unprotected > 5 s': 0,
    'longest ms': 0,
    settled: 0,
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (sum.deaths < deaths) {
      const plan = plans[next % plans.length] ?? 'ladder';
      const chainSeed = `${title} ${seed} ${next}`;
      next += 1;
      const verdict = await runCrashChain(site, { plan, deaths: deathsOfChain, seed: chainSeed });
      sum.chains += 1;
      sum.deaths += verdict.deaths;
      sum.duplicates += verdict.duplicates;
      sum['lost fills'] += verdict.lostFills;
      sum['unprotected > 5 s'] += verdict.unprotectedMs > 5_000 ? 1 : 0;
      sum['longest ms'] = Math.max(sum['longest ms'], verdict.unprotectedMs);
      sum.settled += verdict.settled ? 1 : 0;
      for (const failure of verdict.failures) {
        wrong.push(`${plan}, seed "${chainSeed}": ${failure}`);
        console.log(wrong.at(-1));
      }
      if (sum.chains % 10 === 0) console.log(`${title}: ${sum.chains} trades, ${sum.deaths} deaths`);
    }
  };
  await Promise.all([lane(), lane()]);
  return { engine: title, ...sum };
}

try {
  const { available, title } = await postgresForTests();
  const rows = [await play('SQLite, local', { root }, available ? Math.ceil(wanted / 2) : wanted)];
  if (available) {
    const template = await dbosTemplate();
    try {
      rows.push(await play('PostgreSQL, DBOS', { root, template }, Math.floor(wanted / 2)));
    } finally {
      await template.drop();
    }
  } else console.log(`DBOS: skipped, ${title}`);
  console.table(rows);
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(wrong.length === 0 ? 'Every trade came through whole.' : `${wrong.length} things did not hold.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
