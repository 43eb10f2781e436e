import { type Timeframe, timeframeMs } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { SeriesIds } from '../series-ids.ts';
import { seriesTables } from '../tables/series-tables.ts';
import { type BarRetention, isOfBars, type RetentionPolicy, type RowRetention } from './retention-policy.ts';
import { deleteSpan, oldestIn, rollUpSpan, type TrimTable, thinSpan } from './trim-series.ts';

/** Pages that SQLite gives back in one step. */
const vacuumPages = 50;
/** Rows of a step: on SQLite it holds the lock that writers wait for, a few ms long; on a server each step is several trips. */
const rowsPerStep = { sqlite: 500, postgres: 2000 } as const;

/** What a run did. */
export interface RetentionReport {
  readonly deleted: number;
  /** Larger bars made of those that went. */
  readonly rolledUp: number;
  /** Stretches whose bars are past their time and kept, for they are too few to make a larger one. */
  readonly incomplete: number;
}

/** Options of {@link RetentionRun}. */
export interface RetentionRunOptions {
  readonly database: Database;
  readonly policies: readonly RetentionPolicy[];
  /** As of when, ms. */
  readonly nowMs: number;
  /** How far each series is thinned, by its number; a run moves it on. */
  readonly thinnedToMs: Map<number, number>;
  /** Asked before each step: whether to end. */
  readonly ended: () => boolean;
  /** Waited for after each step, so that others get on. */
  readonly pause: () => Promise<void>;
}

/** Trims all series of a database once, in steps each of which is done wholly or not at all. */
export class RetentionRun {
  readonly #database: Database;
  readonly #options: RetentionRunOptions;
  readonly #series: SeriesIds;
  readonly #rowsPerStep: number;
  #deleted = 0;
  #rolledUp = 0;
  #incomplete = 0;

  constructor(options: RetentionRunOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#series = new SeriesIds(options.database);
    this.#rowsPerStep = rowsPerStep[options.database.dialect];
  }

