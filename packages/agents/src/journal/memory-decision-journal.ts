import type { DecisionJournal, DecisionRecord, DecisionRecordQuery } from '@perpdesk/core';

/** Keeps the last records of decisions in this process. */
export class MemoryDecisionJournal implements DecisionJournal {
  readonly #limit: number;
  readonly #records = new Map<string, DecisionRecord>();

  /** @param options.limit Records kept; the first written go first. Default 10,000. */
  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? 10_000;
  }

  async open(): Promise<void> {}

  async append(records: readonly DecisionRecord[]): Promise<void> {
    for (const record of records) if (!this.#records.has(record.id)) this.#records.set(record.id, record);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= this.#limit) return;
      this.#records.delete(id);
    }
  }

  async find(subject: string): Promise<readonly DecisionRecord[]> {
    return [...this.#records.values()].filter((record) => record.subject === subject);
  }

  async read({ traceId, roundKey, limit = mostRecords }: DecisionRecordQuery = {}): Promise<readonly DecisionRecord[]> {
    return [...this.#records.values()]
      .filter(
        (record) =>
          (traceId === undefined || record.traceId === traceId) &&
          (roundKey === undefined || record.roundKey === roundKey),
      )
      .slice(0, Math.min(limit, mostRecords));
  }

  async prune(what: { readonly beforeMs: number } | { readonly userId: string }): Promise<void> {
    for (const [id, { atMs, userId }] of this.#records)
      if ('beforeMs' in what ? atMs < what.beforeMs : userId === what.userId) this.#records.delete(id);
  }
}

/** The most records that are read at once. */
export const mostRecords = 1_000;
