import {
  Decimal,
  type Fill,
  type FundingPayment,
  fillSchema,
  fundingPaymentSchema,
  type Order,
  StoreError,
} from '@perpdesk/core';
import { type Database, firstRow, migrate, writtenRows } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import type { Transition } from './account-draft.ts';
import { readOrder, readPosition, writeOrder, writePosition } from './ledger-rows.ts';
import {
  insertAccount,
  insertFill,
  insertPayment,
  putOrder,
  putPosition,
  removePosition,
  selectFills,
  selectOrder,
  selectPayments,
  updateAccount,
} from './ledger-statements.ts';
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
        await putPosition(kysely, { ...key, instrument_id: id, data: writePosition(position) });
      }
      for (const id of before.positions.keys()) {
        if (!account.positions.has(id)) await removePosition(kysely, { ...key, instrument_id: id });
      }
      for (const entry of orders) {
        const { clientOrderId } = entry.order;
        const state = { is_open: isOpen(entry.order) ? 1 : 0, data: writeOrder(entry) };
        await putOrder(kysely, { ...key, client_order_id: clientOrderId, sequence: entry.sequence, ...state });
      }
      for (const [ordinal, update] of updates.entries()) {
        if (update.kind === 'fill') {
          const place = { version: account.version, ordinal, at_ms: update.fill.atMs };
          await insertFill(kysely, { ...key, ...place, data: JSON.stringify(update.fill) });
        } else if (update.kind === 'funding') {
          const place = { instrument_id: update.payment.instrumentId, at_ms: update.payment.atMs };
          await insertPayment(kysely, { ...key, ...place, data: JSON.stringify(update.payment) });
        }
      }
    });
  }

  async #putAccount(kysely: Kysely<PaperTables>, before: PaperAccount, account: PaperAccount): Promise<void> {
    const row = {
      venue: this.#venue,
      user_id: account.userId,
      deposits: account.deposits.toFixed(),
      realized_pnl: account.realizedPnl.toFixed(),
      fees: account.fees.toFixed(),
      funding: account.funding.toFixed(),
      sequence: account.sequence,
      version: account.version,
    };
    if (before.version === 0) {
      await insertAccount(kysely, row);
      return;
    }
    if ((await writtenRows(updateAccount(kysely, { ...row, before: before.version }))) === 1n) return;
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
    const row = await firstRow(selectOrder(this.#kysely, { venue: this.#venue, userId, clientOrderId }));
    return row && readOrder(row.data).order;
  }

  /** Fills since an instant, oldest first. @throws StoreError */
  async fills(userId: string, sinceMs: number): Promise<readonly Fill[]> {
    const { rows } = await selectFills(this.#kysely, { venue: this.#venue, userId, sinceMs });
    rows.sort((a, b) => a.version - b.version || a.ordinal - b.ordinal);
    return rows.map(({ data }) => fillSchema.parse(JSON.parse(data)));
  }

  /** Funding paid since an instant, oldest first. @throws StoreError */
  async payments(userId: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    const { rows } = await selectPayments(this.#kysely, { venue: this.#venue, userId, sinceMs });
    rows.sort((a, b) => a.at_ms - b.at_ms || (a.instrument_id < b.instrument_id ? -1 : 1));
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
