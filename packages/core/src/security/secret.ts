/** What stands where a secret was. */
export const secretMark = '[secret]';

/**
 * Holds a secret so that it can be handed around and not be shown: as a string, in JSON, in a template, in `console.log` and
 * in `util.inspect` it reads `[secret]`. It keeps a secret out of logs by accident, not from code that asks for it.
 * @example
 * const key = new Secret('abc');
 * `${key}`; // '[secret]'
 * key.reveal(); // 'abc'
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it where it is used and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return secretMark;
  }

  toJSON(): string {
    return secretMark;
  }

  get [Symbol.toStringTag](): string {
    return 'Secret';
  }

  [Symbol.toPrimitive](): string {
    return secretMark;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return secretMark;
  }
}
