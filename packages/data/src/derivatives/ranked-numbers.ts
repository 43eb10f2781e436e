/** Numbers in order, some of which come and go: their middle, and how far they lie from it, without sorting them anew. No NaN among them. */
export class RankedNumbers {
  readonly #sorted: Float64Array;
  #length = 0;

  /** @param capacity the most there are at a time. */
  constructor(capacity: number) {
    this.#sorted = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  add(value: number): void {
    const at = this.#firstFrom(value);
    this.#sorted.copyWithin(at + 1, at, this.#length);
    this.#sorted[at] = value;
    this.#length += 1;
  }

  /** Takes out one that is equal to a value that was added. */
  remove(value: number): void {
    const at = this.#firstFrom(value);
    this.#sorted.copyWithin(at, at + 1, this.#length);
    this.#length -= 1;
  }

  clear(): void {
    this.#length = 0;
  }

  /** The middle value, or the mean of the middle two, as core's `median`; NaN of none. */
  median(): number {
    const middle = this.#length >>> 1;
    const upper = this.#at(middle);
    return this.#length % 2 === 1 ? upper : (this.#at(middle - 1) + upper) / 2;
  }

  /** The median of the distances from a value; NaN of none. */
  medianDistance(value: number): number {
    let above = this.#firstFrom(value);
    let below = above - 1;
    let before = Number.NaN;
    let distance = Number.NaN;
    // From the value outwards distances only grow.
    for (let taken = 0; taken <= this.#length >>> 1; taken += 1) {
      const down = below < 0 ? Number.POSITIVE_INFINITY : Math.abs(this.#at(below) - value);
      const up = above >= this.#length ? Number.POSITIVE_INFINITY : Math.abs(this.#at(above) - value);
      before = distance;
      distance = Math.min(down, up);
      if (down < up) below -= 1;
      else above += 1;
    }
    return this.#length % 2 === 1 ? distance : (before + distance) / 2;
  }

  #at(index: number): number {
    return index < this.#length ? (this.#sorted[index] ?? Number.NaN) : Number.NaN;
  }

  /** Where the first stands that is not less than a value. */
  #firstFrom(value: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
