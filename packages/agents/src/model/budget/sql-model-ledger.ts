import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { type ModelTables, modelMigrations, modelNamespace } from '../model-tables.ts';
import {
  type Account,
  accountAsked,
  accountsOf,
  type Balance,
  correctionOf,
  emptyBalance,
  limitOf,
  refusalOf,
  spendOf,
} from './accounts.ts';
import type {
  ModelLedger,
  ModelSpend,
  Reservation,
  ReserveOutcome,
  Settlement,
  Spending,
  SpendingQuery,
} from './model-ledger.ts';

type Refusal = Extract<ReserveOutcome, { outcome: 'refused' }>;

/** A process that dies forgets nothing; a loss of power at most what no later commit of the desk took along. */
const relaxed = { durability: 'normal' } as const;

/** Rolls a reservation back. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('refused');
    this.refusal = refusal;
  }
}

/**
 * Keeps what was spent on models in SQLite or PostgreSQL, so that a restart does not forget the day's spending and several
 * processes share one budget.
 */
export class SqlModelLedger implements ModelLedger {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: modelNamespace, migrations: modelMigrations });
  }

  async reserve({ context, atMs, spending, limits }: Reservation): Promise<ReserveOutcome> {
    try {
      await this.#database.transaction(async (transaction) => {
        // Booking first locks the row: what is read then is what every other question must wait for. All in one order.
        for (const account of accountsOf(context, atMs)) {
          const after = await book(transaction, account, atMs, spending, { calls: 1, failedCalls: 0 });
          const refusal = refusalOf(account, limitOf(account, limits), before(after, spending), spending);
          if (refusal !== undefined) throw new Refused(refusal);
        }
      }, relaxed);
      return { outcome: 'reserved' };
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  async settle({ reservation, spending, succeeded }: Settlement): Promise<void> {
    const { context, atMs } = reservation;
    const correction = correctionOf(reservation.spending, spending);
    await this.#database.transaction(async (transaction) => {
      for (const account of accountsOf(context, atMs))
        await book(transaction, account, atMs, correction, { calls: 0, failedCalls: succeeded ? 0 : 1 });
    }, relaxed);
  }

  async spent(query: SpendingQuery): Promise<ModelSpend> {
    const { scope, key } = accountAsked(query);
    const row = await this.#database
      .as<ModelTables>()
      .selectFrom('model_spending')
      .selectAll()
      .where('scope', '=', scope)
      .where('key', '=', key)
      .executeTakeFirst();
    return spendOf(row === undefined ? emptyBalance : balanceOf(row));
  }

  async prune(beforeMs: number): Promise<void> {
    await this.#database.as<ModelTables>().deleteFrom('model_spending').where('changed_at_ms', '<', beforeMs).execute();
  }
}

/** Adds to an account. Returns what it holds then. */
async function book(
  transaction: SqlTransaction,
  { scope, key }: Account,
  atMs: number,
  more: Spending,
  counts: Pick<Balance, 'calls' | 'failedCalls'>,
): Promise<Balance> {
  const row = await transaction
    .as<ModelTables>()
    .insertInto('model_spending')
    .values({
      scope,
      key,
      calls: counts.calls,
      failed_calls: counts.failedCalls,
      input_tokens: more.inputTokens,
      output_tokens: more.outputTokens,
      micro_usd: more.microUsd,
      model_ms: more.modelMs,
      changed_at_ms: atMs,
    })
    .onConflict((conflict) =>
      conflict.columns(['scope', 'key']).doUpdateSet((is) => ({
        calls: is('model_spending.calls', '+', is.ref('excluded.calls')),
        failed_calls: is('model_spending.failed_calls', '+', is.ref('excluded.failed_calls')),
        input_tokens: is('model_spending.input_tokens', '+', is.ref('excluded.input_tokens')),
        output_tokens: is('model_spending.output_tokens', '+', is.ref('excluded.output_tokens')),
        micro_usd: is('model_spending.micro_usd', '+', is.ref('excluded.micro_usd')),
        model_ms: is('model_spending.model_ms', '+', is.ref('excluded.model_ms')),
        changed_at_ms: is.ref('excluded.changed_at_ms'),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return balanceOf(row);
}

const balanceOf = (row: ModelTables['model_spending']): Balance => ({
  calls: row.calls,
  failedCalls: row.failed_calls,
  inputTokens: row.input_tokens,
  outputTokens: row.output_tokens,
  microUsd: row.micro_usd,
  modelMs: row.model_ms,
});

const before = (after: Balance, more: Spending): Balance => ({ ...after, ...correctionOf(more, after) });
