import { type Clock, type Health, type Logger, type Release, type Service, silentLogger } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { sql } from 'kysely';
import { turn } from '../bulk-upsert.ts';
import { openMarketTables } from '../market-tables.ts';
import { checkRetention, defaultRetention, type RetentionPolicy } from './retention-policy.ts';
import { type RetentionReport, RetentionRun } from './retention-run.ts';
import { RetentionThread } from './retention-thread.ts';

export type { RetentionReport } from './retention-run.ts';

const hourMs = 3_600_000;

/**
 * Pages that a SQLite file's log may hold before this connection copies them into the file and waits for the disk, as long as
 * a run goes on: the thread does so every thousand, whoever wrote them.
 */
const runningLogPages = 20_000;

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

/**
 * Deletes market data past its time, rolled up first where a policy says so. It works in small steps, on a SQLite file in a
 * thread of its own, so that the event loop goes on and writers wait for no more than a step; a step is done wholly or not at
 * all, and a run that ends early goes on where it was. A SQLite file gives the space back as it goes (files made by earlier
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
  readonly #thread: RetentionThread | undefined;
  #usualLogPages: Promise<number> | undefined;
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
    checkRetention(this.#policies);
    const { dialect, location } = options.database;
    if (dialect === 'sqlite' && location !== ':memory:')
      this.#thread = new RetentionThread({ database: options.database, policies: this.#policies });
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
    await Promise.all([this.#thread?.close(), this.#running]);
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
    const nowMs = this.#clock.nowMs();
    this.#last = await (this.#thread === undefined ? this.#runHere(nowMs) : this.#runThere(this.#thread, nowMs));
    return this.#last;
  }

  async #runHere(nowMs: number): Promise<RetentionReport> {
    const going = this.#state;
    return new RetentionRun({
      ...{ database: this.#database, policies: this.#policies, thinnedToMs: this.#thinnedToMs, nowMs, pause: turn },
      ended: () => going !== 'stopped' && this.#state === 'stopped',
    }).run();
  }

  async #runThere(thread: RetentionThread, nowMs: number): Promise<RetentionReport> {
    this.#usualLogPages ??= this.#pragma('wal_autocheckpoint');
    const usual = await this.#usualLogPages;
    await this.#pragma(`wal_autocheckpoint = ${runningLogPages}`);
    try {
      return await thread.run(nowMs);
    } finally {
      if (thread.idle) {
        await this.#pragma(`wal_autocheckpoint = ${usual}`);
        // Of a service that was not started nobody stops the thread.
        if (this.#state === 'stopped') await thread.close();
      }
    }
  }

  async #pragma(text: string): Promise<number> {
    const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(text)}`.execute(this.#database.kysely);
    return Object.values(rows[0] ?? {})[0] ?? 0;
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
}
