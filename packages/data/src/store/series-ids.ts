import { StoreError } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { sql } from 'kysely';
import type { MarketTables } from './market-tables.ts';

/** A series and its number. */
export interface NumberedSeries {
  readonly id: number;
  readonly subject: string;
  readonly kind: string;
}

/** Numbers of series, remembered once read. Series are never removed. */
export class SeriesIds {
  readonly #database: Database;
  readonly #known = new Map<string, number>();
  readonly #lists = new Map<
    string,
    { readonly series: readonly NumberedSeries[]; readonly ids: ReadonlySet<number> }
  >();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The number of a series when it is remembered: without a wait, for loops over many rows. */
  remembered(subject: string, kind: string): number | undefined {
    return this.#known.get(key(subject, kind));
  }

  /** The number of a series, or undefined when nothing was written of it yet. @throws StoreError */
  async find(subject: string, kind: string): Promise<number | undefined> {
    const known = this.remembered(subject, kind);
    if (known !== undefined) return known;
    const row = await this.#database
      .as<MarketTables>()
      .selectFrom('market_series')
      .select('id')
      .where('instrument_id', '=', subject)
      .where('kind', '=', kind)
      .executeTakeFirst();
    if (row !== undefined) this.#known.set(key(subject, kind), row.id);
    return row?.id;
  }

  /** The number of a series, given now when it has none. Two processes get the same. @throws StoreError */
  async findOrCreate(subject: string, kind: string): Promise<number> {
    const found = await this.find(subject, kind);
    if (found !== undefined) return found;
    await sql`insert into market_series (instrument_id, kind) values (${subject}, ${kind})
      on conflict (instrument_id, kind) do nothing`.execute(this.#database.kysely);
    const created = await this.find(subject, kind);
    if (created === undefined) throw new StoreError('store.series', `The series ${subject} ${kind} was not kept.`);
    return created;
  }

  /** All series of some kinds, by subject, then in the order of the kinds. @throws StoreError */
  async list(kinds: readonly string[]): Promise<readonly NumberedSeries[]> {
    const rows = await this.#database
      .as<MarketTables>()
      .selectFrom('market_series')
      .select(['id', 'instrument_id as subject', 'kind'])
      .where('kind', 'in', kinds)
      .execute();
    const place = new Map(kinds.map((kind, i) => [kind, i]));
    return rows.sort(
      (a, b) =>
        (a.subject === b.subject ? 0 : a.subject < b.subject ? -1 : 1) ||
        (place.get(a.kind) ?? 0) - (place.get(b.kind) ?? 0),
    );
  }

  /** The same as far as it is remembered, read anew when any of the numbers is not in it. @throws StoreError */
  async listed(kinds: readonly string[], ids: readonly number[]): Promise<readonly NumberedSeries[]> {
    const name = kinds.join();
    const kept = this.#lists.get(name);
    if (kept !== undefined && ids.every((id) => kept.ids.has(id))) return kept.series;
    const series = await this.list(kinds);
    this.#lists.set(name, { series, ids: new Set(series.map(({ id }) => id)) });
    return series;
  }
}

const key = (subject: string, kind: string): string => `${subject} ${kind}`;
