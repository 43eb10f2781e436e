/** Walks over the words of a command. */
export class WordCursor {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** The next word as it was written, undefined at the end. */
  get next(): string | undefined {
    return this.#words[this.#at];
  }

  /** The word behind the next one, or further behind. */
  after(next = 1): string | undefined {
    return this.#words[this.#at + next];
  }

  get rest(): readonly string[] {
    return this.#words.slice(this.#at);
  }

  /** Goes past one of these phrases in small letters, the longest that fits, and says which. */
  take<Phrase extends string>(...phrases: readonly Phrase[]): Phrase | undefined {
    const fitting = phrases
      .toSorted((a, b) => b.length - a.length)
      .find((phrase) =>
        phrase.split(' ').every((word, index) => this.#words[this.#at + index]?.toLowerCase() === word),
      );
    if (fitting !== undefined) this.#at += fitting.split(' ').length;
    return fitting;
  }

  /** Goes past the next word where `read` makes something of it. */
  takeAs<Value>(read: (word: string) => Value | undefined): Value | undefined {
    const value = this.next === undefined ? undefined : read(this.next);
    if (value !== undefined) this.#at += 1;
    return value;
  }

  /** Goes past the next word, whatever it is. */
  skip(): string {
    const word = this.#words[this.#at] ?? '';
    this.#at += 1;
    return word;
  }
}
