import {
  type Clock,
  type Health,
  type Logger,
  type Release,
  type Service,
  silentLogger,
  timeframeMs,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { rowsPerStatement, turn } from '../bulk-upsert.ts';
import { openMarketTables } from '../market-tables.ts';
import { SeriesIds } from '../series-ids.ts';
import { seriesTables } from '../tables/series-tables.ts';
import {
  type BarRetention,
  checkRetention,
  defaultRetention,
  isOfBars,
  type RetentionPolicy,
  type RowRetention,
} from './retention-policy.ts';
import { deleteSpan, oldestIn, rollUpSpan, type TrimTable, thinSpan } from './trim-series.ts';

const hourMs = 3_600_000;
/** Pages that SQLite gives back in one step. */
const vacuumPages = 50;

/** Options of {@link RetentionService}. */
export interface RetentionServiceOptions {
  /** The database of the time-series store. */
  readonly database: Database;
  readonly clock: Clock;
  /** Default: {@link defaultRetention}. */
  readonly policies?: readonly RetentionPolicy[];
  /** From the end of a run to the next one, and from the start to the first, ms of the clock. Default one hour. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

/** What a run did. */
export interface RetentionReport {
  readonly deleted: number;
  /** Larger bars made of those that went. */
  readonly rolledUp: number;
  /** Stretches whose bars are past their time and kept, for they are too few to make a larger one. */
  readonly incomplete: number;
}

interface Tally {
  deleted: number;
  rolledUp: number;
  incomplete: number;
}

/**
 * Deletes market data past its time, rolled up first where a policy says so. It works in steps of some 2,000 rows and lets
 * the event loop turn in between, so that nothing waits for it longer than for a write; a step is done wholly or not at all,
 * and a run that ends early goes on where it was. A SQLite file gives the space back as it goes (files made by earlier
 * versions keep it for new rows: `vacuum` them by hand to make them smaller).
 *
 * @example
 * const retention = new RetentionService({ database, clock });
 * await retention.start();
 */
export class RetentionService implements Service {
  readonly name = 'retention';
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #policies: readonly RetentionPolicy[];
  readonly #everyMs: number;
  readonly #logger: Logger;
  readonly #series: SeriesIds;
  /** How far each series is thinned, by its number: what is thinned once is not looked at again. */
  readonly #thinnedToMs = new Map<number, number>();
  #state: 'stopped' | 'waiting' | 'running' = 'stopped';
  #timer: Release | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #last: RetentionReport | undefined;
  #failure: string | undefined;

  /** @throws ConfigError `retention.policy` */
  constructor(options: RetentionServiceOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#policies = options.policies ?? defaultRetention;
    this.#everyMs = options.everyMs ?? hourMs;
    this.#logger = options.logger ?? silentLogger;
    this.#series = new SeriesIds(options.database);
    checkRetention(this.#policies);
  }

  async start(): Promise<void> {
    await openMarketTables(this.#database);
    this.#state = 'waiting';
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.();
    this.#timer = undefined;
    await this.#running;
  }

  health(): Health {
    if (this.#state === 'stopped') return { status: 'stopped' };
    if (this.#failure !== undefined)
      return { status: 'degraded', detail: `market data is not trimmed: ${this.#failure}` };
    const { deleted, rolledUp, incomplete } = this.#last ?? { deleted: 0, rolledUp: 0, incomplete: 0 };
    const kept = incomplete === 0 ? '' : `; ${incomplete} stretches too incomplete to roll up are kept`;
    return { status: 'healthy', detail: `last run deleted ${deleted} rows and rolled up ${rolledUp} bars${kept}` };
  }

  /** Runs now, as of the clock; a stop ends it after the step it is in. @throws StoreError */
  async run(): Promise<RetentionReport> {
    const tally: Tally = { deleted: 0, rolledUp: 0, incomplete: 0 };
    const nowMs = this.#clock.nowMs();
    const going = this.#state;
    const ended = (): boolean => going !== 'stopped' && this.#state === 'stopped';
    for (const policy of this.#policies) {
      const table = seriesTables[policy.kind];
      for (const { id, subject } of await this.#series.list([table.seriesKind(policy.timeframe)])) {
        if (ended()) return tally;
        if (isOfBars(policy)) await this.#trimBars(policy, table, id, subject, nowMs, tally, ended);
        else await this.#trimRows(policy, table, id, nowMs, tally, ended);
      }
    }
    if (tally.deleted > 0) await this.#giveBack(ended);
    this.#last = tally;
    return tally;
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(this.#everyMs, () => {
      const release = this.#clock.hold();
      this.#state = 'running';
      this.#running = this.run()
        .then(
          (report) => {
            this.#failure = undefined;
            this.#logger.debug({ ...report }, 'market data was trimmed');
          },
          (error: unknown) => {
            this.#failure = error instanceof Error ? error.message : String(error);
            this.#logger.warn({ error: this.#failure }, 'market data could not be trimmed, trying again later');
          },
        )
        .finally(() => {
          if (this.#state !== 'stopped') {
            this.#state = 'waiting';
            this.#wait();
          }
          release();
        });
    });
  }

  async #trimBars(
    policy: BarRetention,
    table: TrimTable,
    id: number,
    subject: string,
    nowMs: number,
    tally: Tally,
    ended: () => boolean,
  ): Promise<void> {
    const { kind, timeframe, rollUpTo, incomplete = 'keep' } = policy;
    const durationMs = timeframeMs(timeframe);
    const everyMs = timeframeMs(rollUpTo ?? timeframe);
    const untilMs = Math.floor((nowMs - policy.keepMs) / everyMs) * everyMs;
    const targetId =
      rollUpTo === undefined
        ? undefined
        : await this.#series.findOrCreate(subject, seriesTables[kind].seriesKind(rollUpTo));
    const stepMs = Math.max(1, Math.floor((rowsPerStatement * durationMs) / everyMs)) * everyMs;
    for (let fromMs = Number.MIN_SAFE_INTEGER; !ended(); ) {
      const oldestMs = await oldestIn(this.#database, table, { id, fromMs, toMs: untilMs });
      if (oldestMs === undefined) return;
      const startMs = Math.floor(oldestMs / everyMs) * everyMs;
      const span = { id, fromMs: startMs, toMs: Math.min(untilMs, startMs + stepMs) };
      if (targetId === undefined) tally.deleted += await deleteSpan(this.#database, table, span);
      else {
        const rollUp = { targetId, everyMs, parts: everyMs / durationMs, incomplete };
        const { made, deleted } = await rollUpSpan(this.#database, kind, table, span, rollUp);
        tally.rolledUp += made;
        tally.deleted += deleted;
        await turn();
        tally.incomplete += await this.#stretchesIn(table, span, everyMs);
      }
      fromMs = span.toMs;
      await turn();
    }
  }

  async #trimRows(
    policy: RowRetention,
    table: TrimTable,
    id: number,
    nowMs: number,
    tally: Tally,
    ended: () => boolean,
  ): Promise<void> {
    const { keepMs, thin } = policy;
    const steps = async (
      fromMs: number,
      toMs: number,
      everyMs: number,
      act: (from: number, to: number) => Promise<number>,
    ) => {
      for (let startMs = fromMs; !ended(); ) {
        const oldestMs = await oldestIn(this.#database, table, { id, fromMs: startMs, toMs });
        if (oldestMs === undefined) return;
        const beginMs = Math.max(startMs, Math.floor(oldestMs / everyMs) * everyMs);
        const beyondMs = await this.#timeAfter(table, id, beginMs, toMs);
        const endMs = Math.min(toMs, Math.max(beginMs + everyMs, Math.floor(beyondMs / everyMs) * everyMs));
        tally.deleted += await act(beginMs, endMs);
        startMs = endMs;
        await turn();
      }
    };
    await steps(Number.MIN_SAFE_INTEGER, nowMs - keepMs, 1, (fromMs, toMs) =>
      deleteSpan(this.#database, table, { id, fromMs, toMs }),
    );
    if (thin === undefined) return;
    const toMs = Math.floor((nowMs - thin.afterMs) / thin.everyMs) * thin.everyMs;
    const fromMs = this.#thinnedToMs.get(id) ?? Number.MIN_SAFE_INTEGER;
    await steps(fromMs, toMs, thin.everyMs, (from, to) =>
      thinSpan(this.#database, table, { id, fromMs: from, toMs: to }, thin.everyMs),
    );
    if (!ended()) this.#thinnedToMs.set(id, Math.max(fromMs, toMs));
  }

  /** The own time of the row that is a step's worth of rows behind an instant; the end when there is none. */
  async #timeAfter(table: TrimTable, id: number, fromMs: number, toMs: number): Promise<number> {
    const at = sql.ref(table.at);
    const { rows } = await sql<{ at: number }>`select ${at} as at from ${sql.table(table.name)}
      where series_id = ${id} and ${at} >= ${fromMs} and ${at} < ${toMs}
      order by ${at} limit 1 offset ${rowsPerStatement}`.execute(this.#database.kysely);
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
  async #giveBack(ended: () => boolean): Promise<void> {
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
      await turn();
    }
  }
}
