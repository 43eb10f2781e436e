import type { Database } from '../../database/database.ts';
import { follow, genesisHash } from './audit-chain.ts';
import type { AuditCheckpoint } from './audit-checkpoint.ts';
import type { AuditEntryTable, AuditTables } from './audit-tables.ts';

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

/** What a verification found wrong. */
export interface AuditBroken {
  readonly ok: false;
  /** The first entry that can not be relied on. */
  readonly sequence: number;
  readonly reason: AuditBreak;
}

/** What a verification found. */
export type AuditVerification =
  | { readonly ok: true; readonly entries: number; readonly checkpoints: number; readonly head: AuditPosition }
  | AuditBroken;

/** Follows the chain row by row and meets the places that are known to be in it. */
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
  step(row: AuditEntryTable): AuditBroken | undefined {
    const entry = follow(this.#at, row);
    if (entry === undefined) return { ok: false, sequence: this.#at.sequence + 1, reason: 'altered' };
    this.#at = { sequence: entry.sequence, hash: entry.hash };
    const known = this.#known[this.#next];
    if (known?.sequence !== entry.sequence) return undefined;
    if (known.hash !== entry.hash) return { ok: false, sequence: this.#trusted + 1, reason: 'recomputed' };
    this.#trusted = known.sequence;
    this.#next += 1;
    return undefined;
  }

  /** What is wrong after the last row: something known lies beyond it. */
  end(): AuditBroken | undefined {
    return this.#next < this.#known.length
      ? { ok: false, sequence: this.#at.sequence + 1, reason: 'truncated' }
      : undefined;
  }
}

const pageSize = 1_000;

/**
 * Verifies the stored chain after `from` against checkpoints whose signatures were checked, and against the head that the
 * caller remembers. @throws StoreError when the database can not be read
 */
export async function verifyAudit(
  database: Database,
  options: {
    readonly from: AuditPosition;
    readonly checkpoints: readonly AuditCheckpoint[];
    readonly head: AuditPosition;
  },
): Promise<AuditVerification> {
  const { from, checkpoints, head } = options;
  // An altered entry below a checkpoint shows at the checkpoint's own entry or not at all: then look from the start.
  if (from.sequence > 0 && !(await holds(database, from)))
    return await verifyAudit(database, { ...options, from: auditGenesis });
  const known: AuditPosition[] = checkpoints.filter(({ sequence }) => sequence > from.sequence);
  if (head.sequence > (known.at(-1)?.sequence ?? from.sequence)) known.push(head);
  const walk = new AuditWalk(from, known);
  for (let more = true; more; ) {
    const page = database
      .as<AuditTables>()
      .selectFrom('perpdesk_audit_entries')
      .selectAll()
      .orderBy('sequence')
      .limit(pageSize);
    // From the start there is no lower bound: an entry put in at zero or below is found too.
    const rows = await (walk.at.sequence === 0 ? page : page.where('sequence', '>', walk.at.sequence)).execute();
    for (const row of rows) {
      const broken = walk.step(row);
      if (broken !== undefined) return broken;
    }
    more = rows.length === pageSize;
  }
  return walk.end() ?? { ok: true, entries: walk.at.sequence, checkpoints: checkpoints.length, head: walk.at };
}

async function holds(database: Database, { sequence, hash }: AuditPosition): Promise<boolean> {
  const table = database.as<AuditTables>().selectFrom('perpdesk_audit_entries').select('hash');
  return (await table.where('sequence', '=', sequence).executeTakeFirst())?.hash === hash;
}
