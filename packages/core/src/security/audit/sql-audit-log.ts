import type { Clock, Release } from '../../clock/clock.ts';
import { type Database, SqlTransaction } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { StoreError } from '../../errors/store-error.ts';
import { type Logger, silentLogger } from '../../logger/logger.ts';
import type { AuditEntry, AuditLog, AuditRecord } from '../../ports/audit-log.ts';
import type { DatabaseTransaction } from '../../ports/database-transaction.ts';
import type { Health, Service } from '../../ports/service.ts';
import { Redactor } from '../redactor.ts';
import { entryOf } from './audit-chain.ts';
import { cleanRecord } from './audit-record.ts';
import { appendEntries } from './audit-store.ts';
import { type AuditTables, auditMigrations } from './audit-tables.ts';
import { type AuditCheckpointOptions, CheckpointWitness } from './checkpoint-witness.ts';
import {
  type AuditBroken,
  type AuditPosition,
  type AuditVerification,
  auditGenesis,
  verifyAudit,
} from './verify-audit.ts';

/** Options of {@link SqlAuditLog}. */
export interface SqlAuditLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Without them a cut tail and a wholly recomputed log are noticed only by the process that wrote it. */
  readonly checkpoints?: AuditCheckpointOptions;
  /** What cleans records before they are kept. Default: the usual names. */
  readonly redactor?: Redactor;
  readonly logger?: Logger;
  /** After a failure, how long until the log tries to write again by itself. Default 5,000. */
  readonly retryMs?: number;
}

interface Pending {
  readonly record: AuditRecord;
  readonly resolve: (entry: AuditEntry) => void;
  readonly reject: (error: StoreError) => void;
}

const longestBatch = 500;

/**
 * The audit log in SQL: append-only (triggers refuse change and removal), each entry hashed over the one before, signed
 * checkpoints kept apart. What is appended at once is committed together; entries of all processes on one database follow
 * one another. One process witnesses a log.
 *
 * A `Service`: `start` makes the table and verifies everything since the last checkpoint, `stop` writes what waits and a
 * last checkpoint.
 * @example
 * const log = new SqlAuditLog({ database, clock, checkpoints: { sink: new FileCheckpointSink({ path }), privateKey } });
 * await log.start();
 * await log.append({ action: 'limit.raised', actor: 'user:1', subject: 'user:1', details: { maxLeverage: 6 } });
 * await log.verify(); // { ok: true, entries: 1, … }
 */
export class SqlAuditLog implements AuditLog, Service {
  readonly name = 'audit';
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #redactor: Redactor;
  readonly #retryMs: number;
  readonly #witness: CheckpointWitness | undefined;
  readonly #pending: Pending[] = [];
  #state: 'stopped' | 'open' | 'failing' | 'broken' = 'stopped';
  #broken: AuditBroken | undefined;
  #head: AuditPosition = auditGenesis;
  /** Whether entries were committed that the witness has not looked at. */
  #unobserved = false;
  #drains = false;
  #drained: Promise<void> = Promise.resolve();
  #retryTimer: Release | undefined;

  /** @throws ConfigError `audit.key` when the checkpoint key is no Ed25519 private key */
  constructor(options: SqlAuditLogOptions) {
    const { database, clock, checkpoints, logger = silentLogger } = options;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
    this.#redactor = options.redactor ?? new Redactor();
    this.#retryMs = options.retryMs ?? 5_000;
    if (checkpoints !== undefined)
      this.#witness = new CheckpointWitness({ ...checkpoints, clock, logger, head: () => this.#head });
  }

