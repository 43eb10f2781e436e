import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../errors/config-error.ts';
import { StoreError } from '../errors/store-error.ts';
import { databaseContract } from '../testing/database-contract.ts';
import { testDatabases } from '../testing/test-databases.ts';
import { openDatabase } from './index.ts';
import { loadPeer } from './peer.ts';
import { requireNode } from './sqlite.ts';

for (const { title, available, make } of await testDatabases()) {
  describe.skipIf(!available)(`${title} keeps the contract of a database`, () => {
    for (const c of databaseContract) it(c.name, () => c.run(make));
  });
}

const failure = (url: string, readOnly = false) =>
  openDatabase({ url, readOnly }).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe('openDatabase', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perpdesk-open-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('default: a SQLite file is in WAL mode, waits for the disk and checks foreign keys', async () => {
    await using database = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}` });
    const pragma = async (name: string) =>
      Object.values(
        (await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(database.kysely)).rows[0] ?? {},
      )[0];
    expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual([
      'wal',
      2,
      1,
    ]);
  });

  it('behavior: durability normal does not wait for the disk, for a database or for one transaction', async () => {
    const synchronous = async (kysely: Parameters<ReturnType<typeof sql>['execute']>[0]) =>
      (await sql<{ synchronous: number }>`pragma synchronous`.execute(kysely)).rows[0]?.synchronous;
    await using relaxed = await openDatabase({ url: `sqlite:${join(folder, 'market.db')}`, durability: 'normal' });
    await using strict = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}` });
    expect(await synchronous(relaxed.kysely)).toBe(1);
    for (const time of ['first', 'second']) {
      const during = await strict.transaction((transaction) => synchronous(transaction.as()), { durability: 'normal' });
      expect([time, during]).toEqual([time, 1]);
      expect(await strict.transaction((transaction) => synchronous(transaction.as()))).toBe(2);
    }
    await expect(strict.transaction(() => Promise.reject(new Error('no')), { durability: 'normal' })).rejects.toThrow(
      'no',
    );
    expect(await synchronous(strict.kysely)).toBe(2);
  });

  it('behavior: a read-only database refuses writes and needs no writable file', async () => {
    const url = `sqlite:${join(folder, 'desk.db')}`;
    await using writable = await openDatabase({ url });
    await sql`create table notes (id text)`.execute(writable.kysely);
    await using database = await openDatabase({ url, readOnly: true });
    expect((await sql`select * from notes`.execute(database.kysely)).rows).toEqual([]);
    await expect(sql`insert into notes values ('a')`.execute(database.kysely)).rejects.toMatchObject({
      code: 'database.read-only',
    });
  });

  it('behavior: rows are streamed, and a stream that is left early keeps the statement from nobody', async () => {
    await using database = await openDatabase({ url: `sqlite:${join(folder, 'desk.db')}` });
    await sql`create table notes (id text)`.execute(database.kysely);
    await sql`insert into notes values ('a'), ('b')`.execute(database.kysely);
    const notes = database.as<{ notes: { id: string } }>().selectFrom('notes').selectAll();
    const seen: string[] = [];
    for await (const { id } of notes.stream()) seen.push(id);
    for await (const { id } of notes.stream()) {
      seen.push(id);
      break;
    }
    expect(seen).toEqual(['a', 'b', 'a']);
    expect(await notes.execute()).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('behavior: two connections of a process to a file write in turn, and neither stops the process', async () => {
    const url = `sqlite:${join(folder, 'desk.db')}`;
    await using one = await openDatabase({ url });
    await using other = await openDatabase({ url });
    await using hasty = await openDatabase({ url, busyTimeoutMs: 1 });
    await sql`create table notes (id text)`.execute(one.kysely);
    const log: string[] = [];
    const insert = (text: string) => sql`insert into notes values (${text})`;
    const first = one.transaction(async (transaction) => {
      await insert('a').execute(transaction.as());
      await expect(hasty.transaction(async () => {})).rejects.toMatchObject({ code: 'database.busy', retryable: true });
      log.push('first');
    });
    const second = other.transaction(async (transaction) => {
      await insert('b').execute(transaction.as());
      log.push('second');
    });
    const third = insert('c').execute(other.kysely);
    await Promise.all([first, second, third]);
    expect(log).toEqual(['first', 'second']);
    expect((await sql`select * from notes order by id`.execute(one.kysely)).rows).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
    ]);
  });

  it('error: a URL of no known form is refused, its password not repeated', async () => {
    for (const url of ['', 'desk.db', 'sqlite:', 'mysql://root:hunter2@host/desk', 'postgres:']) {
      const error = await failure(url);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ code: 'database.url' });
      expect(String(error)).not.toContain('hunter2');
    }
  });

  it('error: a folder that is not there, a file that is no database, nothing to read: each in a line with the path', async () => {
    await writeFile(join(folder, 'text.db'), 'this is no database, however long the text of it may be. '.repeat(50));
    const cases = [
      [join(folder, 'none', 'desk.db'), 'database.folder', ConfigError, false],
      [join(folder, 'text.db'), 'database.corrupt', StoreError, false],
      [join(folder, 'absent.db'), 'database.missing', ConfigError, true],
      [folder, 'database.unwritable', ConfigError, false],
    ] as const;
    for (const [path, code, kind, readOnly] of cases) {
      const error = await failure(`sqlite:${path}`, readOnly);
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ code });
      expect(String(error)).toContain(path);
      expect(String(error)).not.toContain('\n');
    }
  });

  it.skipIf(process.getuid?.() === 0)(
    'error: a folder without the right to write (needs a user other than root)',
    async () => {
      await chmod(folder, 0o500);
      expect(await failure(`sqlite:${join(folder, 'desk.db')}`)).toMatchObject({ code: 'database.unwritable' });
      await chmod(folder, 0o700);
    },
  );

  it('error: a server that does not answer is a StoreError that says where, without user and password', async () => {
    const error = await failure('postgres://ann:hunter2@127.0.0.1:1/desk');
    expect(error).toMatchObject({ name: 'StoreError', code: 'database.unreachable', retryable: true });
    expect(String(error)).toContain('postgres://127.0.0.1:1/desk');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  it('error: a package that is not installed is a ConfigError with the install line', async () => {
    const absent = () => import(String('@perpdesk/no-such-package'));
    await expect(loadPeer('better-sqlite3', 'SQLite', absent)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'package.missing',
      message: expect.stringContaining('npm install better-sqlite3'),
    });
    await expect(
      loadPeer('pg', 'PostgreSQL', () => Promise.reject(new TypeError('a mistake of its own'))),
    ).rejects.toThrow(TypeError);
  });

  it('error: an older Node is refused before the native module can end the process', () => {
    expect(() => requireNode('20.19.4')).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'node.version' }),
    );
    expect(() => requireNode('22.18.0')).not.toThrow();
  });
});
