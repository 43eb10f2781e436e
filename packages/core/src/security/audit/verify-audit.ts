import type { KeyObject } from 'node:crypto';
import type { AuditEntry } from '../../ports/audit-log.ts';
import { follow, genesisHash } from './audit-chain.ts';
import { type AuditCheckpoint, isSignedBy } from './audit-checkpoint.ts';
import type { AuditEntryTable } from './audit-tables.ts';

/** A place in the chain. */
export interface AuditPosition {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first entry. */
export const auditGenesis: AuditPosition = { sequence: 0, hash: genesisHash };

/**
 * What is wrong. altered: the entry was changed, swapped, inserted or taken out. truncated: entries from there on are gone
 * that a checkpoint, or this process, has seen. recomputed: the chain is whole but not the one that was signed.
 * checkpoint-forged: a checkpoint is unreadable, out of order or not signed by the log's key. unwitnessed: more entries than
 * may be lack a checkpoint, as when the checkpoints were taken away.
 */
export type AuditBreak = 'altered' | 'truncated' | 'recomputed' | 'checkpoint-forged' | 'unwitnessed';

/** What a verification found. `sequence`: the first entry that can not be relied on. */
export type AuditVerification =
  | { readonly ok: true; readonly entries: number; readonly checkpoints: number; readonly head: AuditPosition }
  | { readonly ok: false; readonly sequence: number; readonly reason: AuditBreak };

/** The first checkpoint that is not to be trusted, if any: they ascend, and each carries the signature of the log's key. */
export function firstForged(checkpoints: readonly AuditCheckpoint[], key: KeyObject): AuditCheckpoint | undefined {
  let last = 0;
  for (const checkpoint of checkpoints) {
    if (checkpoint.sequence <= last || !isSignedBy(key, checkpoint)) return checkpoint;
    last = checkpoint.sequence;
  }
  return undefined;
}

/** Follows the chain row by row and meets the checkpoints and other places that are known to be in it. */
export class AuditWalk {
  readonly #known: readonly AuditPosition[];
  #next = 0;
  #at: AuditPosition;
  #trusted: number;

  /** `known` ascends and lies after `from`. */
  constructor(from: AuditPosition, known: readonly AuditPosition[]) {
    this.#at = from;
    this.#trusted = from.sequence;
    this.#known = known;
  }

  /** The last entry that was followed. */
  get at(): AuditPosition {
    return this.#at;
  }

  /** Takes the next row; tells what is wrong with it. */
  step(row: AuditEntryTable): (AuditVerification & { readonly ok: false }) | AuditEntry {
    const entry = follow(this.#at, row);
    if (entry === undefined) return { ok: false, sequence: this.#at.sequence + 1, reason: 'altered' };
    this.#at = entry;
    const known = this.#known[this.#next];
    if (known?.sequence !== entry.sequence) return entry;
    if (known.hash !== entry.hash) return { ok: false, sequence: this.#trusted + 1, reason: 'recomputed' };
    this.#trusted = known.sequence;
    this.#next += 1;
    return entry;
  }

  /** What is wrong after the last row: something known lies beyond it. */
  end(): (AuditVerification & { readonly ok: false }) | undefined {
    return this.#next < this.#known.length ? { ok: false, sequence: this.#at.sequence + 1, reason: 'truncated' } : undefined;
  }
}
