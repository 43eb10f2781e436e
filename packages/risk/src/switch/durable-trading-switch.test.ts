import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventBus, SeededRandom, SimulatedClock, SortableIdGenerator, type TradingScope } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DurableTradingSwitch, type DurableTradingSwitchOptions } from './durable-trading-switch.ts';
import { MemoryTradingSwitch } from './memory-trading-switch.ts';

let directory: string;
let clock: SimulatedClock;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpdesk-switch-'));
  clock = new SimulatedClock({ startAtMs: 1_000_000 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = () => join(directory, 'trading-halt.json');
const started = async (options: Partial<DurableTradingSwitchOptions> = {}) => {
  const made = new DurableTradingSwitch({
    clock,
    directory,
    reauthenticate: ({ token }) => token === 'right',
    ...options,
  });
  await made.start();
  return made;
};
const user: TradingScope = 'user:ada';
const [file] = await testDatabases();
/** A database that several processes could open. */
const oneDatabase = async (): Promise<TestDatabase> => {
  if (file === undefined) throw new Error('no database');
  return file.make();
};

describe('DurableTradingSwitch', () => {
  it('default: a halt takes effect before set returns and survives a restart', async () => {
    const first = await started();
    expect(first.state([user])).toBe('active');
    const durable = first.set('operator', 'halted', 'Kill switch.');
    expect(first.state([user])).toBe('halted');
    await durable;
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual({
      version: 1,
      scopes: { operator: { state: 'halted', reason: 'Kill switch.', atMs: 1_000_000 } },
    });
    expect((await started()).state([])).toBe('halted');
  });

  it('behavior: the strictest of the scopes counts, each by itself', async () => {
    const made = await started();
    await made.set(user, 'reducing', 'Daily loss.');
    await made.set('market:BTC-PERP', 'halted', 'Wild.');
    expect(made.state([user])).toBe('reducing');
    expect(made.state([user, 'market:BTC-PERP'])).toBe('halted');
    expect(made.state(['user:bob', 'market:ETH-PERP'])).toBe('active');
    expect([...made.records().keys()]).toEqual([user, 'market:BTC-PERP']);
  });

  it('behavior: re-arming needs authentication, and is durable before it holds', async () => {
    const made = await started();
    await made.set('operator', 'halted', 'Kill switch.');
    await expect(made.set('operator', 'active', 'Sorry.')).rejects.toMatchObject({ code: 'reauthentication.required' });
    await expect(made.set('operator', 'reducing', 'Sorry.', { token: 'wrong' })).rejects.toMatchObject({
      code: 'reauthentication.required',
    });
    expect(made.state([])).toBe('halted');
    const rearmed = made.set('operator', 'active', 'Looked at it.', { token: 'right' });
    expect(made.state([])).toBe('halted');
    await rearmed;
    expect(made.state([])).toBe('active');
    expect((await started()).state([])).toBe('active');
    const without = new DurableTradingSwitch({ clock, directory });
    await without.start();
    await without.set(user, 'halted', 'Stop.');
    await expect(without.set(user, 'active', 'Go.', { token: 'right' })).rejects.toMatchObject({
      code: 'reauthentication.required',
    });
  });

  it('behavior: a halt that comes while somebody re-arms wins', async () => {
    let allow: (allowed: boolean) => void = () => {};
    const asked = new Promise<boolean>((resolve) => {
      allow = resolve;
    });
    const made = await started({ reauthenticate: () => asked });
    await made.set('operator', 'reducing', 'Careful.');
    const rearmed = made.set('operator', 'active', 'Go.');
    await made.set('operator', 'halted', 'No!');
    allow(true);
    await expect(rearmed).rejects.toMatchObject({ code: 'trading-state.changed' });
    expect(made.state([])).toBe('halted');
    expect((await started()).state([])).toBe('halted');
  });

  it('behavior: a file that can not be read halts everything, also an empty one made by hand', async () => {
    writeFileSync(path(), '');
    expect((await started()).state([])).toBe('halted');
    writeFileSync(path(), '{"version":2}');
    const made = await started();
    expect(made.state([])).toBe('halted');
    expect(made.health()).toMatchObject({ status: 'degraded' });
    await made.set('operator', 'active', 'Repaired.', { token: 'right' });
    expect((await started()).state([])).toBe('active');
  });

  it('behavior: what another process writes is honoured within a second', async () => {
    const made = await started();
    const operator = await started();
    expect(made.state([])).toBe('active');
    await operator.set('operator', 'halted', 'From the command line.');
    await clock.advanceBy(999);
    expect(made.state([])).toBe('active');
    await clock.advanceBy(1);
    expect(made.state([])).toBe('halted');
  });

  it('behavior: a row in the database is honoured when the file is gone, the file when the database is', async () => {
    const database = await openDatabase({ url: 'sqlite::memory:' });
    const made = await started({ database });
    await made.set(user, 'halted', 'Stop.');
    rmSync(path());
    expect((await started({ database })).state([user])).toBe('halted');
    await made.set('market:BTC-PERP', 'halted', 'Stop.');
    await database.close();
    await made.set('operator', 'reducing', 'The database is gone.');
    expect(made.health().status).toBe('degraded');
    const again = await started({ database });
    expect(again.state([user])).toBe('halted');
    expect(again.state([])).toBe('reducing');
  });

  it('behavior: what the database did not take is told it by the next refresh, also after a restart', async () => {
    const { url, open, drop } = await oneDatabase();
    const ours = await openDatabase({ url });
    const made = await started({ database: ours });
    await ours.close();
    await made.set('operator', 'halted', 'The database is gone.');
    await expect(made.refresh()).rejects.toThrow();
    const other = await started({ database: await open(), directory: join(directory, 'other') });
    await other.refresh();
    expect(other.state([])).toBe('active');
    const again = await started({ database: await open() });
    await again.refresh();
    await other.refresh();
    expect(other.state([])).toBe('halted');
    await drop();
  });

  it('behavior: what the database was told to loosen since is not tightened again by an old file', async () => {
    const { open, drop } = await oneDatabase();
    const first = await started({ database: await open() });
    await first.set(user, 'halted', 'Stop.');
    clock = new SimulatedClock({ startAtMs: 1_000_001 });
    const other = await started({ database: await open(), directory: join(directory, 'other') });
    await other.set(user, 'active', 'Looked at it.', { token: 'right' });
    const again = await started({ database: await open() });
    expect(again.state([user])).toBe('halted');
    await again.refresh();
    await other.refresh();
    expect(other.state([user])).toBe('active');
    await drop();
  });

  it('behavior: says how old the oldest sign of the others is, until they sign off or are forgotten', async () => {
    const { open, drop } = await oneDatabase();
    const database = await open();
    const made = await started({ database, forgetAfterMs: 10_000 });
    expect(await made.refresh()).toBe(0);
    const other = await started({ database, process: 'other' });
    await other.refresh();
    expect(await made.refresh()).toBeLessThan(1_000);
    const setBack = (ms: number) =>
      sql`update risk_trading_processes set seen_at_ms = seen_at_ms - ${ms} where process = 'other'`.execute(
        database.kysely,
      );
    await setBack(5_000);
    const age = await made.refresh();
    expect(age).toBeGreaterThanOrEqual(5_000);
    expect(age).toBeLessThan(6_000);
    await setBack(5_000);
    expect(await made.refresh()).toBe(0);
    await other.refresh();
    await setBack(5_000);
    await other.stop();
    expect(await made.refresh()).toBe(0);
    await expect(other.refresh()).rejects.toMatchObject({ code: 'trading-state.stopped' });
    await drop();
  });

  it('error: a process may not be forgotten before its lease has ended', () => {
    for (const forgetAfterMs of [1_999, Number.NaN])
      expect(() => new DurableTradingSwitch({ clock, directory, forgetAfterMs })).toThrow(
        expect.objectContaining({ code: 'trading-switch.invalid' }),
      );
  });

  it('behavior: with nothing to write to it still holds in memory, and says so', async () => {
    const nowhere = join(directory, 'file', 'below');
    writeFileSync(join(directory, 'file'), 'not a folder');
    const made = new DurableTradingSwitch({ clock, directory: nowhere });
    await made.start();
    await expect(made.set('operator', 'halted', 'Stop.')).rejects.toMatchObject({ code: 'trading-state.volatile' });
    expect(made.state([])).toBe('halted');
  });

  it('behavior: changes are told where there is a bus, and hold where it fails', async () => {
    const eventBus = new MemoryEventBus({
      clock,
      ids: new SortableIdGenerator({ clock, random: new SeededRandom(1) }),
    });
    const told: unknown[] = [];
    eventBus.subscribe(
      { group: 'test', types: ['trading-state.changed'] },
      ({ key, userId, payload }) => void told.push([key, userId, payload]),
    );
    const made = await started({ eventBus });
    await made.set('operator', 'reducing', 'Careful.');
    // One user's is told as that user's, so that nobody else hears of it.
    await made.set('user:ada', 'reducing', 'Asleep.');
    await clock.idle();
    expect(told).toEqual([
      ['operator', undefined, { scope: 'operator', state: 'reducing', reason: 'Careful.' }],
      ['user:ada', 'ada', { scope: 'user:ada', state: 'reducing', reason: 'Asleep.' }],
    ]);
    await eventBus.close();
    await made.set('operator', 'halted', 'Stop.');
    expect(made.state([])).toBe('halted');
  });

  it('behavior: many at once leave the newest of all in the file', async () => {
    const made = await started();
    await Promise.all(Array.from({ length: 50 }, (_, n) => made.set(`user:u${n}`, 'halted', 'Stop.')));
    const again = await started();
    expect(Array.from({ length: 50 }, (_, n) => again.state([`user:u${n}`])).every((state) => state === 'halted')).toBe(
      true,
    );
    expect(existsSync(`${path()}.next`)).toBe(false);
  });

  it('error: before its start everything is halted', () => {
    expect(new DurableTradingSwitch({ clock, directory }).state([])).toBe('halted');
  });
});

describe('MemoryTradingSwitch', () => {
  it('default: the strictest counts', async () => {
    const made = new MemoryTradingSwitch();
    expect(made.state([user])).toBe('active');
    await made.set(user, 'halted');
    expect([made.state([user]), made.state(['user:bob'])]).toEqual(['halted', 'active']);
    await made.set(user, 'active');
    await made.set('operator', 'reducing');
    expect(made.state([user])).toBe('reducing');
  });
});
