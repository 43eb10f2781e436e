import { type AuditRecord, type RiskLimits, SimulatedClock, toRate, toUsd } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { describe, expect, it } from 'vitest';
import { FakeDesk, orderNumber } from '../testing/fake-desk.ts';
import { aUser } from '../testing/fixtures.ts';
import { LimitBook, type LimitBookOptions } from './limit-book.ts';
import { limitChange } from './limit-change.ts';
import { MemoryLimitStore, SqlLimitStore } from './limit-store.ts';
import { tierDefaults } from './tier-defaults.ts';

const user = aUser({ tier: 'beginner' });

function made(options: Partial<LimitBookOptions> = {}) {
  const clock = new SimulatedClock({ startAtMs: 1_000_000 });
  const written: AuditRecord[] = [];
  let down = false;
  const auditLog = {
    append: async (record: AuditRecord) => {
      if (down) throw new Error('The log is down.');
      written.push(record);
      return { ...record, sequence: written.length, atMs: clock.nowMs(), hash: '' };
    },
    writable: () => !down,
  };
  const breakAudit = (): void => {
    down = true;
  };
  const store = new MemoryLimitStore();
  const book = new LimitBook({ clock, store, auditLog, reauthenticate: ({ token }) => token === 'right', ...options });
  const change = (wanted: Partial<RiskLimits>, token?: string) =>
    book.change({ user, wanted, actor: 'user:ada', reason: 'Because.', ...(token === undefined ? {} : { token }) });
  return { clock, written, book, change, store, breakAudit };
}

describe('LimitBook', () => {
  it('default: lowering holds before the promise resolves, and is written down with what was before', async () => {
    const { book, change, written } = made();
    const changed = change({ maxLeverage: 2, dailyLoss: toRate('0.05') });
    expect(book.overrides(user)).toEqual({ maxLeverage: 2, dailyLoss: '0.05' });
    expect(await changed).toMatchObject({ needsReauthentication: false, later: {} });
    expect(written).toEqual([
      {
        action: 'limits.lowered',
        actor: 'user:ada',
        subject: 'user:ada',
        details: {
          reason: 'Because.',
          before: { maxLeverage: 3, dailyLoss: '0.1' },
          after: { maxLeverage: 2, dailyLoss: '0.05' },
        },
      },
    ]);
  });

  it('behavior: raising needs authentication, is written down, and holds after exactly 60 s', async () => {
    const { book, change, written, clock } = made();
    await expect(change({ maxLeverage: 5 }, 'wrong')).rejects.toMatchObject({ code: 'reauthentication.required' });
    expect(written).toEqual([]);
    await change({ maxLeverage: 5 }, 'right');
    expect(written[0]).toMatchObject({ action: 'limits.raised', details: { effectiveAtMs: 1_060_000 } });
    await clock.advanceBy(59_999);
    expect([book.overrides(user), book.waiting('ada')?.limits]).toEqual([{}, { maxLeverage: 5 }]);
    await clock.advanceBy(1);
    expect([book.overrides(user), book.waiting('ada')]).toEqual([{ maxLeverage: 5 }, undefined]);
  });

  it('behavior: of one wish the lower part holds also when the raise is not authenticated', async () => {
    const { book, change } = made();
    await expect(change({ maxLeverage: 5, dailyLoss: toRate('0.02') })).rejects.toMatchObject({
      code: 'reauthentication.required',
    });
    expect(book.overrides(user)).toEqual({ dailyLoss: '0.02' });
  });

  it('behavior: lowering ends a raise of the same limit that waits, and leaves the others', async () => {
    const { book, change, clock } = made();
    await change({ maxLeverage: 5, maxOpenPositions: 9 }, 'right');
    await change({ maxLeverage: 2 });
    await clock.advanceBy(60_000);
    expect(book.overrides(user)).toEqual({ maxLeverage: 2, maxOpenPositions: 9 });
  });

  it('behavior: without a log that can be written nothing is raised, and lowering holds all the same', async () => {
    const { book, change, breakAudit, clock } = made();
    breakAudit();
    await expect(change({ maxLeverage: 5 }, 'right')).rejects.toThrow('down');
    await expect(change({ maxLeverage: 2 })).rejects.toThrow('down');
    await clock.advanceBy(60_000);
    expect(book.overrides(user)).toEqual({ maxLeverage: 2 });
  });

  it('behavior: kept in a database, a raise that waits too', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const first = made({ store: new SqlLimitStore({ database }) });
    await first.book.open();
    await first.change({ maxLeverage: 2, maxOpenPositions: 9 }, 'right');
    const second = made({ store: new SqlLimitStore({ database }), clock: first.clock });
    await second.book.open();
    expect([second.book.overrides(user), second.book.waiting('ada')?.limits]).toEqual([
      { maxLeverage: 2 },
      { maxOpenPositions: 9 },
    ]);
    await database.close();
  });

  it('behavior: Brix decides by it', async () => {
    const desk = new FakeDesk();
    desk.add();
    const { book, change } = made();
    const brix = desk.brix({ limitBook: book });
    expect(await brix.authorize(orderNumber(1))).toMatchObject({ outcome: 'approved' });
    await change({ maxOrderNotional: toUsd(500) });
    expect(await brix.authorize(orderNumber(2))).toMatchObject({
      rejection: { code: 'order-notional.limit', limit: '500', actual: '1200.04' },
    });
  });

  it('error: limits that can not be used', async () => {
    const { change, book } = made();
    await expect(change({ dailyLoss: toRate('0') })).rejects.toMatchObject({ code: 'limits.invalid' });
    await expect(change({ maxLeverage: -1 })).rejects.toThrow();
    expect(book.overrides(user)).toEqual({});
  });
});

describe('limitChange', () => {
  it('behavior: a shorter pause after losses allows more, also than the default of one hour', () => {
    const change = (current: Partial<RiskLimits>, wanted: Partial<RiskLimits>) =>
      limitChange({ ...tierDefaults.beginner, ...current }, wanted, 0);
    expect(change({}, { coolingOffMs: 1_000 }).later).toEqual({ coolingOffMs: 1_000 });
    expect(change({}, { coolingOffMs: 7_200_000 }).now).toEqual({ coolingOffMs: 7_200_000 });
    expect(change({ coolingOffMs: 5_000 }, { coolingOffMs: 4_999 }).needsReauthentication).toBe(true);
    expect(change({}, { maxLossesInRow: 3, weeklyLoss: toRate('0.2') }).needsReauthentication).toBe(false);
    expect(change({ maxLossesInRow: 3 }, { maxLossesInRow: 4 }).needsReauthentication).toBe(true);
  });
});
