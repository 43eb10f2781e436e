import type { JsonValue } from '../events/json.ts';
import type { DatabaseTransaction } from './database-transaction.ts';

/** What is kept about an act: who, what, on what. Never a secret. */
export interface AuditRecord {
  readonly action: string;
  /** `user:<id>`, `agent:<name>`, `system`. */
  readonly actor: string;
  readonly subject: string;
  readonly traceId?: string;
  readonly details: Readonly<Record<string, JsonValue>>;
}

export interface AuditEntry extends AuditRecord {
  readonly sequence: number;
  readonly atMs: number;
  /** SHA-256 over the previous entry's hash and this entry's canonical JSON. */
  readonly hash: string;
}

/** Where acts are written down, append-only. */
export interface AuditLog {
  /** Resolves once it is on disk. @throws StoreError: new risk must then be refused. */
  append(record: AuditRecord): Promise<AuditEntry>;
  /**
   * Writes in a transaction of the caller, so that one commit keeps both. Left out where the log is in no database. False:
   * nothing was written, it goes by `append` (the transaction is another database's, or a checkpoint is due before).
   * @throws StoreError: new risk must then be refused, and the transaction rolled back.
   */
  appendIn?(transaction: DatabaseTransaction, record: AuditRecord): Promise<boolean>;
  /** True while appending works. */
  writable(): boolean;
}
