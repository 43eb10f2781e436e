import { type KeepWithDecision, type OrderDecision, StoreError } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { SqlAuditLog } from '@perpdesk/core/security';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqlRiskStateStore } from '../state/sql-risk-state-store.ts';
import { FakeDesk, orderNumber } from '../testing/fake-desk.ts';
import { noonMs } from '../testing/fixtures.ts';
import type { Brix } from './brix.ts';
import { authorizationMs } from './kept-entry.ts';

const [file, , postgres] = await testDatabases();

const codeOf = (decision: OrderDecision) => (decision.outcome === 'rejected' ? decision.rejection.code : 'approved');

describe.each([file, postgres].filter((kind) => kind !== undefined))('an entry kept on $title', (kind) => {
  let test: TestDatabase;
  let database: Database;
  let desk: FakeDesk;
  let store: SqlRiskStateStore;
  let log: SqlAuditLog;
  let brix: Brix;

  beforeEach(async () => {
    if (!kind.available) return;
    test = await kind.make();
    database = await test.open();
    desk = new FakeDesk();
    desk.add();
    store = new SqlRiskStateStore({ database });
    log = new SqlAuditLog({ database, clock: desk.clock });
    await log.start();
    brix = desk.brix({ store, auditLog: log });
    await brix.open();
    await sql`create table kept (id text, expires_at_ms bigint)`.execute(database.kysely);
  });
  afterEach(() => (kind.available ? test.drop() : undefined));

  const write =
    (id: string): KeepWithDecision =>
    async (transaction, expiresAtMs) => {
      const queries = (transaction as never as { as<Tables>(): Kysely<Tables> }).as<{
        kept: { id: string; expires_at_ms: number };
      }>();
      await queries.insertInto('kept').values({ id, expires_at_ms: expiresAtMs }).execute();
    };
  const kept = async () =>
    (await sql<{ id: string; expires_at_ms: number }>`select * from kept`.execute(database.kysely)).rows;
  const reserved = async () => (await store.load(['ada']))[0]?.pending.length;
  const written = async () => (await log.read()).map(({ action }) => action);

  it.runIf(kind.available)(
    'default: reservation, audit entry and what the caller keeps are there together',
    async () => {
      let before: unknown;
      const decision = await brix.authorize(orderNumber(1), {
        keep: async (transaction, expiresAtMs) => {
          await write('1')(transaction, expiresAtMs);
          before = expiresAtMs;
        },
      });
      expect(decision).toMatchObject({ order: { authorization: { expiresAtMs: noonMs + authorizationMs } } });
      expect(before).toBe(noonMs + authorizationMs);
      expect(await kept()).toEqual([{ id: '1', expires_at_ms: noonMs + authorizationMs }]);
      expect([await reserved(), await written()]).toEqual([1, ['order.authorized']]);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 1 });
    },
  );

  it.runIf(kind.available)(
    'behavior: an authorisation never ends later than was kept, however long the commit takes',
    async () => {
      const decision = await brix.authorize(orderNumber(1), {
        keep: async (transaction, expiresAtMs) => {
          await write('1')(transaction, expiresAtMs);
          Object.assign(desk.clock, { nowMs: () => noonMs + 3_000 });
        },
      });
      expect(decision).toMatchObject({
        order: { authorization: { issuedAtMs: noonMs + 3_000, expiresAtMs: noonMs + authorizationMs } },
      });
    },
  );

  it.runIf(kind.available)(
    'error: what the caller can not keep takes everything back, and nothing is authorised',
    async () => {
      const full = new StoreError('disk.full', 'No room.');
      const decision = await brix.authorize(orderNumber(1), {
        keep: async (transaction, expiresAtMs) => {
          await write('1')(transaction, expiresAtMs);
          throw full;
        },
      });
      expect(decision).toMatchObject({ rejection: { code: 'risk-state.unavailable', actual: 'disk.full' } });
      expect([await kept(), await reserved(), await written()]).toEqual([[], 0, []]);
      // The same order is asked for again: nothing of the first try stands in its way.
      expect(codeOf(await brix.authorize(orderNumber(1), { keep: write('1') }))).toBe('approved');
      expect(await log.verify()).toMatchObject({ ok: true, entries: 1 });
    },
  );

  it.runIf(kind.available)('error: an audit log that can not be written takes everything back', async () => {
    await sql`alter table perpdesk_audit_entries rename to elsewhere`.execute(database.kysely);
    expect(await brix.authorize(orderNumber(1), { keep: write('1') })).toMatchObject({
      rejection: { code: 'audit.unavailable', actual: 'audit.unavailable' },
    });
    expect([await kept(), await reserved()]).toEqual([[], 0]);
    expect(brix.mayLeave(orderNumber(1))).toMatchObject({ code: 'audit.unavailable' });
  });

  it.runIf(kind.available)('behavior: a halt that comes while it is kept stops it, and it stays kept', async () => {
    const decision = await brix.authorize(orderNumber(1), {
      keep: async (transaction, expiresAtMs) => {
        await write('1')(transaction, expiresAtMs);
        await desk.tradingSwitch.set('operator', 'halted');
      },
    });
    expect(decision).toMatchObject({ rejection: { code: 'trading.halted' } });
    expect(decision.steps.at(-1)?.step).toBe('before-signing');
    expect(await kept()).toHaveLength(1);
  });

  it.runIf(kind.available)(
    'behavior: a refusal, an exit and a log elsewhere keep nothing in the transaction',
    async () => {
      expect(codeOf(await brix.authorize(orderNumber(1, { size: '1000' }), { keep: write('1') }))).not.toBe('approved');
      expect([await kept(), await written()]).toEqual([[], []]);
      const other = await (await testDatabases())[1]?.make();
      if (other === undefined) throw new Error('no database');
      const elsewhere = new SqlAuditLog({ database: await other.open(), clock: desk.clock });
      await elsewhere.start();
      const apart = desk.brix({ store, auditLog: elsewhere });
      expect(codeOf(await apart.authorize(orderNumber(2), { keep: write('2') }))).toBe('approved');
      expect((await elsewhere.read()).map(({ subject }) => subject)).toEqual([orderNumber(2).clientOrderId]);
      expect(await written()).toEqual([]);
      expect(await kept()).toHaveLength(1);
      await other.drop();
    },
  );
});
