import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Decimal, type DomainEvent, SeededRandom } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { testClock, testIds } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { type OwnDatabase, ownDatabase } from '../dbos/testing/own-database.ts';
import { type CrashPlan, type CrashPlanName, crashPlans } from './trade-crash.plans.ts';

const script = fileURLToPath(new URL('./trade-crash.process.ts', import.meta.url));
/** The longest that a filled size may stand without a stop, ms of the desk's clock. */
const protectionBoundMs = 5_000;

/** Where trades are lived through. */
export interface CrashSite {
  /** A folder for the files of all chains. */
  readonly root: string;
  /** A database with DBOS's tables to copy, for PostgreSQL and DBOS; left out: SQLite and the local engine. */
  readonly template?: OwnDatabase | undefined;
}

/** One trade through its deaths. */
export interface CrashChain {
  readonly plan: CrashPlanName;
  /** Decides where each life dies. */
  readonly seed: string;
  /** The most lives that are ended; the one after them may live. */
  readonly deaths: number;
}

/** What a chain came to. */
export interface CrashVerdict {
  readonly deaths: number;
  /** Statements and acts of the life that lived. */
  readonly statements: number;
  readonly acts: number;
  /** Orders of one id that the venue has twice, entries beyond the size, fills told twice. */
  readonly duplicates: number;
  /** Fills at the venue that were never told. */
  readonly lostFills: number;
  /** The longest that a filled size stood without a stop, ms of the desk's clock. */
  readonly unprotectedMs: number;
  readonly settled: boolean;
  /** Whatever did not hold, in words. */
  readonly failures: readonly string[];
}

interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Lives a trade through, each life dying a little further on, and judges what is on disk at the end. */
export async function runCrashChain(site: CrashSite, { deaths, plan, seed }: CrashChain): Promise<CrashVerdict> {
  const folder = mkdtempSync(join(site.root, 'chain-'));
  const database = site.template && (await ownDatabase(site.template));
  const url = database?.url ?? '';
  try {
    const random = new SeededRandom(seed);
    const nth = (span: number): number => 1 + Math.floor(random.next() * span);
    // A life on PostgreSQL has DBOS's statements beside the desk's.
    const reach = database === undefined ? 1 : 3;
    const live = (life: number, death = ''): Promise<Ending> =>
      spawnLife(site.root, [folder, `${life}`, plan, url, death]);
    const failures: string[] = [];
    let died = 0;
    for (let life = 0; life < deaths; life += 1) {
      const chance = random.next();
      const death =
        chance < 0.3
          ? `act ${nth(3)} ${chance < 0.15 ? 'before' : 'after'}`
          : `statement ${nth(110 * reach) + (life === 0 ? 60 * reach : 0)}`;
      const { output, signal } = await live(life + 1, death);
      // It may have got to its end before its death.
      if (signal !== 'SIGKILL') break;
      if (output !== '') failures.push(`A life that died has said: ${output.slice(0, 300)}`);
      died += 1;
    }
    const { output, signal } = await live(99);
    if (signal !== null || !output.startsWith('{')) {
      failures.push(`The last life did not live: ${signal} ${output.slice(0, 500)}`);
      const nothing = { statements: 0, acts: 0, duplicates: 0, lostFills: 0, unprotectedMs: 0, settled: false };
      return { deaths: died, ...nothing, failures };
    }
    return {
      deaths: died,
      ...(await judge(folder, url || `sqlite:${join(folder, 'desk.db')}`, { plan, output }, failures)),
    };
  } finally {
    await database?.drop();
  }
}

function spawnLife(root: string, given: readonly string[]): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@perpdesk/source', '--no-warnings', script, ...given], {
      env: { NODE_COMPILE_CACHE: join(root, 'compiled'), ...process.env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ signal, output }));
  });
}

