import { canonicalJson, type JsonValue } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { type MarketTables, openMarketTables } from './market-tables.ts';

/** Where a source stood. */
export interface SourceState {
  /** The source's time: of its last step that was taken in whole. */
  readonly atMs: number;
  /** What the source goes on from: for the market simulator its `state()`. */
  readonly state: JsonValue;
}

/** Remembers where sources of market data stood, by name, so that a restart goes on from there. */
export class SqlSourceStateStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Brings the tables up to date; the time series store brings up the same. @throws ConfigError `database.newer`; StoreError */
  async start(): Promise<void> {
    await openMarketTables(this.#database);
  }

  /** What was saved last. @throws StoreError */
  async load(name: string): Promise<SourceState | undefined> {
    const row = await this.#database
      .as<MarketTables>()
      .selectFrom('market_source_states')
      .select(['at_ms', 'state'])
      .where('name', '=', name)
      .executeTakeFirst();
    return row && { atMs: row.at_ms, state: JSON.parse(row.state) as JsonValue };
  }

  /** Replaces what was saved before. @throws StoreError; ValidationError `json.unsafe` for what JSON can not say. */
  async save(name: string, { atMs, state }: SourceState): Promise<void> {
    await sql`
      insert into market_source_states (name, at_ms, state) values (${name}, ${atMs}, ${canonicalJson(state)})
      on conflict (name) do update set at_ms = excluded.at_ms, state = excluded.state
    `.execute(this.#database.kysely);
  }

  /** Forgets a source: it begins anew. @throws StoreError */
  async remove(name: string): Promise<void> {
    await sql`delete from market_source_states where name = ${name}`.execute(this.#database.kysely);
  }
}
