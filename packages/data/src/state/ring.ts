/** The newest items, at most `capacity`: an older one leaves when a new one comes. */
export class Ring<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  /** Where the oldest lies once the ring is full. */
  #start = 0;

  constructor(capacity: number) {
    this.#capacity = Math.max(1, Math.floor(capacity));
  }

  get length(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#start] = item;
    this.#start = (this.#start + 1) % this.#capacity;
  }

  /** The item `back` places before the newest, 0 being it. */
  newest(back = 0): Item | undefined {
    const { length } = this.#items;
    return back < length ? this.#items[(this.#start + length - 1 - back) % length] : undefined;
  }

  /** Puts another item in the place `back` places before the newest. */
  replaceNewest(back: number, item: Item): void {
    const { length } = this.#items;
    if (back < length) this.#items[(this.#start + length - 1 - back) % length] = item;
  }

  /** The last `limit` items or fewer, oldest first. */
  last(limit: number): Item[] {
    const { length } = this.#items;
    const count = Math.max(0, Math.min(length, Math.floor(limit)));
    const from = this.#start + length - count;
    if (from >= length) return this.#items.slice(from - length, from - length + count);
    return this.#items.slice(from).concat(this.#items.slice(0, this.#start));
  }
}
