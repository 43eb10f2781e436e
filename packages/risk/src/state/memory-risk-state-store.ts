import type { RiskDecision } from '@perpdesk/core';
import type { PendingEntry } from './pending-entry.ts';
import { emptyMemory, type RiskMemory } from './risk-memory.ts';
import {
  bySignal,
  movesVersion,
  operatorStateId,
  type RiskChange,
  type RiskState,
  type RiskStateStore,
} from './risk-state-store.ts';

interface Row {
  version: number;
  /** In the order of {@link bySignal}. Few: an array each is a tenth of a map each. */
  pending: readonly PendingEntry[];
  memory: RiskMemory;
}

const none: readonly PendingEntry[] = [];

/** Keeps risk state in this process: for a bot that embeds Brix, and for tests. */
export class MemoryRiskStateStore implements RiskStateStore {
  readonly #rows = new Map<string, Row>();
  readonly #decisions = new Map<string, Map<string, RiskDecision>>();

  async open(): Promise<void> {}

  async load(userIds: readonly string[]): Promise<readonly RiskState[]> {
    return userIds.map((userId) => {
      const row = this.#rows.get(userId);
      return row === undefined
        ? { userId, version: 0, pending: none, memory: emptyMemory }
        : { userId, version: row.version, pending: row.pending, memory: row.memory };
    });
  }

  async ownerOf(signalId: string): Promise<string | undefined> {
    for (const [userId, { pending }] of this.#rows)
      if (pending.some(({ reservation }) => reservation.signalId === signalId)) return userId;
    return undefined;
  }

  async decisions(recommendationId: string): Promise<readonly RiskDecision[]> {
    return [...(this.#decisions.get(recommendationId)?.values() ?? [])];
  }

  async commit(
    changes: readonly RiskChange[],
    options: { readonly operatorVersion?: number } = {},
  ): Promise<readonly boolean[]> {
    if (options.operatorVersion !== undefined) {
      const operator = this.#row(operatorStateId);
      if (operator.version !== options.operatorVersion) return changes.map(() => false);
      operator.version += 1;
    }
    return changes.map((change) => this.#apply(change));
  }

  async prune(before: { readonly decisionsMs: number; readonly reservationsMs: number }): Promise<void> {
    for (const [id, decisions] of this.#decisions) {
      for (const [decisionId, decision] of decisions)
        if (decision.atMs < before.decisionsMs) decisions.delete(decisionId);
      if (decisions.size === 0) this.#decisions.delete(id);
    }
    for (const row of this.#rows.values())
      row.pending = row.pending.filter(({ reservation }) => reservation.expiresAtMs >= before.reservationsMs);
  }

  #apply(change: RiskChange): boolean {
    const row = this.#row(change.userId);
    const { decision } = change;
    const decisions = decision && this.#decisionsOn(decision.recommendationId);
    if (decision !== undefined && decisions?.has(decision.id)) return false;
    if (movesVersion(change)) {
      if (row.version !== change.expectedVersion) return false;
      row.version += 1;
    }
    if ((change.remove ?? none).length > 0 || change.put !== undefined) row.pending = pendingAfter(row.pending, change);
    if (change.memory !== undefined) row.memory = change.memory;
    if (decision !== undefined) decisions?.set(decision.id, decision);
    return true;
  }

  #decisionsOn(recommendationId: string): Map<string, RiskDecision> {
    let decisions = this.#decisions.get(recommendationId);
    if (decisions === undefined) {
      decisions = new Map();
      this.#decisions.set(recommendationId, decisions);
    }
    return decisions;
  }

  #row(userId: string): Row {
    let row = this.#rows.get(userId);
    if (row === undefined) {
      row = { version: 0, pending: none, memory: emptyMemory };
      this.#rows.set(userId, row);
    }
    return row;
  }
}

/** What is pending once a change removed and put its entries. */
function pendingAfter(
  pending: readonly PendingEntry[],
  { remove = [], put = [] }: RiskChange,
): readonly PendingEntry[] {
  const [first] = put;
  if (pending.length === 0 && put.length === 1 && first !== undefined) return [first];
  const entries = new Map(pending.map((entry) => [entry.reservation.signalId, entry]));
  for (const id of remove) entries.delete(id);
  for (const entry of put) entries.set(entry.reservation.signalId, entry);
  return bySignal(entries.values());
}