/** What is on disk at the end. */
async function read(folder: string, url: string) {
  const clock = testClock();
  await using desk = await openDatabase({ url });
  await using paper = await openDatabase({ url: `sqlite:${join(folder, 'paper.db')}` });
  const bus = new OutboxEventBus({ database: desk, clock, ids: testIds('reader', clock) });
  await bus.start();
  const events: readonly DomainEvent[] = (await bus.read({ limit: 10_000 })).map(({ event }) => event);
  const deadLetters = await bus.deadLetters();
  await bus.close();
  const orders = await sql<{ data: string }>`select data from paper_orders`.execute(paper.kysely);
  const fills = await sql<{ data: string }>`select data from paper_fills`.execute(paper.kysely);
  const positions = await sql<object>`select * from paper_positions`.execute(paper.kysely);
  const accounts = await sql<{
    realized_pnl: string;
    fees: string;
  }>`select realized_pnl, fees from paper_accounts`.execute(paper.kysely);
  return {
    events,
    deadLetters,
    account: accounts.rows[0],
    positions: positions.rows,
    orders: orders.rows.map(({ data }) => JSON.parse(data).order),
    fills: fills.rows.map(({ data }) => JSON.parse(data)),
  };
}

const repeated = (ids: readonly string[]): number => ids.length - new Set(ids).size;

/** Says what does not hold of what must hold however often the process died. */
async function judge(
  folder: string,
  url: string,
  { output, plan }: { readonly output: string; readonly plan: CrashPlanName },
  failures: string[],
): Promise<Omit<CrashVerdict, 'deaths'>> {
  const { acts, rests, statements, unprotected } = JSON.parse(output);
  const { account, deadLetters, events, fills, orders, positions } = await read(folder, url);
  const of = <Type extends DomainEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<DomainEvent, { type: Type }> => event.type === type);
  const check = (holds: boolean, failure: string): void => {
    if (!holds) failures.push(failure);
  };
  const summed = (sizes: readonly { readonly size: string }[]): string =>
    sizes.reduce((sum, { size }) => sum.plus(size), new Decimal(0)).toFixed();
  const bought = summed(fills.filter(({ side }) => side === 'buy'));
  const sold = summed(fills.filter(({ side }) => side === 'sell'));
  const { mayMiss = false }: CrashPlan = crashPlans[plan];
  const missed = mayMiss && bought === '0';
  check((missed || bought === '0.1') && sold === bought, `Bought ${bought}, sold ${sold}, and not 0.1.`);
  check(rests.length === 0, `Orders rest: ${rests.join(', ')}.`);
  check(positions.length === 0, 'A position is left.');
  check(unprotected === 0, 'A position is left without a stop.');
  check(of('protection.missing').length === 0, 'A position was told to be without a stop.');
  check(deadLetters.length === 0, `${deadLetters.length} events were given up.`);
  for (const type of ['guidance.published', 'signal.approved', 'trade.settled'] as const)
    check(of(type).length === 1, `${type} was told ${of(type).length} times.`);
  for (const type of ['position.opened', 'position.closed'] as const)
    check(of(type).length === (missed ? 0 : 1), `${type} was told ${of(type).length} times.`);
  for (const type of ['order.submitted', 'order.accepted', 'order.canceled'] as const) {
    const ids = of(type)
      .filter(({ payload }) => type !== 'order.accepted' || payload.purpose === 'entry')
      .map(({ payload }) => payload.clientOrderId);
    check(repeated(ids) === 0, `${type} was told twice of an order.`);
  }
  const told = of('order.filled').map(({ payload }) => payload.fill.id);
  const lostFills = fills.filter(({ id }) => !told.includes(id)).length;
  check(
    told.every((id) => fills.some((fill) => fill.id === id)),
    'A fill was told that the venue has not.',
  );
  check(lostFills === 0, `${lostFills} fills were lost.`);
  const overfilled = new Decimal(bought).gt('0.1') ? 1 : 0;
  const duplicates = repeated(told) + repeated(orders.map(({ clientOrderId }) => clientOrderId)) + overfilled;
  check(duplicates === 0, `${duplicates} orders or fills are there twice.`);
  const result = of('trade.settled')[0]?.payload;
  const settled =
    result?.outcome === (bought === '0' ? 'not-entered' : 'closed') &&
    result.realizedPnl === account?.realized_pnl &&
    result.fees === account?.fees;
  check(
    settled,
    `Settled as ${result?.outcome} ${result?.realizedPnl} ${result?.fees}; ledger ${account?.realized_pnl} ${account?.fees}.`,
  );
  const spells = join(folder, 'unprotected');
  const unprotectedMs = existsSync(spells)
    ? Math.max(...readFileSync(spells, 'utf8').trim().split('\n').map(Number))
    : 0;
  check(unprotectedMs <= protectionBoundMs, `A filled size stood ${unprotectedMs} ms without a stop.`);
  return { statements, acts, duplicates, lostFills, unprotectedMs, settled, failures };
}
