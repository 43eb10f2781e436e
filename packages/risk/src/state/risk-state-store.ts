import type { DatabaseTransaction, RiskDecision } from '@perpdesk/core';
import type { PendingEntry } from './pending-entry.ts';
import type { RiskMemory } from './risk-memory.ts';

/** What is kept of one user. */
export interface RiskState {
  readonly userId: string;
  /** Raised by every commit. 0: never written. */
  readonly version: number;
  /** By signal id, in its order. Expired ones may still be among them. */
  readonly pending: readonly PendingEntry[];
  readonly memory: RiskMemory;
}

/** A change of one user's state. Without `put`, `remove` or `memory` the version neither counts nor moves. */
export interface RiskChange {
  readonly userId: string;
  /** The version it was reckoned from: another one there now makes it a conflict. */
  readonly expectedVersion: number;
  /** Pending entries to write, by signal id. */
  readonly put?: readonly PendingEntry[];
  /** Signal ids whose pending entry ends. */
  readonly remove?: readonly string[];
  readonly memory?: RiskMemory;
  /** A decision of door 1 to keep. One of its id there already makes it a conflict. */
  readonly decision?: RiskDecision;
}

/** The state id whose version stands for the sum over all users. No user has it: ids are not empty. */
export const operatorStateId = '';

/** Where Brix keeps reservations, decisions and what it remembers. Every method throws StoreError when it can not. */
export interface RiskStateStore {
  /** Makes the store ready. Called once before anything else. */
  open(): Promise<void>;
  /** The states of these users, in their order, in one batch. */
  load(userIds: readonly string[]): Promise<readonly RiskState[]>;
  /** Whose pending entry this is. */
  ownerOf(signalId: string): Promise<string | undefined>;
  /** What was decided on a recommendation so far. */
  decisions(recommendationId: string): Promise<readonly RiskDecision[]>;
  /**
   * Commits each change that finds its expected version, all in one transaction; says of each whether it did. With
   * `operatorVersion`, nothing is committed unless the operator's state has that version; it then moves on too. A store in a
   * database calls `alongside` in its transaction once every change has found its version; what that throws takes back all.
   */
  commit(
    changes: readonly RiskChange[],
    options?: {
      readonly operatorVersion?: number;
      readonly alongside?: (transaction: DatabaseTransaction) => Promise<void>;
    },
  ): Promise<readonly boolean[]>;
  /** Forgets decisions made before an instant, and reservations that ended before another. */
  prune(before: { readonly decisionsMs: number; readonly reservationsMs: number }): Promise<void>;
}

/** True for a change that needs its expected version. */
export const movesVersion = (change: RiskChange): boolean =>
  change.put !== undefined || change.remove !== undefined || change.memory !== undefined;

/** Pending entries in a fixed order, so that equal states are equal to the byte. */
export const bySignal = (entries: Iterable<PendingEntry>): readonly PendingEntry[] =>
  [...entries].sort((a, b) => (a.reservation.signalId < b.reservation.signalId ? -1 : 1));
