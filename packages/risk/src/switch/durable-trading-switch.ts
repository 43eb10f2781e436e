import { hostname } from 'node:os';
import { resolve } from 'node:path';
import {
  type Clock,
  ConfigError,
  type EventBus,
  type Health,
  type Logger,
  type Release,
  type Service,
  StoreError,
  silentLogger,
  type TradingScope,
  type TradingState,
  type TradingSwitch,
  ValidationError,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { HaltFile, type HaltRecord, type HaltRecords } from './halt-file.ts';
import { openHaltRows, readHaltRows, writeHaltRow } from './halt-rows.ts';
import { type Reauthenticate, requireReauthentication } from './reauthenticate.ts';
import { longestLeaseMs } from './shared-lease.ts';
import { loosens, stricter } from './strictest-state.ts';
import { oldestSignMs, reportProcess, signOff } from './trading-processes.ts';

/** How long a database or a bus may take, ms, before its part counts as failed: one that hangs must not hold up a halt. */
const longestWriteMs = 1_000;

/** Options of {@link DurableTradingSwitch}. */
export interface DurableTradingSwitchOptions {
  readonly clock: Clock;
  /** The data directory: the halt file lives here. */
  readonly directory: string;
  /** A second place for the state, when it is up. */
  readonly database?: Database;
  /** Told of every change, when it is up. */
  readonly eventBus?: EventBus;
  /** Asked before anything is loosened. Default: nothing can be loosened. */
  readonly reauthenticate?: Reauthenticate;
  /** How old what is known of the halt file may be when new risk asks: another process may have written it. Default 1,000. */
  readonly recheckMs?: number;
  /**
   * This process among those that share the database; the same after a restart. Default: the machine's name and the data
   * directory.
   */
  readonly process?: string;
  /**
   * How long a process that ended without signing off keeps the others from new risk, unless it comes back, ms: it may be cut
   * off and have halted. Default 600,000.
   */
  readonly forgetAfterMs?: number;
  readonly logger?: Logger;
}

/**
 * The state of trading that survives the process: an in-memory latch first, then a synced halt file, then a database row.
 * A start honours any of them, the strictest of all counts, and a file that can not be read counts as a halt of everything.
 * Before `start` everything is halted. Tightening works with the bus, the database and the disk broken; loosening needs
 * re-authentication and takes effect once it is durable. What another process writes to the file is honoured within
 * `recheckMs`, when it tightens, and what it writes to the database at each {@link DurableTradingSwitch.refresh}; what it loosens
 * is seen by a restart.
 */
export class DurableTradingSwitch implements TradingSwitch, Service {
  readonly name = 'trading-switch';
  readonly #options: DurableTradingSwitchOptions;
  readonly #logger: Logger;
  readonly #file: HaltFile;
  readonly #process: string;
  readonly #forgetAfterMs: number;
  readonly #records = new Map<TradingScope, HaltRecord>();
  /** What was tightened here and is not known to stand in the database. */
  readonly #unsaved = new Map<TradingScope, HaltRecord>();
  #started = false;
  #opened = false;
  #reported = false;
  #checkedAtMs = 0;
  #trouble: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #rows: Promise<void> = Promise.resolve();
  #refreshing: Promise<unknown> = Promise.resolve();

  /** @throws ConfigError `trading-switch.invalid` when a process would be forgotten within 2 s */
  constructor(options: DurableTradingSwitchOptions) {
    const { forgetAfterMs = 600_000 } = options;
    if (!(forgetAfterMs >= longestLeaseMs))
      throw new ConfigError(
        'trading-switch.invalid',
        `forgetAfterMs is at least ${longestLeaseMs}, got ${forgetAfterMs}.`,
      );
    this.#forgetAfterMs = Math.min(Math.round(forgetAfterMs), Number.MAX_SAFE_INTEGER);
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#file = new HaltFile(options.directory);
    this.#process = options.process ?? `${hostname()}:${resolve(options.directory)}`;
  }

  async start(): Promise<void> {
    const { database } = this.#options;
    // What an earlier run of this process kept in the file may never have reached the database.
    for (const [scope, record] of this.#honourFile()) this.#unsaved.set(scope, record);
    if (database !== undefined) {
      try {
        await openHaltRows(database);
        this.#opened = true;
        for (const [scope, record] of await readHaltRows(database)) {
          this.#tighten(scope, record);
          if (record.atMs >= (this.#unsaved.get(scope)?.atMs ?? Number.POSITIVE_INFINITY)) this.#unsaved.delete(scope);
        }
      } catch (error) {
        this.#note('the trading state could not be read from the database', error);
      }
    }
    this.#started = true;
  }

  async stop(): Promise<void> {
    await this.#writing;
    this.#started = false;
    const { database } = this.#options;
    if (database === undefined || !this.#reported) return;
    await this.#attempt('the process could not sign off', async () => {
      await this.#inTime(this.#refreshing);
      // One that could not tell what it halted keeps the others waiting.
      if (this.#unsaved.size === 0) await this.#inTime(signOff(database, this.#process));
    });
    this.#reported = false;
  }

  health(): Health {
    if (!this.#started) return { status: 'stopped' };
    return this.#trouble === undefined ? { status: 'healthy' } : { status: 'degraded', detail: this.#trouble };
  }

  state(scopes: readonly TradingScope[]): TradingState {
    if (!this.#started) return 'halted';
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#checkedAtMs >= (this.#options.recheckMs ?? 1_000)) {
      if (this.#file.changed()) this.#honourFile();
      this.#checkedAtMs = nowMs;
    }
    let strictest = this.#present('operator');
    for (const scope of scopes) strictest = stricter(strictest, this.#present(scope));
    return strictest;
  }

  /**
   * Tells the database what it does not know yet, then reads file and database again and honours what tightens: what a
   * {@link SharedLease} is renewed by. Resolves with how long ago, ms, the last of the other processes did the same.
   * @throws StoreError when the database can not be read or written: a halt might be missed; `trading-state.stopped` unless
   * started.
   */
  async refresh(): Promise<number> {
    if (!this.#started) throw new StoreError('trading-state.stopped', 'The trading switch is not started.');
    const { database } = this.#options;
    this.#honourFile();
    if (database === undefined) return 0;
    const refreshed = this.#exchange(database);
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  async #exchange(database: Database): Promise<number> {
    if (!this.#opened) await openHaltRows(database);
    this.#opened = true;
    this.#settle(await reportProcess(database, this.#process, () => this.#unsaved));
    this.#reported = true;
    // The signs first: a process that gave one has told before what is read after.
    const ageMs = await oldestSignMs(database, this.#process, this.#forgetAfterMs);
    for (const [scope, record] of await readHaltRows(database)) this.#tighten(scope, record);
    return ageMs;
  }

  /** What is not active, and why. */
  records(): ReadonlyMap<TradingScope, HaltRecord> {
    return new Map(this.#records);
  }

  /**
   * Sets a scope's state. Tightening takes effect before it returns and resolves when it is durable, at the latest after a
   * second of a database that hangs; it rejects with StoreError when neither file nor database took it, and holds in memory all
   * the same. What the database did not take, {@link DurableTradingSwitch.refresh} writes. Loosening takes effect when it
   * resolves.
   * @throws ValidationError `reauthentication.required` when a loosening is not authenticated, `trading-state.changed` when the
   * scope was tightened while it was asked for.
   */
  async set(
    scope: TradingScope,
    state: TradingState,
    reason: string,
    options: { readonly token?: string } = {},
  ): Promise<void> {
    const record = { state, reason, atMs: this.#options.clock.nowMs() };
    const standing = this.#records.get(scope);
    const loosening = loosens(standing?.state ?? 'active', state);
    if (!loosening) {
      apply(this.#records, scope, record);
      this.#unsaved.set(scope, record);
    }
    const release = this.#options.clock.hold();
    try {
      if (loosening) await requireReauthentication(this.#options.reauthenticate, { scope, reason, ...options });
      await this.#persist(scope, record, loosening ? standing : undefined);
      await this.#tell(scope, state, reason);
    } finally {
      release();
    }
  }

  #present(scope: TradingScope): TradingState {
    return this.#records.get(scope)?.state ?? 'active';
  }

  #tighten(scope: TradingScope, record: HaltRecord): void {
    if (loosens(record.state, this.#present(scope))) this.#records.set(scope, record);
  }

  /** Honours what tightens in the file and gives what it says; one that can not be read halts this process. */
  #honourFile(): HaltRecords {
    const content = this.#file.read();
    if (content.kind === 'records') {
      for (const [scope, record] of content.records) this.#tighten(scope, record);
      return content.records;
    }
    this.#note(`the halt file ${this.#file.path} can not be read: everything is halted`, new Error(content.why));
    this.#tighten('operator', {
      state: 'halted',
      reason: 'The halt file can not be read.',
      atMs: this.#options.clock.nowMs(),
    });
    return new Map();
  }

  /**
   * Writes one after another, so that the file always holds the newest of all; what tightens does not wait for the database of
   * what came before. A loosening gives the record it `replaces`: it reaches memory after the disk, and not at all when the scope
   * was tightened meanwhile.
   */
  async #persist(scope: TradingScope, record: HaltRecord, replaces: HaltRecord | undefined): Promise<void> {
    const written = this.#writing.then(async () => {
      if (replaces !== undefined) this.#requireStanding(scope, replaces);
      const next = new Map(this.#records);
      if (replaces !== undefined) apply(next, scope, record);
      const file = await this.#attempt('the halt file can not be written', () => this.#file.write(next));
      const saved = this.#saveRow(scope, record, replaces === undefined).then((row) =>
        this.#requireKept(scope, file, row),
      );
      if (replaces === undefined) return { saved };
      await saved;
      this.#requireStanding(scope, replaces);
      apply(this.#records, scope, record);
      this.#unsaved.delete(scope);
      return { saved };
    });
    this.#writing = written.catch(() => undefined);
    await (await written).saved;
  }

  /** True when the database has it. What tightens is left to whoever wrote it, or something stricter, since. */
  #saveRow(scope: TradingScope, record: HaltRecord, tightens: boolean): Promise<boolean> {
    const { database } = this.#options;
    if (database === undefined) return Promise.resolve(false);
    const saved = this.#rows.then(async () => {
      if (tightens && this.#unsaved.get(scope) !== record) return;
      await writeHaltRow(database, scope, record);
      this.#settle(new Map([[scope, record]]));
    });
    this.#rows = saved.catch(() => undefined);
    return this.#attempt('the trading state can not be written to the database', () => this.#inTime(saved));
  }

  /** Strikes off what was written; where something else holds by now, its row may have been written over. */
  #settle(told: ReadonlyMap<TradingScope, HaltRecord>): void {
    for (const [scope, record] of told) {
      if (this.#unsaved.get(scope) === record) this.#unsaved.delete(scope);
      const present = this.#records.get(scope);
      if (present !== undefined && loosens(present.state, record.state)) this.#unsaved.set(scope, present);
    }
  }

  #requireKept(scope: TradingScope, file: boolean, row: boolean): void {
    if (!file && !row)
      throw new StoreError('trading-state.volatile', `The state of ${scope} could not be written to disk or database.`);
    if (file && (row || this.#options.database === undefined)) this.#trouble = undefined;
  }

  /** @throws StoreError `database.busy` when it takes longer than it may; it may come to pass all the same. */
  async #inTime(act: Promise<unknown>): Promise<void> {
    let cancelTimer: Release = () => {};
    const late = new Promise<never>((_, reject) => {
      cancelTimer = this.#options.clock.setTimer(longestWriteMs, () =>
        reject(new StoreError('database.busy', `No answer within ${longestWriteMs} ms.`, { retryable: true })),
      );
    });
    try {
      await Promise.race([act, late]);
    } finally {
      cancelTimer();
    }
  }

  #requireStanding(scope: TradingScope, record: HaltRecord): void {
    if (this.#records.get(scope) === record) return;
    throw new ValidationError(
      'trading-state.changed',
      `${scope} was changed meanwhile: look again before re-arming it.`,
    );
  }

  async #tell(scope: TradingScope, state: TradingState, reason: string): Promise<void> {
    const { eventBus } = this.#options;
    if (eventBus === undefined) return;
    await this.#attempt('a change of the trading state could not be published', async () => {
      const payload = { scope, state, reason };
      // What holds for one user is told to nobody else.
      const whose = scope.startsWith('user:') ? { userId: scope.slice('user:'.length) } : {};
      await this.#inTime(eventBus.publish({ type: 'trading-state.changed', key: scope, ...whose, payload }));
    });
  }

  async #attempt(message: string, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.#note(message, error);
      return false;
    }
  }

  #note(message: string, error: unknown): void {
    this.#trouble = message;
    this.#logger.error({ error }, message);
  }
}

function apply(records: Map<TradingScope, HaltRecord>, scope: TradingScope, record: HaltRecord): void {
  if (record.state === 'active') records.delete(scope);
  else records.set(scope, record);
}
