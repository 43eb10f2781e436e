/** Levels in a block: a change moves at most so many. */
const blockSize = 32;
/** Blocks looked at one by one from where the last change was, before the search bisects. */
const nearby = 16;
/** A block with no more than so many levels is joined with its worse neighbour where they fit. */
const fewLevels = 8;

/**
 * One side of a book: levels in price order, the best last, cut into blocks of at most 32 that lie in two flat columns. A change
 * finds its block from the one before, since venues send a delta's levels in order of price, then scans and moves within the
 * block alone (a scan of so few is predicted better than a bisection), so that a change deep in a book of thousands costs no more than one at the top. Prices are kept as keys
 * (asks negated) that rise towards the best, so that one search serves both sides.
 */
export class BookSide {
  readonly #sign: 1 | -1;
  /** Levels by slot: block after block of 32 places, filled from the front. */
  #keys: Float64Array;
  #sizes: Float64Array;
  /** How many levels a slot holds. */
  #counts: Int32Array;
  /** The slots in order of price, the best last, and the lowest key of each. */
  #slots: Int32Array;
  #lows: Float64Array;
  #blocks = 0;
  /** Slots given back, and how many were ever taken. */
  #free: number[] = [];
  #taken = 0;
  #length = 0;
  /** The block of the last change. */
  #near = 0;

  /** @param capacity levels that fit before it grows by doubling. */
  constructor(side: 'bids' | 'asks', capacity: number) {
    this.#sign = side === 'bids' ? 1 : -1;
    const slots = Math.max(1, Math.ceil(capacity / blockSize));
    this.#keys = new Float64Array(slots * blockSize);
    this.#sizes = new Float64Array(slots * blockSize);
    this.#counts = new Int32Array(slots);
    this.#slots = new Int32Array(slots);
    this.#lows = new Float64Array(slots);
  }

  get length(): number {
    return this.#length;
  }

  /** The price of the level `rank` places from the best (0), NaN where there is none. */
  price(rank: number): number {
    const at = this.#ranked(rank);
    return at < 0 ? Number.NaN : this.#sign * (this.#keys[at] as number);
  }

