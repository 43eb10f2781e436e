import { createPublicKey, type KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock, Release } from '../../clock/clock.ts';
import type { Database, SqlTransaction } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { PerpDeskError } from '../../errors/perpdesk-error.ts';
import { StoreError } from '../../errors/store-error.ts';
import { type Logger, silentLogger } from '../../logger/logger.ts';
import type { AuditEntry, AuditLog, AuditRecord } from '../../ports/audit-log.ts';
import type { Health, Service } from '../../ports/service.ts';
import { ed25519PrivateKey } from '../ed25519-key.ts';
import { Redactor } from '../redactor.ts';
import { entryHash, entryOf, rowOf } from './audit-chain.ts';
import { type AuditCheckpoint, type CheckpointSink, signCheckpoint } from './audit-checkpoint.ts';
import { cleanRecord } from './audit-record.ts';
import { type AuditTables, auditMigrations } from './audit-tables.ts';
import { type AuditPosition, type AuditVerification, AuditWalk, auditGenesis, firstForged } from './verify-audit.ts';

/** How an audit log is witnessed. */
export interface AuditCheckpointOptions {
  readonly sink: CheckpointSink;
  /** Ed25519, PKCS #8 PEM or a key object: see `openSigningKeyFile`. */
  readonly privateKey: string | KeyObject;
  /** Default 100. */
  readonly everyEntries?: number;
  /** Longest time an entry stands without a checkpoint. Default 60,000. */
  readonly everyMs?: number;
}

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
const pageSize = 1_000;

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
  readonly #witness: { readonly sink: CheckpointSink; readonly key: KeyObject; readonly everyEntries: number; readonly everyMs: number } | undefined;
  readonly #pending: Pending[] = [];
  #state: 'stopped' | 'open' | 'failing' | 'broken' = 'stopped';
  #detail = '';
  #head: AuditPosition = auditGenesis;
  #witnessed = 0;
  #witnessFailure: string | undefined;
  #draining: Promise<void> | undefined;
  #checkpointTimer: Release | undefined;
  #retryTimer: Release | undefined;

  /** @throws ConfigError `audit.key` when the checkpoint key is no Ed25519 private key */
  constructor(options: SqlAuditLogOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    this.#redactor = options.redactor ?? new Redactor();
    this.#retryMs = options.retryMs ?? 5_000;
    if (options.checkpoints !== undefined) {
      const { sink, privateKey, everyEntries = 100, everyMs = 60_000 } = options.checkpoints;
      this.#witness = { sink, key: ed25519PrivateKey(privateKey, 'audit.key'), everyEntries: Math.max(1, everyEntries), everyMs };
    }
  }

  /**
   * Makes the table and verifies the log from its last checkpoint on.
   * @throws StoreError `audit.broken` naming the first entry that can not be relied on; ConfigError `database.newer`
   */
  async start(): Promise<void> {
    await migrate(this.#database, { namespace: 'audit', migrations: auditMigrations });
    const checkpoints = await this.#checkpoints();
    const found = await this.#verify(checkpoints, checkpoints?.at(-1) ?? auditGenesis);
    if (!found.ok) {
      this.#fail('broken', `entry ${found.sequence} of the audit log can not be relied on (${found.reason})`);
      throw this.#broken();
    }
    this.#head = found.head;
    this.#witnessed = checkpoints?.at(-1)?.sequence ?? 0;
    this.#state = 'open';
    await this.#witnessIfDue();
  }

  async stop(): Promise<void> {
    this.#retryTimer?.();
    await this.#draining;
    if (this.#state === 'open') await this.#writeCheckpoint();
    this.#checkpointTimer?.();
    this.#state = 'stopped';
  }

  health(): Health {
    if (this.#state === 'stopped') return { status: 'stopped' };
    if (this.#state !== 'open') return { status: 'failed', detail: this.#detail };
    return this.#witnessFailure === undefined ? { status: 'healthy' } : { status: 'degraded', detail: this.#witnessFailure };
  }

  writable(): boolean {
    return this.#state === 'open';
  }

  /** @throws StoreError `audit.unavailable`, `audit.broken`; ValidationError `json.unsafe` never: what is no JSON is written as text */
  async append(record: AuditRecord): Promise<AuditEntry> {
    if (this.#state === 'broken') throw this.#broken();
    if (this.#state === 'stopped') throw new StoreError('audit.unavailable', 'The audit log is not running: start it first.');
    const clean = cleanRecord(this.#redactor, record);
    const entry = new Promise<AuditEntry>((resolve, reject) => this.#pending.push({ record: clean, resolve, reject }));
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    return await entry;
  }

  /**
   * Verifies the whole log: every hash, every checkpoint, and that nothing this process wrote is gone. About 200,000 entries
   * a second. Names the first entry that can not be relied on.
   * @throws StoreError when the database or the checkpoints can not be read
   */
  async verify(): Promise<AuditVerification> {
    return await this.#verify(await this.#checkpoints(), auditGenesis);
  }

  /** Entries after a sequence number (default 0), oldest first; default 1,000 of any subject. @throws StoreError */
  async read(query: { readonly afterSequence?: number; readonly limit?: number; readonly subject?: string } = {}): Promise<readonly AuditEntry[]> {
    const { afterSequence = 0, limit = pageSize, subject } = query;
    let rows = this.#database.as<AuditTables>().selectFrom('perpdesk_audit_entries').selectAll().where('sequence', '>', afterSequence);
    if (subject !== undefined) rows = rows.where('subject', '=', subject);
    return (await rows.orderBy('sequence').limit(limit).execute()).flatMap((row) => entryOf(row) ?? []);
  }

  /** Writes what waits, batch after batch, in the order it came. */
  async #drain(): Promise<void> {
    const release = this.#clock.hold();
    try {
      while (this.#pending.length > 0) {
        const room = this.#witness === undefined ? longestBatch : this.#witness.everyEntries - (this.#head.sequence - this.#witnessed);
        // A batch ends where a checkpoint is due, so that no more than that many entries ever lack one.
        const batch = this.#pending.splice(0, Math.max(1, Math.min(longestBatch, room)));
        await this.#writeBatch(batch);
        await this.#witnessIfDue();
      }
    } finally {
      release();
    }
  }

  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const entries = await this.#database.transaction((transaction) => this.#insert(transaction, batch));
      this.#head = entries.at(-1) ?? this.#head;
      if (this.#state === 'failing') this.#logger.info({ sequence: this.#head.sequence }, 'the audit log is written again');
      this.#state = 'open';
      for (const [index, entry] of entries.entries()) batch[index]?.resolve(entry);
    } catch (cause) {
      const broken = PerpDeskError.is(cause) && cause.code === 'audit.broken';
      if (!broken) this.#fail('failing', 'the audit log can not be written');
      const error = broken ? this.#broken() : new StoreError('audit.unavailable', 'The audit log can not be written.', { cause, retryable: true });
      this.#logger.error({ code: error.code, entries: batch.length }, error.message);
      for (const { reject } of batch) reject(error);
      if (!broken) this.#retryLater();
    }
  }

  async #insert(transaction: SqlTransaction, batch: readonly Pending[]): Promise<readonly AuditEntry[]> {
    const tables = transaction.as<AuditTables>();
    // SQLite's transaction is the only writer. PostgreSQL's others wait here, reading goes on.
    if (transaction.dialect === 'postgres') await sql`lock table perpdesk_audit_entries in share row exclusive mode`.execute(tables);
    const last = tables.selectFrom('perpdesk_audit_entries').select(['sequence', 'hash']).orderBy('sequence', 'desc').limit(1);
    let previous: AuditPosition = (await last.executeTakeFirst()) ?? auditGenesis;
    const cut = previous.sequence < this.#head.sequence;
    if (cut || (previous.sequence === this.#head.sequence && previous.hash !== this.#head.hash)) {
      const sequence = cut ? previous.sequence + 1 : previous.sequence;
      this.#fail('broken', `entry ${sequence} of the audit log can not be relied on (${cut ? 'truncated' : 'recomputed'})`);
      throw this.#broken();
    }
    const entries: AuditEntry[] = [];
    for (const { record } of batch) {
      const content = { ...record, sequence: previous.sequence + 1, atMs: this.#clock.nowMs() };
      const entry = { ...content, hash: entryHash(previous.hash, content) };
      entries.push(entry);
      previous = entry;
    }
    await tables.insertInto('perpdesk_audit_entries').values(entries.map(rowOf)).execute();
    return entries;
  }

  async #verify(checkpoints: readonly AuditCheckpoint[] | undefined, from: AuditPosition): Promise<AuditVerification> {
    if (this.#witness !== undefined) {
      if (checkpoints === undefined) return { ok: false, sequence: 1, reason: 'checkpoint-forged' };
      const forged = firstForged(checkpoints, createPublicKey(this.#witness.key));
      if (forged !== undefined) return { ok: false, sequence: forged.sequence, reason: 'checkpoint-forged' };
    }
    const head = this.#head;
    const known: AuditPosition[] = (checkpoints ?? []).filter(({ sequence }) => sequence > from.sequence);
    if (head.sequence > (known.at(-1)?.sequence ?? from.sequence)) known.push(head);
    const walk = new AuditWalk(from, known);
    if (from.sequence > 0 && !(await this.#holds(from))) return await this.#verify(checkpoints, auditGenesis);
    for (let more = true; more; ) {
      const page = this.#database.as<AuditTables>().selectFrom('perpdesk_audit_entries').selectAll().orderBy('sequence').limit(pageSize);
      // From the start there is no lower bound: an entry put in at zero or below is found too.
      const rows = await (walk.at.sequence === 0 ? page : page.where('sequence', '>', walk.at.sequence)).execute();
      for (const row of rows) {
        const result = walk.step(row);
        if ('ok' in result) return result;
      }
      more = rows.length === pageSize;
    }
    const ended = walk.end();
    if (ended !== undefined) return ended;
    const witnessed = checkpoints?.at(-1)?.sequence ?? 0;
    if (this.#witness !== undefined && walk.at.sequence - witnessed >= 2 * this.#witness.everyEntries) {
      return { ok: false, sequence: witnessed + 1, reason: 'unwitnessed' };
    }
    const { sequence, hash } = walk.at;
    return { ok: true, entries: sequence, checkpoints: checkpoints?.length ?? 0, head: { sequence, hash } };
  }

  /** True when the entry at a checkpoint is the one that was signed. */
  async #holds({ sequence, hash }: AuditPosition): Promise<boolean> {
    const table = this.#database.as<AuditTables>().selectFrom('perpdesk_audit_entries').select('hash');
    return (await table.where('sequence', '=', sequence).executeTakeFirst())?.hash === hash;
  }

  /** Undefined when what the sink holds are no checkpoints. */
  async #checkpoints(): Promise<readonly AuditCheckpoint[] | undefined> {
    try {
      return (await this.#witness?.sink.read()) ?? [];
    } catch (error) {
      if (!PerpDeskError.is(error) || error.code !== 'audit.checkpoint-unreadable') throw error;
      this.#logger.error({ code: error.code }, error.message);
      return undefined;
    }
  }

  async #witnessIfDue(): Promise<void> {
    if (this.#witness === undefined || this.#state !== 'open') return;
    const waiting = this.#head.sequence - this.#witnessed;
    if (waiting >= this.#witness.everyEntries) await this.#writeCheckpoint();
    else if (waiting > 0) this.#witnessLater(this.#witness.everyMs);
  }

  async #writeCheckpoint(): Promise<void> {
    this.#checkpointTimer?.();
    this.#checkpointTimer = undefined;
    const { sequence, hash } = this.#head;
    if (this.#witness === undefined || sequence <= this.#witnessed) return;
    const { sink, key, everyMs } = this.#witness;
    // Taken before the write, so that two at once do not sign the same entry.
    const before = this.#witnessed;
    this.#witnessed = sequence;
    try {
      await sink.write(signCheckpoint(key, { sequence, hash, atMs: this.#clock.nowMs() }));
      this.#witnessFailure = undefined;
    } catch (error) {
      this.#witnessed = before;
      this.#witnessFailure = 'checkpoints of the audit log can not be written';
      this.#logger.error({ error }, this.#witnessFailure);
      this.#witnessLater(everyMs);
    }
  }

  #witnessLater(delayMs: number): void {
    this.#checkpointTimer ??= this.#clock.setTimer(delayMs, () => {
      this.#checkpointTimer = undefined;
      const release = this.#clock.hold();
      void this.#writeCheckpoint().finally(release);
    });
  }

  /** Nobody appends to a log that is said not to be writable: it finds out by itself when it is again. */
  #retryLater(): void {
    this.#retryTimer?.();
    this.#retryTimer = this.#clock.setTimer(this.#retryMs, () => {
      const record = { action: 'audit.recovered', actor: 'system', subject: 'audit', details: {} };
      // A failure is told by the state and tries again.
      this.append(record).catch(() => undefined);
    });
  }

  #fail(state: 'failing' | 'broken', detail: string): void {
    this.#state = state;
    this.#detail = detail;
  }

  #broken(): StoreError {
    return new StoreError('audit.broken', `${this.#detail.charAt(0).toUpperCase()}${this.#detail.slice(1)}: nothing is added to it.`);
  }
}
