import { type Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { testDatabases } from '../testing/test-databases.ts';
import type { Database } from './database.ts';

interface Notes {
  notes: { id: number; text: string };
}

const insert =
  (id: number, text = 'note') =>
  (kysely: Kysely<unknown>) =>
    (kysely as Kysely<Notes>).insertInto('notes').values({ id, text }).execute();
const ids = async (database: Database) =>
  (await database.as<Notes>().selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id);

const [file, memory, postgres] = await testDatabases();

describe.each([file, memory, postgres].filter((kind) => kind !== undefined))('Database.write on $title', (kind) => {
  const using = async (test: (database: Database, open: () => Promise<Database>) => Promise<void>): Promise<void> => {
    const files = await kind.make();
    try {
      const database = await files.open();
      await sql`create table notes (id integer primary key, text text not null)`.execute(database.kysely);
      await test(database, () => files.open());
    } finally {
      await files.drop();
    }
  };

  it.runIf(kind.available)('default: each answers with its own result, kept by then', () =>
    using(async (database, open) => {
      const answers = await Promise.all(
        [3, 1, 2].map((id) =>
          database.write((kysely) =>
            (kysely as Kysely<Notes>).insertInto('notes').values({ id, text: 'note' }).returning('id').execute(),
          ),
        ),
      );
      expect(answers).toEqual([[{ id: 3 }], [{ id: 1 }], [{ id: 2 }]]);
      expect(await ids(await open())).toEqual([1, 2, 3]);
    }),
  );

  it.runIf(kind.available)('error: one that fails fails alone, whatever it is asked for with', () =>
    using(async (database) => {
      await database.write(insert(1));
      const results = await Promise.allSettled([insert(2), insert(1), insert(3)].map((each) => database.write(each)));
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { name: 'StoreError' } });
      expect(await ids(database)).toEqual([1, 2, 3]);
      await expect(database.write(insert(3))).rejects.toMatchObject({ name: 'StoreError' });
      await database.write(insert(4));
      expect(await ids(database)).toEqual([1, 2, 3, 4]);
    }),
  );

  it.runIf(kind.available)('behavior: many at once, and transactions between them', () =>
    using(async (database) => {
      await Promise.all(
        Array.from({ length: 1_200 }, (_, id) =>
          id % 100 === 0
            ? database.transaction((transaction) => insert(id)(transaction.as()))
            : database.write(insert(id)),
        ),
      );
      expect(await ids(database)).toEqual(Array.from({ length: 1_200 }, (_, id) => id));
    }),
  );
});

describe('Database.write', () => {
  it('behavior: on SQLite that waits for the disk those of one turn share a commit, and none answers before it', async () => {
    const files = await file?.make();
    if (files === undefined) throw new Error('no database');
    const [database, other] = [await files.open({ durability: 'full' }), await files.open()];
    await sql`create table notes (id integer primary key, text text not null)`.execute(database.kysely);
    const seen: number[][] = [];
    const answered: number[] = [];
    const looking = (id: number) => async (kysely: Kysely<unknown>) => {
      const result = await insert(id)(kysely);
      seen.push([...answered], await ids(other));
      return result;
    };
    const write = (id: number) => database.write(looking(id)).then(() => answered.push(id));
    await Promise.all([1, 2, 3].map(write));
    expect(seen).toEqual([[], [], [], [], [], []]);
    expect(await ids(other)).toEqual([1, 2, 3]);
    // One that is asked for later has a commit of its own.
    seen.length = 0;
    await write(4);
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
    await files.drop();
  });

  it('behavior: without such a wait each goes at once', async () => {
    const files = await file?.make();
    if (files === undefined) throw new Error('no database');
    const [database, other] = [await files.open({ durability: 'normal' }), await files.open()];
    await sql`create table notes (id integer primary key, text text not null)`.execute(database.kysely);
    const seen: number[][] = [];
    const looking = (id: number) => async (kysely: Kysely<unknown>) => {
      await insert(id)(kysely);
      seen.push(await ids(other));
    };
    await Promise.all([1, 2].map((id) => database.write(looking(id))));
    expect(seen.flat()).toContain(1);
    expect(seen.every(({ length }) => length > 0)).toBe(true);
    await files.drop();
  });
});