  /** The size of the level `rank` places from the best (0), NaN where there is none. */
  size(rank: number): number {
    const at = this.#ranked(rank);
    return at < 0 ? Number.NaN : (this.#sizes[at] as number);
  }

  /** The size at a price, 0 where there is no level. */
  sizeAt(price: number): number {
    if (this.#blocks === 0) return 0;
    const key = this.#sign * price;
    const slot = this.#slots[this.#block(key)] as number;
    const at = this.#find(slot, key);
    return at < slot * blockSize + (this.#counts[slot] as number) && this.#keys[at] === key
      ? (this.#sizes[at] as number)
      : 0;
  }

  /** Sets the size at a price; 0 removes the level, and where there is none changes nothing. */
  set(price: number, size: number): void {
    const key = this.#sign * price;
    if (this.#blocks === 0) {
      if (size !== 0) this.#open(0, key, size);
      return;
    }
    const block = this.#block(key);
    const slot = this.#slots[block] as number;
    const at = this.#find(slot, key);
    const end = slot * blockSize + (this.#counts[slot] as number);
    this.#near = block;
    if (at < end && this.#keys[at] === key) {
      if (size === 0) this.#remove(block, at, end);
      else this.#sizes[at] = size;
    } else if (size !== 0) this.#insert(block, at, end, key, size);
  }

  clear(): void {
    this.#length = 0;
    this.#blocks = 0;
    this.#taken = 0;
    this.#free = [];
    this.#near = 0;
  }

  /** Drops the worst levels beyond `depth`. */
  limit(depth: number): void {
    while (this.#length > depth) {
      const slot = this.#slots[0] as number;
      const excess = this.#length - depth;
      const count = this.#counts[slot] as number;
      const from = slot * blockSize;
      if (count <= excess) {
        this.#length -= count;
        this.#close(0);
      } else {
        this.#keys.copyWithin(from, from + excess, from + count);
        this.#sizes.copyWithin(from, from + excess, from + count);
        this.#counts[slot] = count - excess;
        this.#lows[0] = this.#keys[from] as number;
        this.#length = depth;
      }
    }
  }

  /** Writes price and size of the best levels, best first, as pairs. @returns how many levels were written. */
  top(into: Float64Array, levels: number): number {
    const keys = this.#keys;
    const sizes = this.#sizes;
    const sign = this.#sign;
    const wanted = Math.min(levels, this.#length, into.length >> 1);
    let written = 0;
    for (let block = this.#blocks - 1; written < wanted; block -= 1) {
      const slot = this.#slots[block] as number;
      const from = slot * blockSize;
      for (let at = from + (this.#counts[slot] as number) - 1; at >= from && written < wanted; at -= 1) {
        into[2 * written] = sign * (keys[at] as number);
        into[2 * written + 1] = sizes[at] as number;
        written += 1;
      }
    }
    return written;
  }

  /** The sum of the sizes of the best `levels` levels. */
  sizeOfTop(levels: number): number {
    let sum = 0;
    let left = Math.min(levels, this.#length);
    for (let block = this.#blocks - 1; left > 0; block -= 1) {
      const slot = this.#slots[block] as number;
      const from = slot * blockSize;
      for (let at = from + (this.#counts[slot] as number) - 1; at >= from && left > 0; at -= 1, left -= 1) {
        sum += this.#sizes[at] as number;
      }
    }
    return sum;
  }

  /** The sum of the sizes from the best to a price, that price included. */
  sizeTo(price: number): number {
    const key = this.#sign * price;
    let sum = 0;
    for (let block = this.#blocks - 1; block >= 0; block -= 1) {
      const slot = this.#slots[block] as number;
      const from = slot * blockSize;
      for (let at = from + (this.#counts[slot] as number) - 1; at >= from; at -= 1) {
        if ((this.#keys[at] as number) < key) return sum;
        sum += this.#sizes[at] as number;
      }
    }
    return sum;
  }

  /** The place of the level `rank` from the best, −1 where there is none. */
  #ranked(rank: number): number {
    let left = rank;
    for (let block = this.#blocks - 1; block >= 0; block -= 1) {
      const slot = this.#slots[block] as number;
      const count = this.#counts[slot] as number;
      if (left < count) return slot * blockSize + count - 1 - left;
      left -= count;
    }
    return -1;
  }

  /** The last block whose lowest key is not above a key, or the first one. */
  #block(key: number): number {
    const lows = this.#lows;
    const last = this.#blocks - 1;
    let block = Math.min(this.#near, last);
    if ((lows[block] as number) <= key) {
      const end = Math.min(last, block + nearby);
      while (block < end && (lows[block + 1] as number) <= key) block += 1;
      if (block < end || block === last || (lows[block + 1] as number) > key) return block;
    } else {
      const end = Math.max(0, block - nearby);
      while (block > end) {
        block -= 1;
        if ((lows[block] as number) <= key) return block;
      }
      if (block === 0) return 0;
    }
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((lows[middle] as number) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where a key is in a slot, or where it would be put: the first place whose key is not below it. */
  #find(slot: number, key: number): number {
    const keys = this.#keys;
    const from = slot * blockSize;
    let at = from + (this.#counts[slot] as number);
    while (at > from && (keys[at - 1] as number) >= key) at -= 1;
    return at;
  }

  #insert(block: number, at: number, end: number, key: number, size: number): void {
    const slot = this.#slots[block] as number;
    if (end - slot * blockSize === blockSize) {
      // Beyond a full best block: a new one, so that a whole book is laid down without splitting.
      if (at === end && block === this.#blocks - 1) return this.#open(this.#blocks, key, size);
      this.#split(block);
      return this.set(this.#sign * key, size);
    }
    const keys = this.#keys;
    const sizes = this.#sizes;
    for (let i = end; i > at; i -= 1) {
      keys[i] = keys[i - 1] as number;
      sizes[i] = sizes[i - 1] as number;
    }
    keys[at] = key;
    sizes[at] = size;
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    if (at === slot * blockSize) this.#lows[block] = key;
    this.#length += 1;
  }

  #remove(block: number, at: number, end: number): void {
    const slot = this.#slots[block] as number;
    const from = slot * blockSize;
    const keys = this.#keys;
    const sizes = this.#sizes;
    for (let i = at + 1; i < end; i += 1) {
      keys[i - 1] = keys[i] as number;
      sizes[i - 1] = sizes[i] as number;
    }
    const count = end - from - 1;
    this.#counts[slot] = count;
    this.#length -= 1;
    if (count === 0) return this.#close(block);
    if (at === from) this.#lows[block] = keys[from] as number;
    if (count <= fewLevels && block > 0) this.#join(block, slot, count);
  }

  /** Moves the few levels of a block to the end of the worse one before it, where they leave it room to grow. */
  #join(block: number, slot: number, count: number): void {
    const worse = this.#slots[block - 1] as number;
    const there = this.#counts[worse] as number;
    if (there + count > blockSize - fewLevels) return;
    const from = slot * blockSize;
    const to = worse * blockSize + there;
    for (let i = 0; i < count; i += 1) {
      this.#keys[to + i] = this.#keys[from + i] as number;
      this.#sizes[to + i] = this.#sizes[from + i] as number;
    }
    this.#counts[worse] = there + count;
    this.#close(block);
  }

  /** Moves the better half of a block into a new one. */
  #split(block: number): void {
    const slot = this.#slots[block] as number;
    const middle = slot * blockSize + blockSize / 2;
    const taken = this.#take();
    const to = taken * blockSize;
    this.#keys.copyWithin(to, middle, middle + blockSize / 2);
    this.#sizes.copyWithin(to, middle, middle + blockSize / 2);
    this.#counts[slot] = blockSize / 2;
    this.#counts[taken] = blockSize / 2;
    this.#place(block + 1, taken, this.#keys[to] as number);
  }

  /** Adds a block with one level. */
  #open(block: number, key: number, size: number): void {
    const slot = this.#take();
    this.#keys[slot * blockSize] = key;
    this.#sizes[slot * blockSize] = size;
    this.#counts[slot] = 1;
    this.#length += 1;
    this.#place(block, slot, key);
  }

  #place(block: number, slot: number, low: number): void {
    this.#slots.copyWithin(block + 1, block, this.#blocks);
    this.#lows.copyWithin(block + 1, block, this.#blocks);
    this.#slots[block] = slot;
    this.#lows[block] = low;
    this.#blocks += 1;
  }

  /** Takes a block out. */
  #close(block: number): void {
    this.#free.push(this.#slots[block] as number);
    this.#slots.copyWithin(block, block + 1, this.#blocks);
    this.#lows.copyWithin(block, block + 1, this.#blocks);
    this.#blocks -= 1;
  }

  /** A slot that is not in use. */
  #take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#taken === this.#counts.length) {
      this.#keys = doubled(this.#keys, Float64Array);
      this.#sizes = doubled(this.#sizes, Float64Array);
      this.#counts = doubled(this.#counts, Int32Array);
      this.#slots = doubled(this.#slots, Int32Array);
      this.#lows = doubled(this.#lows, Float64Array);
    }
    this.#taken += 1;
    return this.#taken - 1;
  }
}

function doubled<Column extends Float64Array | Int32Array>(
  column: Column,
  type: new (length: number) => Column,
): Column {
  const larger = new type(column.length * 2);
  larger.set(column);
  return larger;
}
