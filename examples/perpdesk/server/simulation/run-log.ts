import { createHash } from 'node:crypto';

/** Something that must never happen, and did. */
export interface Violation {
  readonly kind: string;
  readonly atMs: number;
  readonly message: string;
}

/** How many of the last things that happened are kept for whoever looks at a seed that failed. */
const kept = 60;
/** More of one kind say nothing new. */
const mostOfOneKind = 5;

/** What happened in a run: the last of it in words, all of it in a digest. */
export class RunLog {
  readonly violations: Violation[] = [];
  readonly #nowMs: () => number;
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #trace: boolean;

  constructor(options: { readonly nowMs: () => number; readonly trace: boolean }) {
    this.#nowMs = options.nowMs;
    this.#trace = options.trace;
  }

  /** The last things that happened, oldest first. */
  get last(): readonly string[] {
    return this.#last;
  }

  note(text: string): void {
    const line = `${this.#nowMs()} ${text}`;
    this.#hash.update(`${line}\n`);
    if (this.#trace) console.log(line);
    this.#last.push(line);
    if (this.#last.length > kept) this.#last.shift();
  }

  /** Takes something into the digest that is too long for words. */
  digest(text: string): void {
    this.#hash.update(`${text}\n`);
  }

  violation(kind: string, message: string): void {
    this.note(`VIOLATION ${kind}: ${message}`);
    if (this.violations.filter((violation) => violation.kind === kind).length < mostOfOneKind)
      this.violations.push({ kind, atMs: this.#nowMs(), message });
  }

  /** True when something of a kind has happened. */
  saw(kind: string): boolean {
    return this.violations.some((violation) => violation.kind === kind);
  }

  /** The digest of all that happened, once. */
  end(): string {
    return this.#hash.digest('hex');
  }
}
