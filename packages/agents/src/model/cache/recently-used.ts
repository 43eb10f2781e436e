/** A bounded map: what was not used for the longest time goes first. */
export class RecentlyUsed<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, Value>();

  /** @param options.limit Entries kept. Default 256. */
  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? 256;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) return;
      this.#entries.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
