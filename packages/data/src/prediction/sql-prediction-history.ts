import {
  type Clock,
  midsBeforeClosing,
  type PastPrediction,
  type PastPredictionQuery,
  type PredictionContract,
  type PredictionHistory,
  type PredictionQuote,
  predictionContractSchema,
  predictionHorizonsMs,
  type SeriesStore,
  ValidationError,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import * as z from 'zod';
import { type PredictionTables, predictionMigrations, predictionNamespace } from './history-tables.ts';

/** Options of {@link SqlPredictionHistory}. */
export interface SqlPredictionHistoryOptions {
  readonly clock: Clock;
  /** Where resolved contracts are kept. Closed by whoever opened it. */
  readonly database: Database;
  /** Where the quotes are: what `PredictionWatch` writes to. */
  readonly store: Pick<SeriesStore, 'read'>;
}

const midsSchema = z.array(z.tuple([z.number(), z.number()]));
const pastSchema = predictionContractSchema.extend({ resolution: z.enum(['yes', 'no', 'void']) });
/** A quote stands for the longest horizon up to a quarter of it before. */
const longestMs = predictionHorizonsMs.at(-1) ?? 0;

/**
 * Resolved contracts of prediction markets in SQLite or PostgreSQL, and quotes of the time-series store beside them.
 *
 * @example
 * const history = new SqlPredictionHistory({ clock, database, store });
 * await history.start();
 * const watch = new PredictionWatch({ clock, sources, store, history }); // records what is resolved
 */
export class SqlPredictionHistory implements PredictionHistory {
  readonly #options: SqlPredictionHistoryOptions;

  constructor(options: SqlPredictionHistoryOptions) {
    this.#options = options;
  }

  /** Brings the tables up to date. @throws ConfigError `database.newer`; StoreError */
  async start(): Promise<void> {
    const { database } = this.#options;
    await migrate(database, { namespace: predictionNamespace, migrations: predictionMigrations });
  }

  async quotes(
    { contractId, fromMs }: { readonly contractId: string; readonly fromMs: number },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PredictionQuote[]> {
    options.signal?.throwIfAborted();
    const { store, clock } = this.#options;
    const nowMs = clock.nowMs();
    return store.read('prediction', { contractId, fromMs, toMs: nowMs + 1, asOfMs: nowMs }, options);
  }

  async resolved(
    { venue, series, category, limit = 500 }: PastPredictionQuery,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly PastPrediction[]> {
    options.signal?.throwIfAborted();
    if (!Number.isInteger(limit) || limit < 1 || limit > 5000)
      throw new ValidationError('prediction.limit', `1 to 5000 contracts can be asked for, not ${limit}.`);
    let query = this.#options.database
      .as<PredictionTables>()
      .selectFrom('prediction_outcomes')
      .select(['contract', 'mids', 'known_at_ms'])
      .where('venue', '=', venue)
      .where('known_at_ms', '<=', this.#options.clock.nowMs());
    if (series !== undefined) query = query.where('series', '=', series);
    if (category !== undefined) query = query.where('category', '=', category);
    const rows = await query.orderBy('known_at_ms', 'desc').orderBy('contract_id').limit(limit).execute();
    return rows.map(({ contract, mids, known_at_ms: knownAtMs }) => ({
      contract: pastSchema.parse(JSON.parse(contract)),
      knownAtMs,
      mids: new Map(midsSchema.parse(JSON.parse(mids))),
    }));
  }

  async record(contract: PredictionContract, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (contract.resolution === undefined)
      throw new ValidationError('prediction.unresolved', `${contract.id} is not resolved yet; record it once it is.`);
    const fromMs = Math.max(0, Math.floor(contract.closesAtMs - longestMs * 1.25));
    const mids = midsBeforeClosing(contract, await this.quotes({ contractId: contract.id, fromMs }, options));
    const row = {
      contract_id: contract.id,
      venue: contract.venue,
      series: contract.series ?? null,
      category: contract.category ?? null,
      known_at_ms: this.#options.clock.nowMs(),
      contract: JSON.stringify(predictionContractSchema.parse(contract)),
      mids: JSON.stringify([...mids]),
    };
    await this.#options.database
      .as<PredictionTables>()
      .insertInto('prediction_outcomes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
