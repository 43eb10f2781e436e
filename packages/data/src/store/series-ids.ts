import { type InstrumentId, StoreError, type Timeframe } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { MarketTables } from './market-tables.ts';

/** What a series is of. */
export type SeriesKind = Timeframe | 'funding' | 'open-interest';

/** Numbers of series, remembered once read. Series are never removed. */
export class SeriesIds {
  readonly #database: Database;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The number of a series when it is remembered: without a wait, for loops over many rows. */
  remembered(instrumentId: InstrumentId, kind: SeriesKind): number | undefined {
    return this.#known.get(key(instrumentId, kind));
  }

  /** The number of a series, or undefined when nothing was written of it yet. @throws StoreError */
  async find(instrumentId: InstrumentId, kind: SeriesKind): Promise<number | undefined> {
    const known = this.remembered(instrumentId, kind);
    if (known !== undefined) return known;
    const row = await this.#database
      .as<MarketTables>()
      .selectFrom('market_series')
      .select('id')
      .where('instrument_id', '=', instrumentId)
      .where('kind', '=', kind)
      .executeTakeFirst();
    if (row !== undefined) this.#known.set(key(instrumentId, kind), row.id);
    return row?.id;
  }

  /** The number of a series, given now when it has none. Two processes get the same. @throws StoreError */
  async findOrCreate(instrumentId: InstrumentId, kind: SeriesKind): Promise<number> {
    const found = await this.find(instrumentId, kind);
    if (found !== undefined) return found;
    await this.#database
      .as<{ market_series: { instrument_id: string; kind: string } }>()
      .insertInto('market_series')
      .values({ instrument_id: instrumentId, kind })
      .onConflict((conflict) => conflict.columns(['instrument_id', 'kind']).doNothing())
      .execute();
    const created = await this.find(instrumentId, kind);
    if (created === undefined) throw new StoreError('store.series', `The series ${instrumentId} ${kind} was not kept.`);
    return created;
  }
}

const key = (instrumentId: InstrumentId, kind: SeriesKind): string => `${instrumentId} ${kind}`;
