/** Sums by spans of equal length, the newest so many of them. A span of which nothing was heard is NaN, not 0. */
export class TimeBins {
  readonly widthMs: number;
  readonly #count: number;
  /** Which span each slot holds. */
  readonly #spans: Float64Array;
  readonly #columns: readonly Float64Array[];

  constructor(options: { readonly widthMs: number; readonly count: number; readonly columns: number }) {
    this.widthMs = options.widthMs;
    this.#count = options.count;
    this.#spans = new Float64Array(options.count).fill(Number.NEGATIVE_INFINITY);
    this.#columns = Array.from({ length: options.columns }, () => new Float64Array(options.count).fill(Number.NaN));
  }

  /** The number of the span that an instant lies in, counted from the epoch. */
  spanOf(atMs: number): number {
    return Math.floor(atMs / this.widthMs);
  }

  /** Adds to the sum of a span. What is older than all that is kept is passed over. */
  add(column: number, atMs: number, amount: number): void {
    const span = this.spanOf(atMs);
    const slot = span % this.#count;
    const held = this.#spans[slot] ?? Number.NEGATIVE_INFINITY;
    if (span < held) return;
    if (span > held) {
      this.#spans[slot] = span;
      for (const each of this.#columns) each[slot] = Number.NaN;
    }
    const sums = this.#columns[column];
    if (sums === undefined) return;
    const sum = sums[slot] ?? Number.NaN;
    sums[slot] = Number.isNaN(sum) ? amount : sum + amount;
  }

  /** The sum of a span; NaN when nothing was heard of it. */
  at(column: number, span: number): number {
    const slot = span % this.#count;
    return this.#spans[slot] === span ? (this.#columns[column]?.[slot] ?? Number.NaN) : Number.NaN;
  }

  /** The sum over the spans from `from` to `to`, both included; NaN when nothing was heard of any. */
  sum(column: number, from: number, to: number): number {
    let total = Number.NaN;
    for (let span = from; span <= to; span += 1) {
      const value = this.at(column, span);
      if (!Number.isNaN(value)) total = Number.isNaN(total) ? value : total + value;
    }
    return total;
  }
}
