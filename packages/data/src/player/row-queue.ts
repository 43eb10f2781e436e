import { type SeriesKind, type SeriesRows, type SeriesStore, ValidationError } from '@perpdesk/core';

/** Rows of one kind that wait to be stored. */
export class RowQueue<Kind extends SeriesKind> {
  readonly #kind: Kind;
  #rows: SeriesRows[Kind][] = [];

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  get length(): number {
    return this.#rows.length;
  }

  add(row: SeriesRows[Kind]): void {
    this.#rows.push(row);
  }

  /**
   * Writes what waits. What the store refuses because it can not be right is told and left out; when the store fails all
   * waits again: writing a row twice does no harm.
   * @throws StoreError when the store fails.
   */
  async write(store: Pick<SeriesStore, 'write'>, refused: (kind: SeriesKind, why: string) => void): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    try {
      if (rows.length > 0) await this.#writeRows(store, rows, refused);
    } catch (error) {
      this.#rows = [...rows, ...this.#rows];
      throw error;
    }
  }

  /** Gives up all but the newest `most`. @returns how many. */
  trim(most: number): number {
    const surplus = Math.max(0, this.#rows.length - most);
    this.#rows.splice(0, surplus);
    return surplus;
  }

  /** Bad rows are found by halves, so that one does not keep the others. */
  async #writeRows(
    store: Pick<SeriesStore, 'write'>,
    rows: readonly SeriesRows[Kind][],
    refused: (kind: SeriesKind, why: string) => void,
  ): Promise<void> {
    try {
      await store.write(this.#kind, rows);
    } catch (error) {
      if (!ValidationError.is(error)) throw error;
      if (rows.length === 1) return refused(this.#kind, error.message);
      const middle = rows.length >> 1;
      await this.#writeRows(store, rows.slice(0, middle), refused);
      await this.#writeRows(store, rows.slice(middle), refused);
    }
  }
}
