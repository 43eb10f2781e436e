import type { JsonValue } from '../events/json.ts';

/** A question to a model that a word rests on. */
export interface AskedModel {
  /** What the question is known by, see `questionKey` of @perpdesk/agents. */
  readonly key: string;
  /** SHA-256 of the answer as canonical JSON; absent where none came. */
  readonly answerHash?: string;
}

/** All that one word of an agent, the War Room, Riven or Koda was made of: what a replay needs, and nothing it can compute. */
export interface DecisionInputs {
  /** How it works. */
  readonly method: {
    readonly name: string;
    /** Of the prompt its model was or would be asked with; absent for what asks no model. */
    readonly promptVersion?: number;
    /** SHA-256 of what the model is told. */
    readonly promptHash?: string;
  };
  /** What was read, as JSON; absent where there was nothing. */
  readonly reading?: JsonValue;
  /** Why there was nothing: a short stable code. */
  readonly absent?: string;
  /** What the rules made of the reading: a replay whose rules make something else of it shows that they were changed. */
  readonly rules?: JsonValue;
  /** Absent where no model was asked. */
  readonly asked?: AskedModel;
  /** Why the model could not be used. */
  readonly fellBack?: { readonly code: string; readonly message: string };
}

/** Closed. */
export type DecisionRecordKind = 'opinion' | 'turn' | 'round' | 'plan' | 'guidance';

/** What a step of a decision was made of. */
export interface DecisionRecord {
  /** Derived from all else but `atMs`, so that the same record is kept once. */
  readonly id: string;
  /**
   * Whose inputs these are: the id of the event that came of it. More than one record has a subject where a step was tried again,
   * after a restart for instance.
   */
  readonly subject: string;
  readonly kind: DecisionRecordKind;
  readonly agent: string;
  readonly traceId?: string;
  readonly roundKey?: string;
  /** Set for what was made for one user. */
  readonly userId?: string;
  /** When it was written, ms UTC on the desk's clock. */
  readonly atMs: number;
  readonly inputs: DecisionInputs;
}

/** Which records are read. */
export interface DecisionRecordQuery {
  readonly traceId?: string;
  readonly roundKey?: string;
  /** Default 1,000, which is the most. */
  readonly limit?: number;
}

/**
 * Keeps what decisions were made of, so that each can be replayed without market data, model or network. Holds what users' signals
 * say, and no credential: what writes here masks them.
 */
export interface DecisionJournal {
  /** Makes it ready. @throws StoreError */
  open(): Promise<void>;
  /** Writes records; one whose id is there already changes nothing. All or none. @throws StoreError */
  append(records: readonly DecisionRecord[]): Promise<void>;
  /** The records of a subject, the first written first. @throws StoreError */
  find(subject: string): Promise<readonly DecisionRecord[]>;
  /** Records in the order they were written. @throws StoreError */
  read(query?: DecisionRecordQuery): Promise<readonly DecisionRecord[]>;
  /** Forgets what was written before an instant, or for one user. @throws StoreError */
  prune(what: { readonly beforeMs: number } | { readonly userId: string }): Promise<void>;
}
