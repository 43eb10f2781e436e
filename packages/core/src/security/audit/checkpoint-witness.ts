import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock, Release } from '../../clock/clock.ts';
import { PerpDeskError } from '../../errors/perpdesk-error.ts';
import type { Logger } from '../../logger/logger.ts';
import { ed25519PrivateKey } from '../ed25519-key.ts';
import { type AuditCheckpoint, type CheckpointSink, isSignedBy, signCheckpoint } from './audit-checkpoint.ts';
import type { AuditBroken, AuditPosition } from './verify-audit.ts';

/** How an audit log is witnessed. */
export interface AuditCheckpointOptions {
  readonly sink: CheckpointSink;
  /** Ed25519, PKCS #8 PEM or a key object: see `openSigningKeyFile`. */
  readonly privateKey: string | KeyObject;
  /** Default 100. */
  readonly everyEntries?: number;
  /** The longest an entry stands without a checkpoint. Default 60,000. */
  readonly everyMs?: number;
}

/** Signs where the log stands, after so many entries or so much time, and keeps that apart. */
export class CheckpointWitness {
  readonly everyEntries: number;
  readonly #sink: CheckpointSink;
  readonly #key: KeyObject;
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #head: () => AuditPosition;
  #witnessed = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: Release | undefined;
  /** Why the last checkpoint could not be written. */
  failure: string | undefined;

  /** @throws ConfigError `audit.key` when the key is no Ed25519 private key */
  constructor(
    options: AuditCheckpointOptions & {
      readonly clock: Clock;
      readonly logger: Logger;
      readonly head: () => AuditPosition;
    },
  ) {
    this.#sink = options.sink;
    this.#key = ed25519PrivateKey(options.privateKey, 'audit.key');
    this.everyEntries = Math.max(1, options.everyEntries ?? 100);
    this.#everyMs = options.everyMs ?? 60_000;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#head = options.head;
  }

  /** The last entry with a checkpoint. */
  get witnessed(): number {
    return this.#witnessed;
  }

  /** All checkpoints, or the first that can not be relied on. @throws StoreError when the sink can not be reached */
  async load(): Promise<readonly AuditCheckpoint[] | AuditBroken> {
    let checkpoints: readonly AuditCheckpoint[];
    try {
      checkpoints = await this.#sink.read();
    } catch (error) {
      if (!PerpDeskError.is(error) || error.code !== 'audit.checkpoint-unreadable') throw error;
      this.#logger.error({ code: error.code }, error.message);
      return { ok: false, sequence: 1, reason: 'checkpoint-forged' };
    }
    const key = createPublicKey(this.#key);
    let last = 0;
    for (const checkpoint of checkpoints) {
      if (checkpoint.sequence <= last || !isSignedBy(key, checkpoint))
        return { ok: false, sequence: last + 1, reason: 'checkpoint-forged' };
      last = checkpoint.sequence;
    }
    return checkpoints;
  }

  /** Goes on after the last checkpoint there is. */
  resume(checkpoints: readonly AuditCheckpoint[]): void {
    this.#witnessed = checkpoints.at(-1)?.sequence ?? 0;
  }

  /** How many entries may be added before a checkpoint is due; 1 at least. */
  room(): number {
    return Math.max(1, this.everyEntries - (this.#head().sequence - this.#witnessed));
  }

  /** True when as many entries lack a checkpoint as may, the last being `sequence`. */
  due(sequence = this.#head().sequence): boolean {
    return sequence - this.#witnessed >= this.everyEntries;
  }

  /** Signs now when it is due, else in time. Never throws. */
  async observe(): Promise<void> {
    if (this.due()) await this.write();
    else if (this.#head().sequence > this.#witnessed) this.#later();
  }

  /** Signs now what has no checkpoint. Never throws: a failure is kept in `failure` and tried again. */
  async write(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeHead());
    await this.#writing;
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  async #writeHead(): Promise<void> {
    const { sequence, hash } = this.#head();
    if (sequence <= this.#witnessed) return;
    try {
      await this.#sink.write(signCheckpoint(this.#key, { sequence, hash, atMs: this.#clock.nowMs() }));
      this.#witnessed = sequence;
      this.failure = undefined;
    } catch (error) {
      this.failure = 'checkpoints of the audit log can not be written';
      this.#logger.error({ error }, this.failure);
      this.#later();
    }
  }

  #later(): void {
    this.#timer ??= this.#clock.setTimer(this.#everyMs, () => {
      this.#timer = undefined;
      const release = this.#clock.hold();
      void this.write().finally(release);
    });
  }
}
