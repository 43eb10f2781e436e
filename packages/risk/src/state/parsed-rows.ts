/** How many rows are remembered. */
const most = 50_000;

/** Reads rows, and gives back what it read before of one whose text has not changed since: most of a state is the same every time. */
export class ParsedRows<Value> {
  readonly #parse: (text: string) => Value;
  readonly #known = new Map<string, { readonly text: string; readonly value: Value }>();

  constructor(parse: (text: string) => Value) {
    this.#parse = parse;
  }

  /** What the row of a key says. Who gets it shares it: nobody may change it. @throws what parsing throws */
  read(key: string, text: string): Value {
    const known = this.#known.get(key);
    if (known?.text === text) return known.value;
    const value = this.#parse(text);
    if (known === undefined && this.#known.size >= most) this.#known.clear();
    this.#known.set(key, { text, value });
    return value;
  }
}
