import {
  Decimal,
  type Fill,
  type FundingPayment,
  fillSchema,
  fundingPaymentSchema,
  type Order,
  StoreError,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { Transition } from './account-draft.ts';
import { readOrder, readPosition, writeOrder, writePosition } from './ledger-rows.ts';
import { isOpen, type PaperAccount } from './paper-account.ts';
import { type PaperTables, paperMigrations, paperNamespace } from './paper-migrations.ts';

/** The paper venue's books on disk: one transaction per change, guarded by the account's version. */
export class PaperLedger {
  readonly #database: Database;
  readonly #venue: string;

  constructor(options: { readonly database: Database; readonly venue: string }) {
    this.#database = options.database;
    this.#venue = options.venue;
  }

  /** Makes the tables. @throws ConfigError, StoreError */
  async open(): Promise<void> {
    await migrate(this.#database, { namespace: paperNamespace, migrations: paperMigrations });
  }

  /** Keeps a change whole, or nothing of it. @throws StoreError; `paper.conflict` when another process changed the account. */
  async commit({ before, account, updates, orders }: Transition): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<PaperTables>();
      const key = { venue: this.#venue, user_id: account.userId };
      await this.#putAccount(kysely, before, account);
      for (const [id, position] of account.positions) {
        if (before.positions.get(id) === position) continue;
        const row = { ...key, instrument_id: id, data: writePosition(position) };
        await kysely
          .insertInto('paper_positions')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['venue', 'user_id', 'instrument_id']).doUpdateSet({ data: row.data }),
          )
          .execute();
      }
      for (const id of before.positions.keys()) {
        if (account.positions.has(id)) continue;
        await kysely
          .deleteFrom('paper_positions')
          .where('venue', '=', this.#venue)
          .where('user_id', '=', account.userId)
          .where('instrument_id', '=', id)
          .execute();
      }
      for (const entry of orders) {
        const state = { is_open: isOpen(entry.order) ? 1 : 0, data: writeOrder(entry) };
        await kysely
          .insertInto('paper_orders')
          .values({ ...key, client_order_id: entry.order.clientOrderId, sequence: entry.sequence, ...state })
          .onConflict((conflict) => conflict.columns(['venue', 'user_id', 'client_order_id']).doUpdateSet(state))
          .execute();
      }
      for (const [ordinal, update] of updates.entries()) {
        if (update.kind === 'fill') {
          const row = {
            ...key,
            version: account.version,
            ordinal,
            at_ms: update.fill.atMs,
            data: JSON.stringify(update.fill),
          };
          await kysely.insertInto('paper_fills').values(row).execute();
        } else if (update.kind === 'funding') {
          const { instrumentId, atMs } = update.payment;
          const row = { ...key, instrument_id: instrumentId, at_ms: atMs, data: JSON.stringify(update.payment) };
          await kysely.insertInto('paper_funding').values(row).execute();
        }
      }
    });
  }

  async #putAccount(kysely: Kysely<PaperTables>, before: PaperAccount, account: PaperAccount): Promise<void> {
    const figures = {
      deposits: account.deposits.toFixed(),
      realized_pnl: account.realizedPnl.toFixed(),
      fees: account.fees.toFixed(),
      funding: account.funding.toFixed(),
      sequence: account.sequence,
      version: account.version,
    };
    if (before.version === 0) {
      await kysely
        .insertInto('paper_accounts')
        .values({ venue: this.#venue, user_id: account.userId, ...figures })
        .execute();
      return;
    }
    const { numUpdatedRows } = await kysely
      .updateTable('paper_accounts')
      .set(figures)
      .where('venue', '=', this.#venue)
      .where('user_id', '=', account.userId)
      .where('version', '=', before.version)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return;
    throw new StoreError(
      'paper.conflict',
      `Another process changed the paper account of "${account.userId}" at "${this.#venue}".`,
      { retryable: true },
    );
  }

  /** Every account with its positions and open orders. @throws StoreError */
  async loadAll(): Promise<readonly PaperAccount[]> {
    const rows = await this.#kysely
      .selectFrom('paper_accounts')
      .selectAll()
      .where('venue', '=', this.#venue)
      .orderBy('user_id')
      .execute();
    return Promise.all(rows.map((row) => this.#read(row)));
  }

  /** One account, or undefined when it has never done anything. @throws StoreError */
  async load(userId: string): Promise<PaperAccount | undefined> {
    const row = await this.#kysely
      .selectFrom('paper_accounts')
      .selectAll()
      .where('venue', '=', this.#venue)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#read(row);
  }

  /** An order, open or final. @throws StoreError */
  async order(userId: string, clientOrderId: string): Promise<Order | undefined> {
    const row = await this.#kysely
      .selectFrom('paper_orders')
      .select('data')
      .where('venue', '=', this.#venue)
      .where('user_id', '=', userId)
      .where('client_order_id', '=', clientOrderId)
      .executeTakeFirst();
    return row === undefined ? undefined : readOrder(row.data).order;
  }

  /** Fills since an instant, oldest first. @throws StoreError */
  async fills(userId: string, sinceMs: number): Promise<readonly Fill[]> {
    const rows = await this.#kysely
      .selectFrom('paper_fills')
      .select('data')
      .where('venue', '=', this.#venue)
      .where('user_id', '=', userId)
      .where('at_ms', '>=', sinceMs)
      .orderBy('version')
      .orderBy('ordinal')
      .execute();
    return rows.map(({ data }) => fillSchema.parse(JSON.parse(data)));
  }

  /** Funding paid since an instant, oldest first. @throws StoreError */
  async payments(userId: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    const rows = await this.#kysely
      .selectFrom('paper_funding')
      .select('data')
      .where('venue', '=', this.#venue)
      .where('user_id', '=', userId)
      .where('at_ms', '>=', sinceMs)
      .orderBy('at_ms')
      .orderBy('instrument_id')
      .execute();
    return rows.map(({ data }) => fundingPaymentSchema.parse(JSON.parse(data)));
  }

  get #kysely(): Kysely<PaperTables> {
    return this.#database.as<PaperTables>();
  }

  async #read(row: Selectable<PaperTables['paper_accounts']>): Promise<PaperAccount> {
    const positions = await this.#kysely
      .selectFrom('paper_positions')
      .select('data')
      .where('venue', '=', this.#venue)
      .where('user_id', '=', row.user_id)
      .orderBy('instrument_id')
      .execute();
    const orders = await this.#kysely
      .selectFrom('paper_orders')
      .select('data')
      .where('venue', '=', this.#venue)
      .where('user_id', '=', row.user_id)
      .where('is_open', '=', 1)
      .orderBy('sequence')
      .execute();
    return {
      userId: row.user_id,
      deposits: new Decimal(row.deposits),
      realizedPnl: new Decimal(row.realized_pnl),
      fees: new Decimal(row.fees),
      funding: new Decimal(row.funding),
      sequence: row.sequence,
      version: row.version,
      positions: new Map(
        positions.map(({ data }) => readPosition(data)).map((position) => [position.instrumentId, position]),
      ),
      orders: new Map(orders.map(({ data }) => readOrder(data)).map((entry) => [entry.order.clientOrderId, entry])),
      taken: new Map(),
    };
  }
}
