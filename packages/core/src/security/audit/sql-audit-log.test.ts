import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { Database } from '../../database/database.ts';
import { SeededRandom } from '../../ids/random.ts';
import type { Logger } from '../../logger/logger.ts';
import type { AuditEntry } from '../../ports/audit-log.ts';
import { auditLogContract, type MakeAuditLog } from '../../testing/audit-log-contract.ts';
import { type TestDatabase, testDatabases } from '../../testing/test-databases.ts';
import { openSigningKeyFile } from '../secret-file.ts';
import { entryHash, genesisHash, rowOf } from './audit-chain.ts';
import { type AuditCheckpoint, type CheckpointSink, signCheckpoint } from './audit-checkpoint.ts';
import type { AuditEntryTable, AuditTables } from './audit-tables.ts';
import { FileCheckpointSink } from './file-checkpoint-sink.ts';
import { SqlAuditLog } from './sql-audit-log.ts';
import { AuditWalk, auditGenesis } from './verify-audit.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;
const broken = expect.objectContaining({ name: 'StoreError', code: 'audit.broken' });
const unavailable = expect.objectContaining({ name: 'StoreError', code: 'audit.unavailable' });

const record = (i: number) => ({
  action: i % 3 === 0 ? 'order.placed' : 'limit.changed',
  actor: `user:user-${i % 5}`,
  subject: `order:${i}`,
  ...(i % 2 === 0 ? { traceId: `trace-${i}` } : {}),
  details: { index: i, price: `${61_000 + i}.5`, note: 'é 漢字 "quoted"', nested: { list: [i, null, true] } },
});

class MemorySink implements CheckpointSink {
  readonly kept: AuditCheckpoint[] = [];
  failing = false;

  async write(checkpoint: AuditCheckpoint): Promise<void> {
    if (this.failing) throw new Error('the disk is full');
    this.kept.push(checkpoint);
  }

  async read(): Promise<readonly AuditCheckpoint[]> {
    return [...this.kept];
  }
}

/** The rows of a log of `length` entries, made without a database. */
function chain(length: number, change: (i: number) => ReturnType<typeof record> = record): AuditEntryTable[] {
  let previous = genesisHash;
  return Array.from({ length }, (_, i) => {
    const content = { ...change(i), sequence: i + 1, atMs: 1_700_000_000_000 + i };
    const entry: AuditEntry = { ...content, hash: entryHash(previous, content) };
    previous = entry.hash;
    return rowOf(entry);
  });
}

describe('the chain', () => {
  it('behavior: every changed byte of every column of 200 entries is found, at its entry', () => {
    const rows = chain(200);
    let flipped = 0;
    for (const [i, row] of rows.entries()) {
      const before = rows[i - 1];
      const from = before === undefined ? auditGenesis : { sequence: before.sequence, hash: before.hash };
      expect(new AuditWalk(from, []).step(row)).toBeUndefined();
      for (const [column, value] of Object.entries(row)) {
        const bytes = Buffer.from(String(value ?? ''));
        for (let at = 0; at < bytes.length; at += 1) {
          // A different bit for each place; every bit of the first entries.
          for (const bit of i < 3 ? [0, 1, 2, 3, 4, 5, 6, 7] : [(i + at) % 8]) {
            const changed = Buffer.from(bytes);
            changed[at] = (changed[at] ?? 0) ^ (1 << bit);
            const text = changed.toString();
            const altered = { ...row, [column]: typeof value === 'number' ? Number(text) : text };
            flipped += 1;
            // "1e3" or " 12" in place of a number is the same number: nothing was changed.
            if (altered[column as keyof AuditEntryTable] === value) continue;
            expect(new AuditWalk(from, []).step(altered), `${column} ${text}`).toEqual({
              ok: false,
              sequence: i + 1,
              reason: 'altered',
            });
          }
        }
      }
    }
    expect(flipped).toBeGreaterThan(40_000);
  });

  it('behavior: the same details spelled another way are found', () => {
    const [row] = chain(1);
    if (row === undefined) return expect.unreachable();
    const spellings = [
      row.details.replace(':', ': '),
      `${row.details} `,
      row.details.replace('é', '\\u00e9'),
      row.details.replace('{', '{"index":1,'),
    ];
    for (const details of spellings) {
      expect(JSON.parse(details)).toEqual(JSON.parse(row.details));
      expect(new AuditWalk(auditGenesis, []).step({ ...row, details })).toEqual({
        ok: false,
        sequence: 1,
        reason: 'altered',
      });
    }
  });
});

