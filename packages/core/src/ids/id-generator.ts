import type { Clock } from '../clock/clock.ts';
import type { Random } from './random.ts';

/** Makes identifiers, injected like time and chance. */
export interface IdGenerator {
  /** A new identifier, `prefix_` and 26 characters, that sorts by the instant it was made and within it by order. */
  next(prefix: string): string;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Sortable identifiers after the ULID specification (github.com/ulid/spec): 48 bits of time and 80 bits of chance in
 * Crockford's base 32, in lower case; within one millisecond the chance part is incremented, so that order is kept.
 */
export class SortableIdGenerator implements IdGenerator {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tail = new Uint8Array(16);
  #lastMs = -1;

  constructor(options: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  next(prefix: string): string {
    const nowMs = Math.max(this.#clock.nowMs(), this.#lastMs);
    if (nowMs === this.#lastMs) increment(this.#tail);
    else for (let i = 0; i < this.#tail.length; i += 1) this.#tail[i] = Math.floor(this.#random.next() * 32);
    this.#lastMs = nowMs;
    let head = '';
    for (let rest = nowMs, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) head = `${alphabet[rest % 32]}${head}`;
    let tail = '';
    for (const digit of this.#tail) tail += alphabet[digit];
    return `${prefix}_${head}${tail}`;
  }
}

function increment(digits: Uint8Array): void {
  for (let i = digits.length - 1; i >= 0; i -= 1) {
    const digit = (digits[i] ?? 0) + 1;
    digits[i] = digit % 32;
    if (digit < 32) return;
  }
}
