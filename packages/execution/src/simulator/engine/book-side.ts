import { Decimal } from '@perpdesk/core';
import type { ExchangeOrder } from './exchange-order.ts';
import { PriceLevel } from './price-level.ts';

/** One side of a book: price levels, the best one last, so that the best is added and removed at no cost. */
export class BookSide {
  readonly #levels: PriceLevel[] = [];
  readonly #byKey = new Map<number, PriceLevel>();
  readonly #sign: 1 | -1;
  readonly #ids: { next: number };

  constructor(side: 'buy' | 'sell', ids: { next: number }) {
    this.#sign = side === 'buy' ? 1 : -1;
    this.#ids = ids;
  }

  best(): PriceLevel | undefined {
    return this.#levels.at(-1);
  }

  /** Levels best first. */
  *bestFirst(): IterableIterator<PriceLevel> {
    for (let i = this.#levels.length - 1; i >= 0; i -= 1) {
      const level = this.#levels[i];
      if (level !== undefined) yield level;
    }
  }

  add(order: ExchangeOrder): void {
    this.#level(order.price, order.key).addOrder(order);
  }

  remove(order: ExchangeOrder): void {
    const level = this.#byKey.get(order.key);
    if (level === undefined) return;
    level.removeOrder(order);
    this.tidy(level);
  }

  /** Drops a level that nothing rests at any more. */
  tidy(level: PriceLevel): void {
    if (!level.isEmpty) return;
    this.#byKey.delete(level.key);
    const index = this.#indexOf(level.key);
    if (index === this.#levels.length - 1) this.#levels.pop();
    else this.#levels.splice(index, 1);
  }

  /** Replaces what other participants rest. Levels named twice are summed. */
  setOutside(levels: readonly (readonly [price: Decimal, size: Decimal])[]): void {
    const wanted = new Map<number, { price: Decimal; size: Decimal }>();
    for (const [price, size] of levels) {
      const key = price.toNumber();
      wanted.set(key, { price, size: size.plus(wanted.get(key)?.size ?? 0) });
    }
    for (const level of [...this.#levels]) {
      if (level.outside.isZero() || wanted.has(level.key)) continue;
      level.setOutside(new Decimal(0));
      this.tidy(level);
    }
    for (const [key, { price, size }] of wanted) {
      if (size.isZero() && !this.#byKey.has(key)) continue;
      const level = this.#level(price, key);
      level.setOutside(size);
      this.tidy(level);
    }
  }

  #level(price: Decimal, key: number): PriceLevel {
    let level = this.#byKey.get(key);
    if (level !== undefined) return level;
    level = new PriceLevel(price, key, this.#ids);
    this.#byKey.set(key, level);
    const best = this.#levels.at(-1);
    if (best === undefined || this.#sign * key > this.#sign * best.key) this.#levels.push(level);
    else this.#levels.splice(this.#indexOf(key), 0, level);
    return level;
  }

  /** Where a price is, or belongs. */
  #indexOf(key: number): number {
    const wanted = this.#sign * key;
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sign * (this.#levels[middle]?.key ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