  /** @returns what was done until it was through or ended. @throws StoreError */
  async run(): Promise<RetentionReport> {
    const { policies, ended } = this.#options;
    for (const policy of policies) {
      const table = seriesTables[policy.kind];
      for (const { id, subject } of await this.#series.list([table.seriesKind(policy.timeframe)])) {
        if (ended()) break;
        if (isOfBars(policy)) await this.#trimBars(policy, table, id, subject);
        else await this.#trimRows(policy, table, id);
      }
    }
    if (this.#deleted > 0) await this.#giveBack();
    return { deleted: this.#deleted, rolledUp: this.#rolledUp, incomplete: this.#incomplete };
  }

  async #trimBars(policy: BarRetention, table: TrimTable, id: number, subject: string): Promise<void> {
    const { nowMs, ended, pause } = this.#options;
    const { kind, timeframe, rollUpTo, incomplete = 'keep' } = policy;
    const durationMs = timeframeMs(timeframe);
    const everyMs = timeframeMs(rollUpTo ?? timeframe);
    const untilMs = Math.floor((nowMs - policy.keepMs) / everyMs) * everyMs;
    const targetId = rollUpTo === undefined ? undefined : await this.#larger(kind, subject, rollUpTo);
    const stepMs = Math.max(1, Math.floor((this.#rowsPerStep * durationMs) / everyMs)) * everyMs;
    for (let fromMs = Number.MIN_SAFE_INTEGER; !ended(); ) {
      const oldestMs = await oldestIn(this.#database, table, { id, fromMs, toMs: untilMs });
      if (oldestMs === undefined) return;
      const startMs = Math.floor(oldestMs / everyMs) * everyMs;
      const span = { id, fromMs: startMs, toMs: Math.min(untilMs, startMs + stepMs) };
      if (targetId === undefined) this.#deleted += await deleteSpan(this.#database, table, span);
      else {
        const rollUp = { targetId, everyMs, parts: everyMs / durationMs, incomplete };
        const { made, deleted } = await rollUpSpan(this.#database, kind, table, span, rollUp);
        this.#rolledUp += made;
        this.#deleted += deleted;
        this.#incomplete += await this.#stretchesIn(table, span, everyMs);
      }
      fromMs = span.toMs;
      await pause();
    }
  }

  #larger(kind: BarRetention['kind'], subject: string, timeframe: Timeframe): Promise<number> {
    return this.#series.findOrCreate(subject, seriesTables[kind].seriesKind(timeframe));
  }

  async #trimRows(policy: RowRetention, table: TrimTable, id: number): Promise<void> {
    const { nowMs, thinnedToMs, ended } = this.#options;
    const { keepMs, thin } = policy;
    await this.#inSteps(table, id, Number.MIN_SAFE_INTEGER, nowMs - keepMs, 1, (fromMs, toMs) =>
      deleteSpan(this.#database, table, { id, fromMs, toMs }),
    );
    if (thin === undefined) return;
    const toMs = Math.floor((nowMs - thin.afterMs) / thin.everyMs) * thin.everyMs;
    const fromMs = thinnedToMs.get(id) ?? Number.MIN_SAFE_INTEGER;
    await this.#inSteps(table, id, fromMs, toMs, thin.everyMs, (from, to) =>
      thinSpan(this.#database, table, { id, fromMs: from, toMs: to }, thin.everyMs),
    );
    if (!ended()) thinnedToMs.set(id, Math.max(fromMs, toMs));
  }

  /** Acts on a span in parts of a step's rows, none cutting a stretch of `everyMs`. */
  async #inSteps(
    table: TrimTable,
    id: number,
    fromMs: number,
    toMs: number,
    everyMs: number,
    act: (fromMs: number, toMs: number) => Promise<number>,
  ): Promise<void> {
    const { ended, pause } = this.#options;
    for (let startMs = fromMs; !ended(); ) {
      const oldestMs = await oldestIn(this.#database, table, { id, fromMs: startMs, toMs });
      if (oldestMs === undefined) return;
      const beginMs = Math.max(startMs, Math.floor(oldestMs / everyMs) * everyMs);
      const beyondMs = await this.#timeAfter(table, id, beginMs, toMs);
      const endMs = Math.min(toMs, Math.max(beginMs + everyMs, Math.floor(beyondMs / everyMs) * everyMs));
      this.#deleted += await act(beginMs, endMs);
      startMs = endMs;
      await pause();
    }
  }

  /** The own time of the row that is a step's worth of rows behind an instant; the end when there is none. */
  async #timeAfter(table: TrimTable, id: number, fromMs: number, toMs: number): Promise<number> {
    const at = sql.ref(table.at);
    const { rows } = await sql<{ at: number }>`select ${at} as at from ${sql.table(table.name)}
      where series_id = ${id} and ${at} >= ${fromMs} and ${at} < ${toMs}
      order by ${at} limit 1 offset ${this.#rowsPerStep}`.execute(this.#database.kysely);
    return rows[0]?.at ?? toMs;
  }

  async #stretchesIn(
    table: TrimTable,
    span: { id: number; fromMs: number; toMs: number },
    everyMs: number,
  ): Promise<number> {
    const at = sql.ref(table.at);
    const every = sql.raw(String(everyMs));
    const { rows } = await sql<{ kept: number }>`select count(distinct ${at} - ${at} % ${every}) as kept
      from ${sql.table(table.name)} where series_id = ${span.id} and ${at} >= ${span.fromMs} and ${at} < ${span.toMs}`.execute(
      this.#database.kysely,
    );
    return rows[0]?.kept ?? 0;
  }

  /** Hands free pages of a SQLite file back to the file system, in steps. */
  async #giveBack(): Promise<void> {
    const { ended, pause } = this.#options;
    if (this.#database.dialect !== 'sqlite') return;
    const pragma = async (name: 'auto_vacuum' | 'freelist_count'): Promise<number> => {
      const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(name)}`.execute(this.#database.kysely);
      return rows[0]?.[name] ?? 0;
    };
    if ((await pragma('auto_vacuum')) !== 2) return;
    for (let free = await pragma('freelist_count'); free > 0 && !ended(); ) {
      await sql`pragma incremental_vacuum(${sql.raw(String(vacuumPages))})`.execute(this.#database.kysely);
      const left = await pragma('freelist_count');
      if (left >= free) return;
      free = left;
      await pause();
    }
  }
}
