import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Desk,
  LocalMarketBus,
  type Order,
  type Proposal,
  type ProposedAction,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  StaticUserDirectory,
  silentLogger,
} from '@perpdesk/core';
import { type Database, OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { demoUser, demoUserId } from '../demo-user.ts';
import { exampleInstrument, exampleTicker } from '../http/testing/example-data.ts';
import { createServices, required } from '../services.ts';

const startAtMs = Date.UTC(2026, 0, 5, 12);
export const btc = 'BTC-PERP@hyperliquid';
export const rearmToken = 'the operator';

/** The product's own services on a market that only a test moves, at 60,000 until then. Trades on paper for its one user. */
export async function quietDesk() {
  const directory = mkdtempSync(join(tmpdir(), 'perpdesk-quiet-'));
  const clock = new SimulatedClock({ startAtMs });
  const wallClock = new SimulatedClock({ startAtMs });
  const databases: Database[] = [];
  const open = async (name: string): Promise<Database> => {
    const database = await openDatabase({ url: `sqlite:${join(directory, name)}`, durability: 'normal' });
    databases.unshift(database);
    return database;
  };
  const database = await open('desk.db');
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('quiet') });
  const eventBus = new OutboxEventBus({ database, clock, ids, pollMs: 0 });
  const user = demoUser({ tier: 'intermediate', autonomy: 'suggest' });
  const parts = createServices({
    ...{ clock, wallClock, ids, eventBus, directory, rearmToken },
    marketBus: new LocalMarketBus({ clock }),
    users: new StaticUserDirectory({ users: [user, { ...user, id: 'bob', name: 'Bob' }] }),
    databases: { desk: database, market: await open('market.db'), paper: await open('paper.db') },
    thinking: { notice: '' },
    approvalClock: clock,
    logger: silentLogger,
  });
  const life = new Desk({ services: parts.services, required, eventBus, clock: wallClock, logger: silentLogger });
  await eventBus.start();
  await parts.store.start();
  await parts.limitBook.open();
  parts.marketData.list([exampleInstrument({ market: 'BTC-PERP', lot: '0.00001' })]);
  await life.start();
  const price = async (at: number): Promise<void> => {
    await clock.advanceBy(1_000);
    const ticker = exampleTicker(btc, at, clock.nowMs());
    await parts.marketData.ingest({ atMs: clock.nowMs(), observations: [{ kind: 'ticker', ticker }] });
    await clock.idle();
  };
  await price(60_000);
  return {
    ...{ ...parts, clock, wallClock, eventBus, database, user, price },
    /** An approved proposal of an action. */
    approved: (action: ProposedAction, part: Partial<Proposal> = {}): Proposal => ({
      ...{ id: 'prop_one', userId: demoUserId, conversationId: 'chat_one', action, contentHash: '0'.repeat(64) },
      ...{ summary: 'Something.', createdAtMs: startAtMs, expiresAtMs: startAtMs + 300_000, status: 'approved' },
      ...(action.kind === 'place-order' ? { reference: { price: 60_000, maxDrift: 0.005 } } : {}),
      ...part,
    }),
    positions: () => parts.portfolio.positions(demoUserId),
    /** What rests, as text. */
    resting: (): readonly string[] =>
      parts.portfolio
        .openOrders(demoUserId)
        .map(({ purpose, size, price, triggerPrice }: Order) => `${purpose} ${size} @ ${triggerPrice ?? price}`)
        .sort(),
    /** The trades whose plans the guard keeps. */
    guardRows: async (): Promise<readonly string[]> => {
      const rows = await database
        .as<{ execution_guards: { data: string } }>()
        .selectFrom('execution_guards')
        .selectAll()
        .execute();
      return rows.flatMap(({ data }) =>
        (JSON.parse(data) as { plans: { tradeId: string }[] }).plans.map((plan) => plan.tradeId),
      );
    },
    stop: async (): Promise<void> => {
      await life.stop();
      await eventBus.close();
      for (const opened of databases) await opened.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type QuietDesk = Awaited<ReturnType<typeof quietDesk>>;
