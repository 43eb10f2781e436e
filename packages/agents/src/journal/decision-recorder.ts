import {
  type Clock,
  type DecisionJournal,
  type DecisionRecord,
  type Logger,
  SystemClock,
  silentLogger,
} from '@perpdesk/core';
import { type Redactor, sha256Hex } from '@perpdesk/core/security';
import { maskCredentials } from '../model/journal/mask-credentials.ts';

/** Options of {@link DecisionRecorder}. */
export interface DecisionRecorderOptions {
  /** Its `open()` is the caller's to call. */
  readonly journal: DecisionJournal;
  /** The desk's: what records are dated by. */
  readonly clock: Clock;
  /** What a flush is waited for with: the machine's time. Default SystemClock. */
  readonly wallClock?: Clock;
  /** How long records are kept, ms on `clock`. Default 90 days; `Infinity` keeps all. */
  readonly keepMs?: number;
  /** Knows the secrets that must not be written; what looks like a credential is masked in any case. */
  readonly redactor?: Redactor;
  readonly logger?: Logger;
}

/** What is to be recorded. */
export type NewDecisionRecord = Omit<DecisionRecord, 'id' | 'atMs'>;

const dayMs = 86_400_000;
const keepDefaultMs = 90 * dayMs;
/** How often what is too old is forgotten, at most. */
const pruneEveryMs = dayMs / 24;
/** Records that may wait for a slow journal; further ones are counted as lost. */
const mostWaiting = 1_000;
/** Records in one write. */
const batch = 200;
/** A reading is some kilobytes; foreign text that makes it larger than this is not worth a replay. Characters. */
const longestRecord = 262_144;

/**
 * Writes what decisions are made of, off their path: records are handed over at once and written in batches. What can not be written is
 * counted and said ({@link unrecorded}), and the decision goes on.
 */
export class DecisionRecorder {
  readonly #options: DecisionRecorderOptions;
  readonly #wallClock: Clock;
  readonly #logger: Logger;
  #waiting: DecisionRecord[] = [];
  #writing: Promise<void> | undefined;
  #underWay = 0;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
  #unrecorded = 0;

  constructor(options: DecisionRecorderOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#logger = options.logger ?? silentLogger;
  }

  /** How many records could not be written: their decisions can not be replayed in full. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  /** Takes a record. Never throws, and does not wait. */
  record(record: NewDecisionRecord): void {
    if (this.#waiting.length + this.#underWay >= mostWaiting) {
      this.#lose(1, { subject: record.subject, waiting: mostWaiting });
      return;
    }
    try {
      const { redactor, clock } = this.#options;
      // What was read may be changed by its owner before it is written: it is taken as it is now. Rules may go by its order.
      const { method, asked, ...foreign } = record.inputs;
      const text = JSON.stringify(foreign);
      if (text.length > longestRecord) {
        this.#lose(1, { subject: record.subject, characters: text.length });
        return;
      }
      const masked: typeof foreign = JSON.parse(maskCredentials(redactor?.mask(text) ?? text));
      const inputs = { method, ...masked, ...(asked === undefined ? {} : { asked }) };
      const id = `${record.subject}#${sha256Hex(JSON.stringify({ ...record, inputs })).slice(0, 32)}`;
      this.#waiting.push({ ...record, inputs, id, atMs: clock.nowMs() });
    } catch (error) {
      this.#lose(1, { subject: record.subject, error });
      return;
    }
    this.#writing ??= this.#write();
  }

  /**
   * Resolves when all that was recorded so far is written or lost, or `withinMs` of the machine's time are over (default: no bound).
   * Never rejects.
   */
  async flush({ withinMs }: { readonly withinMs?: number } = {}): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancelTimer = withinMs === undefined ? () => {} : this.#wallClock.setTimer(withinMs, resolve);
    try {
      let isLate = false;
      const over = late.then(() => {
        isLate = true;
      });
      while (this.#writing !== undefined && !isLate) await Promise.race([this.#writing, over]);
      if (isLate) this.#logger.warn({ waiting: this.#waiting.length + this.#underWay }, 'the decision journal is slow');
    } finally {
      cancelTimer();
    }
  }

  async #write(): Promise<void> {
    // One turn of the loop later: what belongs together is written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const records = this.#waiting.splice(0, batch);
      this.#underWay = records.length;
      try {
        await this.#options.journal.append(records);
      } catch (error) {
        this.#lose(records.length, { error });
      }
      this.#underWay = 0;
    }
    await this.#prune();
    this.#writing = this.#waiting.length > 0 ? this.#write() : undefined;
  }

  async #prune(): Promise<void> {
    const { journal, clock, keepMs = keepDefaultMs } = this.#options;
    const nowMs = clock.nowMs();
    if (!Number.isFinite(keepMs) || nowMs - this.#prunedAtMs < pruneEveryMs) return;
    this.#prunedAtMs = nowMs;
    try {
      await journal.prune({ beforeMs: nowMs - keepMs });
    } catch (error) {
      this.#logger.warn({ error }, 'old records of decisions could not be forgotten');
    }
  }

  #lose(count: number, fields: object): void {
    this.#unrecorded += count;
    this.#logger.error(
      { ...fields, unrecorded: this.#unrecorded },
      'what a decision was made of could not be recorded: it can not be replayed in full',
    );
  }
}
