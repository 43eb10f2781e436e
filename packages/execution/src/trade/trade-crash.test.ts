import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dbosTemplate, type OwnDatabase, postgresForTests } from '../dbos/testing/own-database.ts';
import { type CrashSite, runCrashChain } from './trade-crash.chain.ts';
import { type CrashPlanName, crashPlans } from './trade-crash.plans.ts';

const root = mkdtempSync(join(tmpdir(), 'perpdesk-trade-crash-'));
const postgres = await postgresForTests();
let template: OwnDatabase | undefined;
beforeAll(async () => {
  if (postgres.available) template = await dbosTemplate();
});
afterAll(async () => {
  await template?.drop();
  rmSync(root, { recursive: true, force: true });
});

const plans = Object.keys(crashPlans) as CrashPlanName[];
const clean = { duplicates: 0, lostFills: 0, settled: true, failures: [] };

/** Lives every chain through, two at a time; the answer is how many lives were ended. */
async function expectWhole(site: CrashSite, chains: readonly CrashPlanName[], deaths: number): Promise<number> {
  let died = 0;
  for (let index = 0; index < chains.length; index += 2) {
    const pair = chains.slice(index, index + 2).map(async (plan, offset) => {
      const verdict = await runCrashChain(site, { plan, deaths, seed: `trade-crash ${index + offset}` });
      expect(verdict, plan).toMatchObject(clean);
      return verdict.deaths;
    });
    for (const count of await Promise.all(pair)) died += count;
  }
  return died;
}

describe('a trade whose process is killed with -9', () => {
  it('default: unharmed, every plan enters, is protected, ends and is settled', async () => {
    const verdicts = await Promise.all(plans.map((plan) => runCrashChain({ root }, { plan, deaths: 0, seed: '' })));
    for (const [index, verdict] of verdicts.entries()) expect(verdict, plans[index]).toMatchObject(clean);
    const [ladder] = verdicts;
    expect(ladder?.acts).toBeGreaterThan(8);
    expect(ladder?.statements).toBeGreaterThan(300);
  }, 120_000);

  it('behavior: on SQLite, wherever it dies, it goes on: no order twice, protected, settled, told once', async () => {
    expect(await expectWhole({ root }, ['ladder', ...plans], 3)).toBeGreaterThanOrEqual(10);
  }, 300_000);

  it.skipIf(!postgres.available)(
    `behavior: the same with DBOS on ${postgres.title}`,
    async () => {
      expect(await expectWhole({ root, template }, ['ladder', 'trailing'], 3)).toBeGreaterThanOrEqual(3);
    },
    300_000,
  );
});
