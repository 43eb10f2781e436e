const rememberedNonces = 100;
const dayMs = 86_400_000;

/**
 * The nonces one signer has used. The venue keeps the highest 100 of each and takes a new one that was not used, is above
 * the smallest kept, and lies between two days ago and one day ahead
 * (hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets).
 */
export class NonceWindow {
  readonly #used = new Set<number>();

  /** Uses a nonce; the venue's words when it may not be. */
  use(nonce: number, nowMs: number): string | undefined {
    if (this.#used.has(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    if (nonce <= nowMs - 2 * dayMs || nonce >= nowMs + dayMs) {
      return `Invalid nonce: nonce ${nonce} is not within two days before and one day after ${nowMs}`;
    }
    if (this.#used.size === rememberedNonces) {
      const smallest = Math.min(...this.#used);
      if (nonce < smallest) return `Invalid nonce: nonce ${nonce} is below the smallest of the last 100, ${smallest}`;
      this.#used.delete(smallest);
    }
    this.#used.add(nonce);
    return undefined;
  }
}
