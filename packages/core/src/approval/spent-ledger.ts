/**
 * Remembers what was spent for as long as it could be spent again. Authorisations live ten seconds at most, so the memory
 * is bounded by the orders of the last ten seconds.
 */
export class SpentLedger {
  readonly #expiries = new Map<string, number>();

  /** True the first time; false for an id that was spent and may not have expired. */
  spend(id: string, expiresAtMs: number, nowMs: number): boolean {
    this.#forgetExpired(nowMs);
    if (this.#expiries.has(id)) return false;
    this.#expiries.set(id, expiresAtMs);
    return true;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#expiries.size;
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, expiresAtMs] of this.#expiries) {
      if (expiresAtMs > nowMs) return;
      this.#expiries.delete(id);
    }
  }
}
