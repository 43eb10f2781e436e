// Run by trade-crash.chain.ts as a process of its own: one trade's life over a script of prices, killed with -9 from inside
// at the database statements or acts at the venue that it is told. Arguments: folder, number of this life, plan, URL of the
// desk's database for PostgreSQL and DBOS (empty: SQLite and the local engine), where to die (`statement 17`,
// `act 3 before`, `act 3 after`; empty: nowhere).
import { appendFileSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@perpdesk/core';
import { Database, openDatabase } from '@perpdesk/core/database';
import type { KyselyPlugin } from 'kysely';
import pg from 'pg';
import { DbosWorkflowEngine } from '../dbos/dbos-workflow-engine.ts';
import { noonMs, TradingDesk } from '../testing/trading-desk.ts';
import { type CrashPlan, type CrashPlanName, crashPlans, guidedAt } from './trade-crash.plans.ts';

const [folder = '', life = '0', planName = 'ladder', url = '', death = ''] = process.argv.slice(2);
const plan: CrashPlan = crashPlans[planName as CrashPlanName];
const [what = '', countText = '0', when = ''] = death.split(' ');
const dieAt = Number(countText);
let statements = 0;
let acts = 0;
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is taken when the process is next given back the processor.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

/** Counts statements: the end comes before one begins, that is after the one before it, or after the commit before it. */
const count = (): void => {
  statements += 1;
  if (what === 'statement' && statements === dieAt) die();
};
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    count();
    return node;
  },
  transformResult: async ({ result }) => result,
};
// On PostgreSQL the desk's statements and DBOS's own are counted where both go out.
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
  count();
  return Reflect.apply(query, this, given);
} as typeof query;

const openFile = async (path: string): Promise<Database> => {
  if (url !== '' && path.endsWith('desk.db')) return openDatabase({ url, connections: 4 });
  const database = await openDatabase({ url: `sqlite:${path}` });
  return new Database({
    kysely: database.kysely.withPlugin(counting),
    dialect: 'sqlite',
    location: path,
    durability: 'full',
    logger: silentLogger,
  });
};

const stepMs = 30_000;
const stepFile = join(folder, 'step');
let step = existsSync(stepFile) ? Number(readFileSync(stepFile, 'utf8')) : 0;

const desk = await TradingDesk.open({
  ...{ folder, startAtMs: noonMs + step * stepMs, seed: `life ${life}`, openFile },
  ...(url === ''
    ? {}
    : {
        makeEngine: ({ clock, database, logger }) =>
          new DbosWorkflowEngine({ url, clock, database, logger, leaseMs: 86_400_000, pollMs: 0 }),
      }),
});
/** Keeps how long positions stood without a stop, whatever becomes of this life. */
let worstMs = 0;
const noteUnprotected = (): void => {
  const { maxMs } = desk.guard.unprotectedTime();
  if (maxMs > worstMs) appendFileSync(join(folder, 'unprotected'), `${maxMs}\n`);
  worstMs = Math.max(worstMs, maxMs);
};
const act = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  acts += 1;
  noteUnprotected();
  const dies = what === 'act' && acts === dieAt;
  if (dies && when === 'before') die();
  const result = await run();
  if (dies) die();
  return result;
};
desk.venue.on = {
  place: (venue, order) => act(() => venue.place(order)),
  amend: (venue, order) => act(() => venue.amend(order)),
  cancel: (venue, userId, id) => act(() => venue.cancel(userId, id)),
};
const priceOf = (at: number): number => plan.prices[at] ?? 0;
await desk.price(priceOf(step), plan.spread);
await desk.start();
for (; step < plan.prices.length; step += 1) {
  writeFileSync(stepFile, String(step));
  await desk.clock.advanceTo(Math.max(desk.clock.nowMs(), noonMs + step * stepMs));
  await desk.price(priceOf(step), plan.spread);
  if (step === guidedAt) await desk.guide(plan.signal, plan.guidance);
  await desk.clock.idle();
  noteUnprotected();
}
// What waits for a timer, such as an order that may yet land, has its time.
for (let minute = 0; minute < 3; minute += 1) await desk.pass(60_000, plan.prices.at(-1));
noteUnprotected();
const rests = await desk.resting();
const unprotected = desk.guard.uncovered();
await desk.stop();
writeSync(1, JSON.stringify({ statements, acts, rests, unprotected, errors: desk.errors }));
