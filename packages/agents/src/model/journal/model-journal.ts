import type { ModelRecord } from './model-record.ts';

/** Which records are read: of one decision or one round, from one on. */
export interface ModelRecordQuery {
  readonly traceId?: string;
  readonly roundKey?: string;
  /** Only later ones than this id. */
  readonly afterId?: string;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

/**
 * Keeps every question to a model with its answer, so that a decision can be replayed without one. Texts hold no credential: what
 * writes here masks them.
 */
export interface ModelJournal {
  /** Makes it ready. @throws StoreError */
  open(): Promise<void>;
  /** Writes a new record. @throws StoreError, of an id that is there already too: two questions are never one record. */
  append(record: ModelRecord): Promise<void>;
  /** All records of a question, in the order they were asked. @throws StoreError */
  find(key: string, query?: Pick<ModelRecordQuery, 'traceId' | 'roundKey'>): Promise<readonly ModelRecord[]>;
  /** Records in the order they were asked. @throws StoreError */
  read(query?: ModelRecordQuery): Promise<readonly ModelRecord[]>;
  /** Forgets what was asked before an instant, or for one user. @throws StoreError */
  prune(what: ModelRecordsToForget): Promise<void>;
}

/** Which records are forgotten; `agent`: of a user's only those that were asked by it. */
export type ModelRecordsToForget = { readonly beforeMs: number } | { readonly userId: string; readonly agent?: string };

const usualLimit = 100;
const highestLimit = 1_000;

/** How many records a query gives. */
export const limitOf = ({ limit = usualLimit }: ModelRecordQuery): number =>
  Math.max(1, Math.min(Math.floor(limit), highestLimit));