describe('FileCheckpointSink', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perpdesk-audit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const checkpoint = (sequence: number) =>
    signCheckpoint(privateKey, { sequence, hash: 'a'.repeat(64), atMs: sequence });

  it('default: keeps lines in order; none before the first', async () => {
    const sink = new FileCheckpointSink({ path: join(folder, 'checkpoints') });
    expect(await sink.read()).toEqual([]);
    await sink.write(checkpoint(1));
    await sink.write(checkpoint(2));
    expect(await sink.read()).toEqual([checkpoint(1), checkpoint(2)]);
  });

  it('behavior: a line that a crash cut short is passed over and then replaced', async () => {
    const path = join(folder, 'checkpoints');
    const sink = new FileCheckpointSink({ path });
    await sink.write(checkpoint(1));
    await appendFile(path, '{"sequence":2,"ha');
    expect(await sink.read()).toEqual([checkpoint(1)]);
    await sink.write(checkpoint(3));
    expect(await sink.read()).toEqual([checkpoint(1), checkpoint(3)]);
  });

  it('error: a line that is no checkpoint, a place that can not be written', async () => {
    const path = join(folder, 'checkpoints');
    await writeFile(path, `${JSON.stringify(checkpoint(1))}\nrubbish\n`);
    await expect(new FileCheckpointSink({ path }).read()).rejects.toThrow(
      expect.objectContaining({ code: 'audit.checkpoint-unreadable' }),
    );
    const nowhere = new FileCheckpointSink({ path: join(folder, 'none', 'checkpoints') });
    await expect(nowhere.write(checkpoint(1))).rejects.toThrow(
      expect.objectContaining({ code: 'audit.checkpoint-failed' }),
    );
  });

  it('behavior: the signing key file is made once and read again', async () => {
    const path = join(folder, 'audit.pem');
    const made = await openSigningKeyFile(path);
    expect((await openSigningKeyFile(path)).equals(made)).toBe(true);
  });
});

