// Run by trade-crash.test.ts as a process of its own: one trade's life over a script of prices, killed with -9 from inside
// at the database statements or acts at the venue that it is told. Arguments: folder, number of this life, where to die
// (`statement 17`, `act 3 before`, `act 3 after`; empty: nowhere).
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@perpdesk/core';
import { Database, openDatabase } from '@perpdesk/core/database';
import type { KyselyPlugin } from 'kysely';
import { noonMs, TradingDesk } from '../testing/trading-desk.ts';
import { exampleGuidance, limitLeg } from './example-signal.ts';

const [folder = '', life = '0', death = ''] = process.argv.slice(2);
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
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    statements += 1;
    if (what === 'statement' && statements === dieAt) die();
    return node;
  },
  transformResult: async ({ result }) => result,
};

const openFile = async (path: string): Promise<Database> => {
  const database = await openDatabase({ url: `sqlite:${path}` });
  return new Database({
    kysely: database.kysely.withPlugin(counting),
    dialect: 'sqlite',
    location: path,
    durability: 'full',
    logger: silentLogger,
  });
};

/** The price at each half minute: a ladder fills in two steps, one target is reached, then the stop. */
const prices = [60_000, 59_980, 59_985, 59_940, 60_100, 60_760, 60_300, 60_200, 59_480, 59_400, 59_400];
const stepMs = 30_000;
const stepFile = join(folder, 'step');
let step = existsSync(stepFile) ? Number(readFileSync(stepFile, 'utf8')) : 0;

const desk = await TradingDesk.open({ folder, startAtMs: noonMs + step * stepMs, seed: `life ${life}`, openFile });
const act = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  acts += 1;
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
await desk.price(prices[step] ?? 0);
await desk.start();
for (; step < prices.length; step += 1) {
  writeFileSync(stepFile, String(step));
  await desk.clock.advanceTo(Math.max(desk.clock.nowMs(), noonMs + step * stepMs));
  await desk.price(prices[step] ?? 0);
  if (step === 1) await desk.guide({}, exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_950, '0.5')]));
  await desk.clock.idle();
}
// What waits for a timer, such as an order that may yet land, has its time.
for (let minute = 0; minute < 3; minute += 1) await desk.pass(60_000, 59_400);
const rests = await desk.resting();
const unprotected = desk.guard.uncovered();
await desk.stop();
writeSync(1, JSON.stringify({ statements, acts, rests, unprotected }));
