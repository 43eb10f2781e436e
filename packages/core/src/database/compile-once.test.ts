import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabases } from '../testing/test-databases.ts';
import { compileOnce, type Database, firstRow, writtenRows } from './index.ts';

interface Tables {
  notes: { id: string; at_ms: number; text: string | null };
}
type Note = Tables['notes'];

let built = 0;
const putNote = compileOnce((kysely: Kysely<Tables>, row: Note) => {
  built += 1;
  return kysely
    .insertInto('notes')
    .values({ id: row.id, at_ms: row.at_ms, text: row.text })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ at_ms: row.at_ms, text: row.text }))
    .compile();
});
const notesAfter = compileOnce((kysely: Kysely<Tables>, { atMs, not }: { atMs: number; not: string }) =>
  kysely
    .selectFrom('notes')
    .selectAll()
    .where('at_ms', '>', atMs)
    .where('id', '!=', 'hidden')
    .where('id', '!=', not)
    .orderBy('id')
    .compile(),
);
const rename = compileOnce((kysely: Kysely<Tables>, { id, text }: { id: string; text: string }) =>
  sql<Note>`update notes set text = ${text} where id = ${id} and text <> ${text}`.compile(kysely),
);
const insertNote = compileOnce((kysely: Kysely<Tables>, row: Note) =>
  kysely.insertInto('notes').values({ id: row.id, at_ms: row.at_ms, text: row.text }).compile(),
);
const insertWhole = compileOnce((kysely: Kysely<Tables>, row: Note) =>
  kysely
    .insertInto('notes')
    .values({ ...row })
    .compile(),
);

const kinds = await testDatabases();

for (const { title, available, make } of kinds) {
  describe.skipIf(!available)(`a statement compiled once on ${title}`, () => {
    let made: TestDatabase;
    let database: Database;
    const note = (id: string, text: string | null = 'x', at_ms = 1_735_689_600_000): Note => ({ id, at_ms, text });
    const put = (row: Note) => putNote(database.as<Tables>(), row);
    const after = async (atMs: number, not = '') => (await notesAfter(database.as<Tables>(), { atMs, not })).rows;

    beforeEach(async () => {
      made = await make();
      database = await made.open();
      await sql`create table notes (id text primary key, at_ms bigint not null, text text)`.execute(database.kysely);
    });
    afterEach(() => made.drop());

    it('default: each time with the parameters of that time, however often each is named, and with what is fixed', async () => {
      await Promise.all(['a', 'b', 'hidden'].map((id) => put(note(id))));
      await put(note('b', null, 5));
      expect(await after(4)).toEqual([note('a'), note('b', null, 5)]);
      expect(await after(5)).toEqual([note('a')]);
      expect(await after(4, 'a')).toEqual([note('b', null, 5)]);
      const counts = [];
      for (const text of ['y', 'y', 'z'])
        counts.push(await writtenRows(rename(database.as<Tables>(), { id: 'a', text })));
      expect(counts).toEqual([1n, 0n, 1n]);
      expect(await firstRow(notesAfter(database.as<Tables>(), { atMs: 4, not: 'a' }))).toEqual(note('b', null, 5));
      expect(await firstRow(notesAfter(database.as<Tables>(), { atMs: 9e12, not: '' }))).toBeUndefined();
      expect(await after(5)).toEqual([note('a', 'z')]);
    });

    it("behavior: Kysely's plugins see each, and none of theirs is kept", async () => {
      await put(note('a', 'y'));
      let seen = 0;
      const plugged = database.as<Tables>().withPlugin({
        transformQuery: ({ node }) => {
          seen += 1;
          return node;
        },
        transformResult: async ({ result: { rows, ...result } }) => ({
          ...result,
          rows: rows.map((row) => ({ ...row, text: 'seen' })),
        }),
      });
      for (const id of ['b', 'c']) await putNote(plugged, note(id));
      const asked = { atMs: 4, not: 'b' };
      for (let times = 1; times <= 2; times += 1) {
        expect((await notesAfter(plugged, asked)).rows).toEqual([note('a', 'seen'), note('c', 'seen')]);
        expect(await after(4, 'b')).toEqual([note('a', 'y'), note('c')]);
      }
      expect(seen).toBe(4);
    });

    it('behavior: is built once for a database and its transactions, and belongs to the transaction it is run in', async () => {
      built = 0;
      await put(note('a'));
      await expect(
        database.transaction(async (transaction) => {
          await putNote(transaction.as<Tables>(), note('a', 'changed'));
          await putNote(transaction.as<Tables>(), note('b'));
          const { rows } = await notesAfter(transaction.as<Tables>(), { atMs: 0, not: '' });
          expect(rows).toEqual([note('a', 'changed'), note('b')]);
          throw new Error('rolled back');
        }),
      ).rejects.toThrow('rolled back');
      expect(await after(0)).toEqual([note('a')]);
      expect(built).toBe(1);
    });

    it('error: a refused row is a StoreError; a row that is not named column by column is no statement', async () => {
      await put(note('a'));
      await expect(insertNote(database.as<Tables>(), note('a'))).rejects.toMatchObject({
        name: 'StoreError',
        code: 'database.constraint',
      });
      expect(() => insertWhole(database.as<Tables>(), note('b'))).toThrow('named one by one');
    });

    it('error: after its transaction it is refused, not run outside', async () => {
      const late = await database.transaction(async (transaction) => transaction.as<Tables>());
      await expect(putNote(late, note('a'))).rejects.toThrow('committed');
      expect(await after(0)).toEqual([]);
    });
  });
}

describe('a statement compiled once', () => {
  it('behavior: speaks the SQL of each database it is run on', async () => {
    const made = await Promise.all(kinds.filter(({ available }) => available).map(({ make }) => make()));
    for (const database of await Promise.all(made.map((each) => each.open()))) {
      await sql`create table notes (id text primary key, at_ms bigint not null, text text)`.execute(database.kysely);
      await putNote(database.as<Tables>(), { id: 'a', at_ms: 1, text: database.dialect });
      expect((await notesAfter(database.as<Tables>(), { atMs: 0, not: 'b' })).rows).toEqual([
        { id: 'a', at_ms: 1, text: database.dialect },
      ]);
    }
    await Promise.all(made.map((each) => each.drop()));
  });
});
