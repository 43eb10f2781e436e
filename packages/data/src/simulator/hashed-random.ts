import type { Random } from '@perpdesk/core';

const golden = 0x9e3779b9;

/** Stirs 32 bits: the finaliser of MurmurHash3 (Austin Appleby, public domain). */
function stir(bits: number): number {
  let h = bits | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 32 bits of a text. */
export function hashText(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i += 1) h = stir((h + golden) ^ text.charCodeAt(i));
  return h;
}

/**
 * Chance that starts anew at any place: the same key and place give the same sequence, whatever was drawn before. That
 * lets a simulation be taken up in the middle of a minute without keeping what was drawn in it. A counter stirred by the
 * finaliser of MurmurHash3 (the construction of SplitMix, Steele, Lea and Flood 2014, on 32 bits).
 */
export class HashedRandom implements Random {
  readonly #key: number;
  #counter = 0;
  #spare = Number.NaN;

  constructor(key: string) {
    this.#key = hashText(key);
  }

  /** Goes to a place, told by two integers. */
  seek(first: number, second: number): this {
    this.#counter = stir(stir(stir(this.#key ^ first) + golden) ^ second);
    this.#spare = Number.NaN;
    return this;
  }

  next(): number {
    this.#counter = (this.#counter + golden) | 0;
    return (stir(this.#counter) >>> 0) / 4_294_967_296;
  }

  /** A standard normal number. */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
