import { compileOnce } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { PaperTables } from './paper-migrations.ts';

// What the ledger asks with each change and each question of an account.

type Tables = Kysely<PaperTables>;
type Row<Name extends keyof PaperTables> = Selectable<PaperTables[Name]>;
type Since = { readonly venue: string; readonly userId: string; readonly sinceMs: number };

export const insertAccount = compileOnce((kysely: Tables, row: Row<'paper_accounts'>) =>
  kysely
    .insertInto('paper_accounts')
    .values({
      venue: row.venue,
      user_id: row.user_id,
      deposits: row.deposits,
      realized_pnl: row.realized_pnl,
      fees: row.fees,
      funding: row.funding,
      sequence: row.sequence,
      version: row.version,
    })
    .compile(),
);

/** `before`: the version that it is a change of. */
export const updateAccount = compileOnce((kysely: Tables, row: Row<'paper_accounts'> & { before: number }) =>
  kysely
    .updateTable('paper_accounts')
    .set({
      deposits: row.deposits,
      realized_pnl: row.realized_pnl,
      fees: row.fees,
      funding: row.funding,
      sequence: row.sequence,
      version: row.version,
    })
    .where('venue', '=', row.venue)
    .where('user_id', '=', row.user_id)
    .where('version', '=', row.before)
    .compile(),
);

export const putPosition = compileOnce((kysely: Tables, row: Row<'paper_positions'>) =>
  kysely
    .insertInto('paper_positions')
    .values({ venue: row.venue, user_id: row.user_id, instrument_id: row.instrument_id, data: row.data })
    .onConflict((conflict) =>
      conflict
        .columns(['venue', 'user_id', 'instrument_id'])
        .doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })),
    )
    .compile(),
);

export const removePosition = compileOnce((kysely: Tables, row: Omit<Row<'paper_positions'>, 'data'>) =>
  kysely
    .deleteFrom('paper_positions')
    .where('venue', '=', row.venue)
    .where('user_id', '=', row.user_id)
    .where('instrument_id', '=', row.instrument_id)
    .compile(),
);

export const putOrder = compileOnce((kysely: Tables, row: Row<'paper_orders'>) =>
  kysely
    .insertInto('paper_orders')
    .values({
      venue: row.venue,
      user_id: row.user_id,
      client_order_id: row.client_order_id,
      sequence: row.sequence,
      is_open: row.is_open,
      data: row.data,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['venue', 'user_id', 'client_order_id'])
        .doUpdateSet(({ ref }) => ({ is_open: ref('excluded.is_open'), data: ref('excluded.data') })),
    )
    .compile(),
);

export const insertFill = compileOnce((kysely: Tables, row: Row<'paper_fills'>) =>
  kysely
    .insertInto('paper_fills')
    .values({
      venue: row.venue,
      user_id: row.user_id,
      version: row.version,
      ordinal: row.ordinal,
      at_ms: row.at_ms,
      data: row.data,
    })
    .compile(),
);

export const insertPayment = compileOnce((kysely: Tables, row: Row<'paper_funding'>) =>
  kysely
    .insertInto('paper_funding')
    .values({
      venue: row.venue,
      user_id: row.user_id,
      instrument_id: row.instrument_id,
      at_ms: row.at_ms,
      data: row.data,
    })
    .compile(),
);

export const selectOrder = compileOnce(
  (kysely: Tables, key: { readonly venue: string; readonly userId: string; readonly clientOrderId: string }) =>
    kysely
      .selectFrom('paper_orders')
      .select('data')
      .where('venue', '=', key.venue)
      .where('user_id', '=', key.userId)
      .where('client_order_id', '=', key.clientOrderId)
      .compile(),
);

// Of the few rows since an instant SQLite takes longer to sort one than to find it: those who ask sort.

/** Fills since an instant, in no order. */
export const selectFills = compileOnce((kysely: Tables, { venue, userId, sinceMs }: Since) =>
  kysely
    .selectFrom('paper_fills')
    .select(['version', 'ordinal', 'data'])
    .where('venue', '=', venue)
    .where('user_id', '=', userId)
    .where('at_ms', '>=', sinceMs)
    .compile(),
);

/** Funding paid since an instant, in no order. */
export const selectPayments = compileOnce((kysely: Tables, { venue, userId, sinceMs }: Since) =>
  kysely
    .selectFrom('paper_funding')
    .select(['at_ms', 'instrument_id', 'data'])
    .where('venue', '=', venue)
    .where('user_id', '=', userId)
    .where('at_ms', '>=', sinceMs)
    .compile(),
);
