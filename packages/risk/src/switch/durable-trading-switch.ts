import {
  type Clock,
  type EventBus,
  type Health,
  type Logger,
  type Service,
  StoreError,
  silentLogger,
  type TradingScope,
  type TradingState,
  type TradingSwitch,
  ValidationError,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { HaltFile, type HaltRecord } from './halt-file.ts';
import { openHaltRows, readHaltRows, writeHaltRow } from './halt-rows.ts';
import { type Reauthenticate, requireReauthentication } from './reauthenticate.ts';
import { loosens, stricter } from './strictest-state.ts';

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
  readonly #records = new Map<TradingScope, HaltRecord>();
  #started = false;
  #opened = false;
  #checkedAtMs = 0;
  #trouble: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: DurableTradingSwitchOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#file = new HaltFile(options.directory);
  }

  async start(): Promise<void> {
    const { database } = this.#options;
    this.#honourFile();
    if (database !== undefined) {
      try {
        await openHaltRows(database);
        this.#opened = true;
        for (const [scope, record] of await readHaltRows(database)) this.#tighten(scope, record);
      } catch (error) {
        this.#note('the trading state could not be read from the database', error);
      }
    }
    this.#started = true;
  }

  async stop(): Promise<void> {
    await this.#writing;
    this.#started = false;
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
   * Reads file and database again and honours what tightens: what a {@link SharedLease} is renewed by.
   * @throws StoreError when the database can not be read: a halt in it might be missed.
   */
  async refresh(): Promise<void> {
    const { database } = this.#options;
    this.#honourFile();
    if (database === undefined) return;
    if (!this.#opened) await openHaltRows(database);
    this.#opened = true;
    for (const [scope, record] of await readHaltRows(database)) this.#tighten(scope, record);
  }

  /** What is not active, and why. */
  records(): ReadonlyMap<TradingScope, HaltRecord> {
    return new Map(this.#records);
  }

  /**
   * Sets a scope's state. Tightening takes effect before it returns and resolves when it is durable; it rejects with StoreError
   * when neither file nor database took it, and holds in memory all the same. Loosening takes effect when it resolves.
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
    if (!loosening) apply(this.#records, scope, record);
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

  #honourFile(): void {
    const content = this.#file.read();
    if (content.kind === 'records') {
      for (const [scope, record] of content.records) this.#tighten(scope, record);
      return;
    }
    this.#note(`the halt file ${this.#file.path} can not be read: everything is halted`, new Error(content.why));
    this.#tighten('operator', {
      state: 'halted',
      reason: 'The halt file can not be read.',
      atMs: this.#options.clock.nowMs(),
    });
  }

  /**
   * Writes one after another, so that the file always holds the newest of all. A loosening gives the record it `replaces`: it
   * reaches memory after the disk, and not at all when the scope was tightened meanwhile.
   */
  #persist(scope: TradingScope, record: HaltRecord, replaces: HaltRecord | undefined): Promise<void> {
    const { database } = this.#options;
    const write = async (): Promise<void> => {
      if (replaces !== undefined) this.#requireStanding(scope, replaces);
      const next = new Map(this.#records);
      if (replaces !== undefined) apply(next, scope, record);
      const file = await this.#attempt('the halt file can not be written', () => this.#file.write(next));
      const row =
        database !== undefined &&
        (await this.#attempt('the trading state can not be written to the database', () =>
          writeHaltRow(database, scope, record),
        ));
      if (!file && !row)
        throw new StoreError(
          'trading-state.volatile',
          `The state of ${scope} could not be written to disk or database.`,
        );
      if (file && (row || database === undefined)) this.#trouble = undefined;
      if (replaces === undefined) return;
      this.#requireStanding(scope, replaces);
      apply(this.#records, scope, record);
    };
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => undefined);
    return written;
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
      await eventBus.publish({ type: 'trading-state.changed', key: scope, payload: { scope, state, reason } });
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