for (const { title, available, make } of (await testDatabases()).filter((each) => each.title !== 'SQLite in memory')) {
  describe.skipIf(!available)(`SqlAuditLog on ${title}`, () => {
    let test: TestDatabase;
    let database: Database;
    let clock: SimulatedClock;
    let sink: MemorySink;

    beforeEach(async () => {
      test = await make();
      database = await test.open();
      clock = new SimulatedClock({ startAtMs: 1_700_000_000_000 });
      sink = new MemorySink();
    });
    afterEach(() => test.drop());

    const create = (options: { everyEntries?: number; everyMs?: number; logger?: Logger } = {}) => {
      const { logger, ...often } = options;
      return new SqlAuditLog({
        database,
        clock,
        checkpoints: { sink, privateKey, ...often },
        ...(logger === undefined ? {} : { logger }),
      });
    };
    const open = async (options: Parameters<typeof create>[0] = {}) => {
      const log = create(options);
      await log.start();
      return log;
    };
    const write = (log: SqlAuditLog, count: number, first = 0) =>
      Promise.all(Array.from({ length: count }, (_, i) => log.append(record(first + i))));
    const tables = () => database.as<AuditTables>();
    /** What an attacker who owns the database does first. */
    const dropTriggers = async () => {
      const table = sql.table('perpdesk_audit_entries');
      if (database.dialect === 'postgres') {
        await sql`drop trigger perpdesk_audit_no_change on ${table}`.execute(tables());
        await sql`drop trigger perpdesk_audit_no_truncate on ${table}`.execute(tables());
        return;
      }
      for (const name of ['update', 'delete', 'replace'])
        await sql`drop trigger ${sql.ref(`perpdesk_audit_no_${name}`)}`.execute(tables());
    };
    const rows = () => tables().selectFrom('perpdesk_audit_entries').selectAll().orderBy('sequence').execute();
    const replaceAll = async (kept: readonly AuditEntryTable[]) => {
      await tables().deleteFrom('perpdesk_audit_entries').execute();
      if (kept.length > 0) await tables().insertInto('perpdesk_audit_entries').values(kept).execute();
    };

    const makeLog: MakeAuditLog = async (options) => {
      const log = new SqlAuditLog({ database, clock: options.clock });
      await log.start();
      return { log, close: () => log.stop() };
    };
    for (const c of auditLogContract) it(c.name, () => c.run(makeLog));

    it('default: 200 entries verify, with checkpoints at 100 and 200', async () => {
      const log = await open();
      await write(log, 200);
      expect(await log.verify()).toEqual({
        ok: true,
        entries: 200,
        checkpoints: 2,
        head: { sequence: 200, hash: (await rows())[199]?.hash },
      });
      expect(sink.kept.map(({ sequence }) => sequence)).toEqual([100, 200]);
      expect((await log.read({ subject: 'order:7' })).map(({ sequence }) => sequence)).toEqual([8]);
      expect((await log.read({ afterSequence: 198 })).map(({ subject }) => subject)).toEqual([
        'order:198',
        'order:199',
      ]);
    });

    it('behavior: the database refuses to change, remove or replace an entry', async () => {
      const log = await open();
      await write(log, 3);
      const before = await rows();
      const refusals = [
        sql`update perpdesk_audit_entries set actor = 'system'`,
        sql`delete from perpdesk_audit_entries where sequence = 3`,
        database.dialect === 'sqlite'
          ? sql`insert or replace into perpdesk_audit_entries select sequence, at_ms, 'x', actor, subject, trace_id, details, hash from perpdesk_audit_entries`
          : sql`truncate perpdesk_audit_entries`,
      ];
      for (const refusal of refusals) await expect(refusal.execute(tables())).rejects.toThrow(/append-only/);
      expect(await rows()).toEqual(before);
      expect((await log.verify()).ok).toBe(true);
    });

    it('error: changed bytes are found by the running log and by a new one, at their entry', async () => {
      const log = await open();
      await write(log, 200);
      await dropTriggers();
      const random = new SeededRandom('audit');
      for (let i = 0; i < 60; i += 1) {
        const at = 1 + Math.floor(random.next() * 200);
        const column = (['action', 'actor', 'subject', 'details', 'hash', 'at_ms'] as const)[i % 6] ?? 'hash';
        const row = (await rows())[at - 1];
        const value = row?.[column];
        if (value === undefined) continue;
        const place = Math.floor(random.next() * String(value).length);
        const text = `${String(value).slice(0, place)}${String(value)[place] === '7' ? '8' : '7'}${String(value).slice(place + 1)}`;
        await tables()
          .updateTable('perpdesk_audit_entries')
          .set({ [column]: column === 'at_ms' ? Number(text) : text })
          .where('sequence', '=', at)
          .execute();
        expect(await log.verify(), `${column} of ${at}`).toEqual({ ok: false, sequence: at, reason: 'altered' });
        expect(await create().verify()).toEqual({ ok: false, sequence: at, reason: 'altered' });
        await tables()
          .updateTable('perpdesk_audit_entries')
          .set({ [column]: value })
          .where('sequence', '=', at)
          .execute();
      }
      expect((await log.verify()).ok).toBe(true);
    });

    it('error: entries taken out, swapped, inserted', async () => {
      const log = await open();
      await write(log, 200);
      await dropTriggers();
      const genuine = await rows();
      const [seventh, eighth] = [genuine[6], genuine[7]];
      if (seventh === undefined || eighth === undefined) return expect.unreachable();
      const swapped = genuine.map((row, i) =>
        i === 6 ? { ...eighth, sequence: 7 } : i === 7 ? { ...seventh, sequence: 8 } : row,
      );
      const inserted = [...genuine, { ...seventh, sequence: 201 }];
      const first = [{ ...seventh, sequence: 0 }, ...genuine];
      const pushed = [...genuine.slice(0, 50), seventh, ...genuine.slice(50)].map((row, i) => ({
        ...row,
        sequence: i + 1,
      }));
      const cases: readonly [readonly AuditEntryTable[], number][] = [
        [genuine.filter((_, i) => i !== 41), 42],
        [genuine.filter((_, i) => i !== 41).map((row, i) => ({ ...row, sequence: i + 1 })), 42],
        [genuine.slice(1), 1],
        [swapped, 7],
        [inserted, 201],
        [first, 1],
        [pushed, 51],
      ];
      for (const [changed, sequence] of cases) {
        await replaceAll(changed);
        expect(await log.verify()).toEqual({ ok: false, sequence, reason: 'altered' });
        expect(await create().verify()).toEqual({ ok: false, sequence, reason: 'altered' });
      }
    });

    it('error: a cut tail is found by the checkpoints, and stops appending and starting', async () => {
      const log = await open();
      await write(log, 200);
      await dropTriggers();
      const genuine = await rows();
      for (const kept of [199, 150, 100, 1, 0]) {
        await replaceAll(genuine.slice(0, kept));
        expect(await create().verify()).toEqual({ ok: false, sequence: kept + 1, reason: 'truncated' });
        await expect(open()).rejects.toThrow(broken);
      }
      await expect(log.append(record(200))).rejects.toThrow(broken);
      expect(log.writable()).toBe(false);
      expect(log.health()).toEqual({
        status: 'failed',
        detail: 'The audit log can not be relied on from entry 1 on (truncated).',
      });
      expect(await rows()).toEqual([]);
    });

    it('error: a tail cut after the last checkpoint is found by the process that wrote it', async () => {
      const log = await open();
      await write(log, 150);
      await dropTriggers();
      await replaceAll((await rows()).slice(0, 140));
      expect(await log.verify()).toEqual({ ok: false, sequence: 141, reason: 'truncated' });
      await expect(log.append(record(200))).rejects.toThrow(broken);
    });

    it('error: a wholly recomputed chain is found, from the last checkpoint that holds on', async () => {
      const log = await open();
      await write(log, 200);
      await dropTriggers();
      const genuine = await rows();
      const forgedFrom = (first: number): AuditEntryTable[] => {
        let previous = genuine[first - 2]?.hash ?? genesisHash;
        const kept = genuine.slice(0, first - 1);
        return kept.concat(
          genuine.slice(first - 1).map((row, i) => {
            const content = {
              ...record(first - 1 + i),
              actor: 'user:mallory',
              sequence: row.sequence,
              atMs: row.at_ms,
            };
            const entry = { ...content, hash: entryHash(previous, content) };
            previous = entry.hash;
            return rowOf(entry);
          }),
        );
      };
      for (const [first, sequence] of [
        [1, 1],
        [50, 1],
        [101, 101],
        [200, 101],
      ] as const) {
        await replaceAll(forgedFrom(first));
        expect(await create().verify()).toEqual({ ok: false, sequence, reason: 'recomputed' });
        await expect(open()).rejects.toThrow(broken);
      }
      await expect(log.append(record(200))).rejects.toThrow(broken);
    });

    it('error: checkpoints forged, out of order, taken away or unreadable', async () => {
      const log = await open();
      await write(log, 250);
      const [first, second] = sink.kept;
      if (first === undefined || second === undefined) return expect.unreachable();
      const verifyWith = async (...kept: AuditCheckpoint[]) => {
        sink.kept.splice(0, sink.kept.length, ...kept);
        return await create().verify();
      };
      expect(await verifyWith(first, second)).toMatchObject({ ok: true });
      expect(await verifyWith({ ...first, atMs: 0 }, second)).toEqual({
        ok: false,
        sequence: 1,
        reason: 'checkpoint-forged',
      });
      expect(await verifyWith(first, signCheckpoint(stranger, second))).toEqual({
        ok: false,
        sequence: 101,
        reason: 'checkpoint-forged',
      });
      expect(await verifyWith(second, first)).toEqual({ ok: false, sequence: 201, reason: 'checkpoint-forged' });
      expect(await verifyWith(first)).toMatchObject({ ok: true, checkpoints: 1 });
      expect(await verifyWith()).toEqual({ ok: false, sequence: 1, reason: 'unwitnessed' });
    });

    it('behavior: a checkpoint comes after its time too, and at the stop', async () => {
      const log = await open();
      await write(log, 3);
      expect(sink.kept).toEqual([]);
      await clock.advanceBy(60_000);
      expect(sink.kept.map(({ sequence, atMs }) => [sequence, atMs])).toEqual([[3, 1_700_000_060_000]]);
      expect(clock.nextTimerAtMs()).toBeUndefined();
      await write(log, 2, 3);
      await log.stop();
      expect(sink.kept.map(({ sequence }) => sequence)).toEqual([3, 5]);
      expect(clock.nextTimerAtMs()).toBeUndefined();
      expect(log.writable()).toBe(false);
      const again = await open();
      expect((await again.append(record(5))).sequence).toBe(6);
    });

    it('behavior: checkpoints that can not be written are told and made up for', async () => {
      const log = await open({ everyEntries: 10 });
      sink.failing = true;
      await write(log, 15);
      expect(log.writable()).toBe(true);
      expect(log.health()).toEqual({ status: 'degraded', detail: 'checkpoints of the audit log can not be written' });
      await write(log, 10, 15);
      expect(await log.verify()).toEqual({ ok: false, sequence: 1, reason: 'unwitnessed' });
      sink.failing = false;
      await clock.advanceBy(60_000);
      expect(sink.kept.map(({ sequence }) => sequence)).toEqual([25]);
      expect(log.health()).toEqual({ status: 'healthy' });
      expect((await log.verify()).ok).toBe(true);
    });

    it('behavior: two logs on one database make one chain', async () => {
      // Two SQLite handles in one process would wait for each other with the event loop stopped: there they share one.
      const shared = database.dialect === 'sqlite' ? database : await test.open();
      const other = new SqlAuditLog({ database: shared, clock });
      const log = await open();
      await other.start();
      await Promise.all([write(log, 120), write(other, 120, 1_000)]);
      await log.append(record(1));
      await other.append(record(2));
      expect(await other.verify()).toMatchObject({ ok: true, entries: 242 });
      expect(await log.verify()).toMatchObject({ ok: true, entries: 242 });
    });

    /** Appends in a transaction of the caller's, which `fails` takes back. */
    const writeIn = (log: SqlAuditLog, i: number, fails = false) =>
      database.transaction(async (transaction) => {
        const written = await log.appendIn(transaction, record(i));
        if (fails) throw new Error('taken back');
        return written;
      });

    it("behavior: what is appended in a caller's transaction is in the chain with its commit, or not at all", async () => {
      const log = await open();
      await write(log, 1);
      expect(await writeIn(log, 1)).toBe(true);
      await expect(writeIn(log, 2, true)).rejects.toThrow('taken back');
      expect((await rows()).map(({ subject }) => subject)).toEqual(['order:0', 'order:1']);
      expect(await writeIn(log, 3)).toBe(true);
      expect((await log.append(record(4))).sequence).toBe(4);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 4 });
      // The process knows its head: a tail cut off afterwards is found.
      await writeIn(log, 5);
      await dropTriggers();
      await tables().deleteFrom('perpdesk_audit_entries').where('sequence', '=', 5).execute();
      expect(await log.verify()).toEqual({ ok: false, sequence: 5, reason: 'truncated' });
      await expect(writeIn(log, 6)).rejects.toThrow(broken);
      expect(log.writable()).toBe(false);
    });

    const bothWays = (log: SqlAuditLog, count: number, first = 0) =>
      Promise.all(
        Array.from({ length: count }, async (_, i) =>
          i % 3 === 0 || !(await writeIn(log, first + i)) ? log.append(record(first + i)) : true,
        ),
      );

    it('behavior: both ways at once, by two logs, make one chain', async () => {
      const shared = database.dialect === 'sqlite' ? database : await test.open();
      const other = new SqlAuditLog({ database: shared, clock });
      const log = await open();
      await other.start();
      await Promise.all([bothWays(log, 60), write(other, 60, 1_000)]);
      expect(new Set((await rows()).map(({ subject }) => subject)).size).toBe(120);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 120 });
    });

    it('behavior: checkpoints come as often for what is appended both ways at once', async () => {
      const log = await open({ everyEntries: 10 });
      await bothWays(log, 60);
      await log.stop();
      const gaps = sink.kept.map(({ sequence }, at) => sequence - (sink.kept[at - 1]?.sequence ?? 0));
      // A batch that waited to be written has room for as many again: below what verifying takes for unwitnessed.
      expect(Math.max(...gaps)).toBeLessThan(20);
      expect(sink.kept.at(-1)?.sequence).toBe(60);
      expect(await log.verify()).toMatchObject({ ok: true, entries: 60 });
    });

    it('behavior: a transaction does not wait for a checkpoint that is due: its entry goes by itself', async () => {
      const log = await open({ everyEntries: 2 });
      sink.failing = true;
      expect(await writeIn(log, 0)).toBe(true);
      expect(await writeIn(log, 1)).toBe(true);
      expect(await writeIn(log, 2)).toBe(false);
      expect((await rows()).length).toBe(2);
      sink.failing = false;
      await clock.advanceBy(60_000);
      expect(sink.kept.map(({ sequence }) => sequence)).toEqual([2]);
      expect(await writeIn(log, 2)).toBe(true);
    });

    it('behavior: a transaction of another database is not written in', async () => {
      const log = await open();
      const elsewhere = await (await testDatabases())[1]?.make();
      const foreign = await elsewhere?.open();
      expect(await foreign?.transaction((transaction) => log.appendIn(transaction, record(0)))).toBe(false);
      expect(await log.appendIn({ afterCommit: () => {} }, record(0))).toBe(false);
      expect(await rows()).toEqual([]);
      await elsewhere?.drop();
    });

    it("error: a caller's transaction that can not be written in, as by itself", async () => {
      await expect(writeIn(create(), 0)).rejects.toThrow(unavailable);
      const log = await open();
      await sql`alter table perpdesk_audit_entries rename to elsewhere`.execute(tables());
      await expect(writeIn(log, 0)).rejects.toThrow(unavailable);
      expect(log.writable()).toBe(false);
      await sql`alter table elsewhere rename to perpdesk_audit_entries`.execute(tables());
      await clock.advanceBy(5_000);
      expect(log.writable()).toBe(true);
      expect(await writeIn(log, 0)).toBe(true);
      expect((await log.verify()).ok).toBe(true);
    });

    it('behavior: while it can not be written it says so, and finds out by itself when it can', async () => {
      const log = await open();
      await write(log, 2);
      await sql`alter table perpdesk_audit_entries rename to elsewhere`.execute(tables());
      const results = await Promise.allSettled([log.append(record(2)), log.append(record(3))]);
      for (const result of results) expect(result).toEqual({ status: 'rejected', reason: unavailable });
      expect(log.writable()).toBe(false);
      expect(log.health()).toEqual({ status: 'failed', detail: 'The audit log can not be written.' });
      await clock.advanceBy(5_000);
      expect(log.writable()).toBe(false);
      await sql`alter table elsewhere rename to perpdesk_audit_entries`.execute(tables());
      await clock.advanceBy(5_000);
      expect(log.writable()).toBe(true);
      expect((await rows()).at(-1)).toMatchObject({ sequence: 3, action: 'audit.recovered', at_ms: 1_700_000_010_000 });
      expect((await log.verify()).ok).toBe(true);
      await log.stop();
      expect(clock.nextTimerAtMs()).toBeUndefined();
    });

    it('error: not running', async () => {
      const log = create();
      expect(log.writable()).toBe(false);
      await expect(log.append(record(1))).rejects.toThrow(unavailable);
    });

    it('behavior: checkpoints in a file witness the log over a restart', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'perpdesk-audit-'));
      const path = join(folder, 'checkpoints.jsonl');
      const openWithFile = async () => {
        const log = new SqlAuditLog({
          database,
          clock,
          checkpoints: { sink: new FileCheckpointSink({ path }), privateKey, everyEntries: 5 },
        });
        await log.start();
        return log;
      };
      const log = await openWithFile();
      await write(log, 12);
      await log.stop();
      const again = await openWithFile();
      expect(await again.verify()).toMatchObject({ ok: true, entries: 12, checkpoints: 3 });
      await writeFile(path, `${await readFile(path, 'utf8')}rubbish\n`);
      expect(await again.verify()).toEqual({ ok: false, sequence: 1, reason: 'checkpoint-forged' });
      await rm(folder, { recursive: true });
    });
  });
}
