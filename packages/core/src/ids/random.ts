/** Chance, injected: domain code never calls `Math.random`. */
export interface Random {
  /** A number in [0, 1), uniform over 2^-32 steps or finer. */
  next(): number;
}

/** Chance from the platform's cryptographic source. */
export class SystemRandom implements Random {
  readonly #buffer = new Uint32Array(64);
  #used = 64;

  next(): number {
    if (this.#used === this.#buffer.length) {
      globalThis.crypto.getRandomValues(this.#buffer);
      this.#used = 0;
    }
    return (this.#buffer[this.#used++] ?? 0) / 4_294_967_296;
  }
}

/**
 * Repeatable chance: the same seed gives the same sequence on every machine. sfc32 (Chris Doty-Humphrey's small fast
 * counting generator, PractRand), seeded by an FNV-1a hash of the text. Its state can be saved and restored.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string | number | SeededRandomState) {
    if (typeof seed === 'object') {
      [this.#a, this.#b, this.#c, this.#counter] = seed;
      return;
    }
    const hash = fnv1a(String(seed));
    this.#a = hash;
    this.#b = hash ^ 0x9e3779b9;
    this.#c = hash ^ 0x85ebca6b;
    this.#counter = 1;
    for (let i = 0; i < 16; i += 1) this.next();
  }

  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return (result >>> 0) / 4_294_967_296;
  }

  /** What the constructor takes to go on from here. */
  state(): SeededRandomState {
    return [this.#a, this.#b, this.#c, this.#counter];
  }
}

/** The saved state of a {@link SeededRandom}: four 32-bit integers. */
export type SeededRandomState = readonly [number, number, number, number];

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash | 0;
}