  /**
   * Makes the table and verifies the log from its last checkpoint on.
   * @throws StoreError `audit.broken` naming the first entry that can not be relied on; ConfigError `database.newer`
   */
  async start(): Promise<void> {
    await migrate(this.#database, { namespace: 'audit', migrations: auditMigrations });
    const checkpoints = (await this.#witness?.load()) ?? [];
    const from = 'ok' in checkpoints ? undefined : checkpoints.at(-1);
    const found =
      'ok' in checkpoints
        ? checkpoints
        : await verifyAudit(this.#database, { from: from ?? auditGenesis, checkpoints, head: this.#head });
    if (!found.ok) throw this.#break(found);
    if (!('ok' in checkpoints)) this.#witness?.resume(checkpoints);
    this.#head = found.head;
    this.#broken = undefined;
    this.#state = 'open';
    await this.#witness?.observe();
  }

  async stop(): Promise<void> {
    await this.#drained;
    if (this.#state === 'open') await this.#witness?.write();
    this.#witness?.stop();
    this.#retryTimer?.();
    this.#state = 'stopped';
  }

  health(): Health {
    if (this.#state === 'stopped') return { status: 'stopped' };
    if (this.#broken !== undefined) return { status: 'failed', detail: brokenText(this.#broken) };
    if (this.#state === 'failing') return { status: 'failed', detail: 'The audit log can not be written.' };
    const failure = this.#witness?.failure;
    return failure === undefined ? { status: 'healthy' } : { status: 'degraded', detail: failure };
  }

  writable(): boolean {
    return this.#state === 'open';
  }

  /** Secrets, unseen characters and what is no JSON are taken out first. @throws StoreError `audit.unavailable`, `audit.broken` */
  async append(record: AuditRecord): Promise<AuditEntry> {
    this.#requireRunning();
    const clean = cleanRecord(this.#redactor, record);
    const entry = new Promise<AuditEntry>((resolve, reject) => this.#pending.push({ record: clean, resolve, reject }));
    this.#drainSoon();
    return await entry;
  }

  /** False, and nothing written, in a transaction of another database and while a checkpoint is due. @throws as `append` does */
  async appendIn(transaction: DatabaseTransaction, record: AuditRecord): Promise<boolean> {
    if (!(transaction instanceof SqlTransaction) || transaction.database !== this.#database) return false;
    this.#requireRunning();
    const records = [cleanRecord(this.#redactor, record)];
    // No more entries than the witness says ever lack a checkpoint: this one waits for it outside the transaction.
    const due = (sequence: number): boolean => this.#witness?.due(sequence) === true;
    let entries: readonly AuditEntry[] | AuditBroken;
    try {
      entries = await appendEntries(transaction, { records, head: this.#head, clock: this.#clock, due });
    } catch (cause) {
      throw this.#fail(cause, records.length);
    }
    if ('ok' in entries) throw this.#break(entries);
    if (entries.length === 0) return false;
    const written = entries;
    transaction.afterCommit(() => {
      this.#committed(written);
      if (this.#witness !== undefined) this.#drainSoon();
    });
    return true;
  }

  /**
   * Verifies the whole log: every hash, every checkpoint, and that nothing this process wrote is gone. Names the first entry
   * that can not be relied on.
   * @throws StoreError when the database or the checkpoints can not be read
   */
  async verify(): Promise<AuditVerification> {
    const head = this.#head;
    const checkpoints = (await this.#witness?.load()) ?? [];
    if ('ok' in checkpoints) return checkpoints;
    const found = await verifyAudit(this.#database, { from: auditGenesis, checkpoints, head });
    const witnessed = checkpoints.at(-1)?.sequence ?? 0;
    const most = 2 * (this.#witness?.everyEntries ?? Number.POSITIVE_INFINITY);
    if (found.ok && found.entries - witnessed >= most)
      return { ok: false, sequence: witnessed + 1, reason: 'unwitnessed' };
    return found;
  }

  /** Entries after a sequence number (default 0), oldest first; default 1,000 of any subject. @throws StoreError */
  async read(
    query: { readonly afterSequence?: number; readonly limit?: number; readonly subject?: string } = {},
  ): Promise<readonly AuditEntry[]> {
    const { afterSequence = 0, limit = 1_000, subject } = query;
    const all = this.#database
      .as<AuditTables>()
      .selectFrom('perpdesk_audit_entries')
      .selectAll()
      .where('sequence', '>', afterSequence);
    const rows = await (subject === undefined ? all : all.where('subject', '=', subject))
      .orderBy('sequence')
      .limit(limit)
      .execute();
    return rows.flatMap((row) => entryOf(row) ?? []);
  }

  #requireRunning(): void {
    if (this.#broken !== undefined) throw this.#break(this.#broken);
    if (this.#state === 'stopped')
      throw new StoreError('audit.unavailable', 'The audit log is not running: start it first.');
  }

  #drainSoon(): void {
    if (this.#drains) return;
    this.#drains = true;
    this.#drained = this.#drain();
  }

  /** Writes what waits, batch after batch, in the order it came, and has it witnessed. */
  async #drain(): Promise<void> {
    const release = this.#clock.hold();
    try {
      while (this.#pending.length > 0 || this.#unobserved) {
        // A batch ends where a checkpoint is due, so that no more entries than it says ever lack one.
        const size = Math.min(longestBatch, this.#witness?.room() ?? longestBatch);
        if (this.#pending.length > 0) await this.#writeBatch(this.#pending.splice(0, size));
        this.#unobserved = false;
        if (this.#state === 'open') await this.#witness?.observe();
      }
    } finally {
      // At once with the last look at what waits, so that nothing is left waiting.
      this.#drains = false;
      release();
    }
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const records = batch.map(({ record }) => record);
      const entries = await this.#database.transaction((transaction) =>
        appendEntries(transaction, { records, head: this.#head, clock: this.#clock }),
      );
      if ('ok' in entries) {
        refuse(batch, this.#break(entries));
        return;
      }
      this.#committed(entries);
      for (const [index, entry] of entries.entries()) batch[index]?.resolve(entry);
    } catch (cause) {
      refuse(batch, this.#fail(cause, batch.length));
    }
  }

  #committed(entries: readonly AuditEntry[]): void {
    const last = entries.at(-1);
    // Commits are told of in another order than they were made in.
    if (last !== undefined && last.sequence > this.#head.sequence) this.#head = last;
    this.#unobserved = true;
    if (this.#state === 'failing') this.#state = 'open';
  }

  #fail(cause: unknown, entries: number): StoreError {
    this.#state = 'failing';
    this.#logger.error({ error: cause, entries }, 'the audit log can not be written');
    this.#retryLater();
    return new StoreError('audit.unavailable', 'The audit log can not be written.', { cause, retryable: true });
  }

  /** Nobody appends to a log that says it is not writable: it finds out by itself when it is again. */
  #retryLater(): void {
    this.#retryTimer?.();
    this.#retryTimer = this.#clock.setTimer(this.#retryMs, () => {
      const recovered = { action: 'audit.recovered', actor: 'system', subject: 'audit', details: {} };
      // Its failure sets the state and the next try.
      this.append(recovered).catch(() => undefined);
    });
  }

  #break(broken: AuditBroken): StoreError {
    if (this.#broken === undefined)
      this.#logger.error({ sequence: broken.sequence, reason: broken.reason }, 'the audit log was tampered with');
    this.#broken = broken;
    this.#state = 'broken';
    return new StoreError('audit.broken', `${brokenText(broken)} Nothing is added to it.`);
  }
}

const brokenText = ({ sequence, reason }: AuditBroken): string =>
  `The audit log can not be relied on from entry ${sequence} on (${reason}).`;

function refuse(batch: readonly Pending[], error: StoreError): void {
  for (const { reject } of batch) reject(error);
}
