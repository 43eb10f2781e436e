/** Keeps the last answers by the exact question, so that unchanged inputs are not asked again. */
export class AnswerCache<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, Value>();

  /** @param options.limit Entries kept; the longest unused goes first. Default 256. */
  constructor(options: { readonly limit?: number } = {}) {
    this.#limit = options.limit ?? 256;
  }

  get(question: string): Value | undefined {
    const value = this.#entries.get(question);
    if (value === undefined) return undefined;
    this.#entries.delete(question);
    this.#entries.set(question, value);
    return value;
  }

  set(question: string, value: Value): void {
    this.#entries.delete(question);
    this.#entries.set(question, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) return;
      this.#entries.delete(oldest);
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}
