import assert from 'node:assert/strict';
import type { Database, Migration } from '../database/index.ts';
import { migrate } from '../database/index.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import type { ContractCase } from './contract-case.ts';

/** An empty database that can be opened more than once. */
export interface DatabaseHarness {
  /** A database in memory gives the same each time. */
  open(): Promise<Database>;
  /** Closes what was opened and throws it away. */
  drop(): Promise<void>;
}

/** Makes an empty database. */
export type MakeDatabase = () => Promise<DatabaseHarness>;

interface Tables {
  notes: { id: string; at_ms: number; text: string };
}

const first: Migration = {
  name: '0001-notes',
  up: async ({ schema }) => {
    await schema
      .createTable('notes')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .execute();
  },
};
const note = (id: string, text = 'x'): Tables['notes'] => ({ id, at_ms: 1_735_689_600_000, text });
const code = (expected: string) => (error: unknown) => PerpDeskError.is(error) && error.code === expected;

function scenario(
  name: string,
  run: (given: { database: Database; harness: DatabaseHarness; ids: () => Promise<string[]> }) => Promise<void>,
): ContractCase<MakeDatabase> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      try {
        const database = await harness.open();
        await migrate(database, { namespace: 'notes', migrations: [first] });
        const ids = async (): Promise<string[]> =>
          (await database.as<Tables>().selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id);
        await run({ database, harness, ids });
      } finally {
        await harness.drop();
      }
    },
  };
}

/** What an open Database and `migrate` keep to, on every dialect. */
export const databaseContract: readonly ContractCase<MakeDatabase>[] = [
  scenario('default: rows come back as they were written, 64-bit integers as numbers', async ({ database }) => {
    const notes = database.as<Tables>();
    await notes.insertInto('notes').values(note('a', 'ünïcode')).execute();
    assert.deepEqual(await notes.selectFrom('notes').selectAll().execute(), [note('a', 'ünïcode')]);
  }),

  scenario('behavior: a transaction is kept as a whole and gives its result', async ({ database, ids }) => {
    const result = await database.transaction(async (transaction) => {
      for (const id of ['a', 'b']) await transaction.as<Tables>().insertInto('notes').values(note(id)).execute();
      return 42;
    });
    assert.equal(result, 42);
    assert.deepEqual(await ids(), ['a', 'b']);
  }),

  scenario(
    'behavior: a transaction that rejects leaves nothing and rejects with the same error',
    async ({ database, ids }) => {
      const reason = new Error('no');
      const attempt = database.transaction(async (transaction) => {
        await transaction.as<Tables>().insertInto('notes').values(note('a')).execute();
        throw reason;
      });
      await assert.rejects(attempt, (error) => error === reason);
      assert.deepEqual(await ids(), []);
    },
  ),

  scenario(
    'behavior: those who asked are called back after the commit, in order, and never after a rollback',
    async ({ database, ids }) => {
      const log: string[] = [];
      await database.transaction(async (transaction) => {
        transaction.afterCommit(() => log.push('first'));
        transaction.afterCommit(() => {
          throw new Error('can not undo the commit');
        });
        transaction.afterCommit(() => log.push('second'));
        await transaction.as<Tables>().insertInto('notes').values(note('a')).execute();
        log.push('body');
      });
      await assert.rejects(
        database.transaction(async (transaction) => {
          transaction.afterCommit(() => log.push('never'));
          throw new Error('no');
        }),
      );
      assert.deepEqual(log, ['body', 'first', 'second']);
      assert.deepEqual(await ids(), ['a']);
    },
  ),

  scenario('behavior: transactions side by side lose no update', async ({ database, ids }) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        database.transaction((transaction) =>
          transaction
            .as<Tables>()
            .insertInto('notes')
            .values(note(String(index).padStart(2, '0')))
            .execute(),
        ),
      ),
    );
    assert.equal((await ids()).length, 20);
  }),

  scenario('behavior: a commit that may be lost with the power is kept all the same', async ({ database, ids }) => {
    await database.transaction(
      (transaction) => transaction.as<Tables>().insertInto('notes').values(note('a')).execute(),
      { durability: 'normal' },
    );
    await assert.rejects(
      database.transaction(
        async (transaction) => {
          await transaction.as<Tables>().insertInto('notes').values(note('b')).execute();
          throw new Error('no');
        },
        { durability: 'normal' },
      ),
      /no/,
    );
    assert.deepEqual(await ids(), ['a']);
  }),

  scenario('behavior: migrations are applied once, in order, also by two who start together', async ({ harness }) => {
    const log: string[] = [];
    const step = (name: string): Migration => ({
      name,
      up: async ({ schema }, dialect) => {
        log.push(`${name} ${dialect === 'sqlite' || dialect === 'postgres'}`);
        await schema.createTable(`made_by_${name}`).addColumn('id', 'text').execute();
      },
    });
    const both = [await harness.open(), await harness.open()];
    await Promise.all(
      both.map((database) => migrate(database, { namespace: 'steps', migrations: [step('s1'), step('s2')] })),
    );
    for (const database of both)
      await migrate(database, { namespace: 'steps', migrations: [step('s1'), step('s2'), step('s3')] });
    assert.deepEqual(log, ['s1 true', 's2 true', 's3 true']);
  }),

  scenario('behavior: a migration that fails leaves nothing of its run', async ({ database }) => {
    const second: Migration = {
      name: '0002-more',
      up: async ({ schema }) => {
        await schema.createTable('more').addColumn('id', 'text').execute();
        throw new Error('half way');
      },
    };
    await assert.rejects(migrate(database, { namespace: 'notes', migrations: [first, second] }), /half way/);
    await migrate(database, {
      namespace: 'notes',
      migrations: [
        first,
        { ...second, up: async ({ schema }) => schema.createTable('more').addColumn('id', 'text').execute() },
      ],
    });
  }),

  scenario('error: a database of a newer version, or with steps in between, is refused', async ({ database }) => {
    await assert.rejects(migrate(database, { namespace: 'notes', migrations: [] }), code('database.newer'));
    const earlier: Migration = { name: '0000-before', up: async () => {} };
    await assert.rejects(
      migrate(database, { namespace: 'notes', migrations: [earlier, first] }),
      code('database.migrations'),
    );
  }),

  scenario('error: a row that may not be is a StoreError that names the database', async ({ database }) => {
    const notes = database.as<Tables>();
    await notes.insertInto('notes').values(note('a')).execute();
    await assert.rejects(
      notes.insertInto('notes').values(note('a')).execute(),
      (error) =>
        code('database.constraint')(error) &&
        error instanceof Error &&
        error.message.includes(database.location) &&
        !error.message.includes('\n'),
    );
    await assert.rejects(
      database.transaction((transaction) => transaction.as<Tables>().insertInto('notes').values(note('a')).execute()),
      code('database.constraint'),
    );
  }),
];
