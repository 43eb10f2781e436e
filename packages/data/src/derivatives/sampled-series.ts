/**
 * Values with their instants, no closer together than a spacing, the newest so many of them; a price may go with each. One
 * block of memory, taken at once and never more.
 */
export class SampledSeries {
  readonly #spacingMs: number;
  readonly #capacity: number;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #prices: Float64Array;
  #start = 0;
  #length = 0;

  constructor(options: { readonly spacingMs: number; readonly capacity: number }) {
    this.#spacingMs = options.spacingMs;
    this.#capacity = options.capacity;
    this.#times = new Float64Array(options.capacity);
    this.#values = new Float64Array(options.capacity);
    this.#prices = new Float64Array(options.capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Keeps a value unless it comes too soon after the last that was kept. @param price NaN where none is known. */
  push(atMs: number, value: number, price: number = Number.NaN): void {
    if (this.#length > 0 && atMs < this.timeAt(this.#length - 1) + this.#spacingMs) return;
    const slot = (this.#start + this.#length) % this.#capacity;
    this.#times[slot] = atMs;
    this.#values[slot] = value;
    this.#prices[slot] = price;
    if (this.#length < this.#capacity) this.#length += 1;
    else this.#start = (this.#start + 1) % this.#capacity;
  }

  /** 0 is the oldest. NaN outside, as of the other two. */
  timeAt(index: number): number {
    return this.#at(this.#times, index);
  }

  valueAt(index: number): number {
    return this.#at(this.#values, index);
  }

  priceAt(index: number): number {
    return this.#at(this.#prices, index);
  }

  /** The last at or before an instant; −1 when all are later. */
  indexAsOf(atMs: number): number {
    let index = this.#length - 1;
    while (index >= 0 && this.timeAt(index) > atMs) index -= 1;
    return index;
  }

  #at(column: Float64Array, index: number): number {
    if (index < 0 || index >= this.#length) return Number.NaN;
    return column[(this.#start + index) % this.#capacity] ?? Number.NaN;
  }
}
