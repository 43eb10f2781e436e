import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Decimal, type DomainEvent, SeededRandom } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { testClock, testIds } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./trade-crash.process.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'perpdesk-trade-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folderOf = (name: string): string => mkdtempSync(join(root, `${name}-`));

/** How many trades are lived through, each with up to six deaths. */
const chains = 6;

interface Ending {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

const live = (folder: string, life: number, death = ''): Promise<Ending> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=@perpdesk/source', '--no-warnings', script, folder, String(life), death],
      { env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') } },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    child.on('error', reject);
    child.on('exit', (_, signal) => resolve({ signal, output }));
  });

/** What is on disk at the end. */
async function read(folder: string) {
  const clock = testClock();
  await using desk = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}` });
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

/** What must hold however often the process died. */
async function expectWhole(folder: string, output: string): Promise<void> {
  expect(JSON.parse(output)).toMatchObject({ rests: [], unprotected: 0 });
  const { account, deadLetters, events, fills, orders, positions } = await read(folder);
  const of = <Type extends DomainEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<DomainEvent, { type: Type }> => event.type === type);
  // The ladder's legs are there once each, filled once each, and nothing of what protects has filled twice.
  expect(
    orders.filter(({ purpose }) => purpose === 'entry').map(({ filledSize, status }) => `${status} ${filledSize}`),
  ).toEqual(['filled 0.05', 'filled 0.05']);
  expect(positions).toEqual([]);
  expect(fills.filter(({ side }) => side === 'buy').map(({ size }) => size)).toEqual(['0.05', '0.05']);
  const sold = fills.filter(({ side }) => side === 'sell').reduce((sum, { size }) => sum.plus(size), new Decimal(0));
  expect(sold.toFixed()).toBe('0.1');
  // Every event once: one per fill, one opening, one closing, one end of each order, one record of the trade.
  expect(
    of('order.filled')
      .map(({ payload }) => payload.fill.id)
      .toSorted(),
  ).toEqual(fills.map(({ id }) => id).toSorted());
  for (const type of [
    'guidance.published',
    'signal.approved',
    'position.opened',
    'position.closed',
    'trade.settled',
  ] as const)
    expect([type, of(type).length]).toEqual([type, 1]);
  for (const type of ['order.submitted', 'order.accepted', 'order.canceled'] as const) {
    const ids = of(type)
      .filter(({ payload }) => type !== 'order.accepted' || payload.purpose === 'entry')
      .map(({ payload }) => payload.clientOrderId);
    expect([type, ids.length]).toEqual([type, new Set(ids).size]);
  }
  expect(of('trade.settled')[0]?.payload).toMatchObject({
    outcome: 'closed',
    realizedPnl: account?.realized_pnl,
    fees: account?.fees,
  });
  expect(of('protection.missing')).toEqual([]);
  expect(deadLetters).toEqual([]);
}

describe('a trade whose process is killed with -9', () => {
  it('behavior: wherever it dies, it goes on: no order twice, protected, settled, told once', async () => {
    const whole = folderOf('whole');
    const unharmed = await live(whole, 0);
    await expectWhole(whole, unharmed.output);
    const { acts, statements } = JSON.parse(unharmed.output);
    expect(acts).toBeGreaterThan(8);
    expect(statements).toBeGreaterThan(300);

    /** Each life dies at a place of its own a little further on, then there is one that may live. */
    const chain = async (index: number): Promise<number> => {
      const random = new SeededRandom(`trade-crash ${index}`);
      const folder = folderOf(`chain-${index}`);
      let deaths = 0;
      for (let life = 0; life < 6; life += 1) {
        const chance = random.next();
        const nth = (span: number): number => 1 + Math.floor(random.next() * span);
        const death =
          chance < 0.3
            ? `act ${nth(3)} ${chance < 0.15 ? 'before' : 'after'}`
            : `statement ${nth(110) + (life === 0 ? 60 : 0)}`;
        const { output, signal } = await live(folder, life + 1, death);
        // It may have got to its end before its death.
        if (signal !== 'SIGKILL') break;
        expect(output).toBe('');
        deaths += 1;
      }
      const { output, signal } = await live(folder, 9);
      expect([signal, output.slice(0, 1)]).toEqual([null, '{']);
      await expectWhole(folder, output);
      return deaths;
    };
    let deaths = 0;
    for (let index = 0; index < chains; index += 2)
      for (const died of await Promise.all([chain(index), chain(index + 1)])) deaths += died;
    expect(deaths).toBeGreaterThanOrEqual(30);
  }, 120_000);
});
