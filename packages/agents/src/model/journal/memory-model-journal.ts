import { StoreError } from '@perpdesk/core';
import { limitOf, type ModelJournal, type ModelRecordQuery, type ModelRecordsToForget } from './model-journal.ts';
import type { ModelRecord } from './model-record.ts';

/** Keeps the last questions to models in this process. */
export class MemoryModelJournal implements ModelJournal {
  readonly #limit: number;
  readonly #records = new Map<string, ModelRecord>();

  /** @param options.limit Records kept; the first written go first. Default 10,000. */
  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? 10_000;
  }

  async open(): Promise<void> {}

  async append(record: ModelRecord): Promise<void> {
    if (this.#records.has(record.id))
      throw new StoreError('model.journal', `There is a record ${record.id} of a question to a model already.`);
    this.#records.set(record.id, record);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= this.#limit) return;
      this.#records.delete(id);
    }
  }

  async find(key: string, query: Pick<ModelRecordQuery, 'traceId' | 'roundKey'> = {}): Promise<readonly ModelRecord[]> {
    return this.#sorted((record) => record.key === key && isOf(record, query));
  }

  async read(query: ModelRecordQuery = {}): Promise<readonly ModelRecord[]> {
    const { afterId = '' } = query;
    return this.#sorted((record) => record.id > afterId && isOf(record, query)).slice(0, limitOf(query));
  }

  async prune(what: ModelRecordsToForget): Promise<void> {
    for (const [id, { atMs, context }] of this.#records) {
      const isOver =
        'beforeMs' in what
          ? atMs < what.beforeMs
          : context.userId === what.userId && (what.agent === undefined || context.agent === what.agent);
      if (isOver) this.#records.delete(id);
    }
  }

  /** They are written in the order of their ends, and read in that of their beginnings. */
  #sorted(isWanted: (record: ModelRecord) => boolean): readonly ModelRecord[] {
    return [...this.#records.values()].filter(isWanted).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

const isOf = ({ context }: ModelRecord, { traceId, roundKey }: ModelRecordQuery): boolean =>
  (traceId === undefined || context.traceId === traceId) && (roundKey === undefined || context.roundKey === roundKey);
