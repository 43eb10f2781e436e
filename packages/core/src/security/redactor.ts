import type { JsonValue } from '../events/json.ts';
import { encodeControls } from './encode-controls.ts';
import { Secret, secretMark } from './secret.ts';
import { formsOf } from './secret-forms.ts';

export interface RedactorOptions {
  /** Names of members whose value is never shown, beside the usual ones; compared without case, `-` and `_`. */
  readonly names?: readonly string[];
  /** Values that are never shown, whatever the member, also inside longer texts and encoded. At least 4 characters each. */
  readonly secrets?: readonly string[];
  /** Longer texts are cut. Default 10,000 characters. */
  readonly maxTextLength?: number;
  /** What lies deeper is left out. Default 12 levels. */
  readonly maxDepth?: number;
}

/** Names that end so, without case and separators, hold a secret. `inputTokens` and `key` do not end so. */
const usualNames =
  /(?:password|passwd|passphrase|passcode|secret|secrets|secretkey|token|apikey|apikeys|privatekey|signingkey|masterkey|accesskey|walletkey|agentkey|authorization|cookie|setcookie|credential|credentials|mnemonic|seedphrase|signature|bearer|jwt|otp)$|^pin$/;

/** A text as a pattern for itself (RegExp.escape is not in Node 22). */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const plainName = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

/**
 * Makes JSON of anything without what must not be seen: values under telling names, known secrets wherever they stand and
 * in whatever usual encoding, {@link Secret}s, the bytes of buffers. Unseen characters of texts are encoded. It never
 * throws and changes nothing that it is given. The second net: secrets that are held in a `Secret` need no name to be found.
 */
export class Redactor {
  readonly #names: ReadonlySet<string>;
  readonly #maxTextLength: number;
  readonly #maxDepth: number;
  readonly #forms = new Set<string>();
  #known: RegExp | undefined;

  constructor(options: RedactorOptions = {}) {
    this.#names = new Set((options.names ?? []).map(plainName));
    this.#maxTextLength = options.maxTextLength ?? 10_000;
    this.#maxDepth = options.maxDepth ?? 12;
    this.learn(...(options.secrets ?? []));
  }

  /** Looks for these values too from now on. */
  learn(...secrets: readonly (string | Secret)[]): void {
    const before = this.#forms.size;
    for (const secret of secrets) {
      for (const form of formsOf(typeof secret === 'string' ? secret : secret.reveal())) this.#forms.add(form);
    }
    if (this.#forms.size === before) return;
    const alternatives = [...this.#forms].sort((a, b) => b.length - a.length).map(escaped);
    this.#known = new RegExp(alternatives.join('|'), 'g');
  }

  /** A copy that may be logged. */
  redact(value: unknown): JsonValue {
    return this.#copy(value, 0, new Set());
  }

  /** A text that may be logged. */
  text(value: string): string {
    const cut = value.length > this.#maxTextLength;
    // Secrets go first: cut or encoded, a part of one would be left.
    const clean = this.mask(value);
    const shown = encodeControls(cut ? clean.slice(0, this.#maxTextLength) : clean);
    return cut ? `${shown}… (${value.length} characters)` : shown;
  }

  /** The text with known secrets out of it, whole and else as it is: for what must be read again as it was. */
  mask(value: string): string {
    return this.#known === undefined ? value : value.replace(this.#known, secretMark);
  }

  #copy(value: unknown, depth: number, parents: Set<object>): JsonValue {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        return value.toString();
      case 'undefined':
        return null;
      case 'function':
      case 'symbol':
        return `[${typeof value}]`;
      case 'object':
        break;
    }
    if (value === null) return null;
    if (value instanceof Secret) return secretMark;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (parents.has(value)) return '[circular]';
    if (depth >= this.#maxDepth) return '[deep]';
    parents.add(value);
    try {
      return this.#copyObject(value, depth + 1, parents);
    } catch {
      // A getter or proxy that throws must not take the log line down.
      return '[unreadable]';
    } finally {
      parents.delete(value);
    }
  }

  #copyObject(value: object, depth: number, parents: Set<object>): JsonValue {
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, depth, parents));
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof Set) return [...value].map((item) => this.#copy(item, depth, parents));
    if (value instanceof URL) return this.text(value.username || value.password ? withoutLogin(value) : value.href);
    const members = value instanceof Map ? [...value].map(([k, v]) => [String(k), v] as const) : membersOf(value);
    const copy: Record<string, JsonValue> = Object.create(null);
    for (const [name, member] of members) {
      if (member === undefined) continue;
      copy[this.text(name)] = this.#isTelling(name) ? secretMark : this.#copy(member, depth, parents);
    }
    return { ...copy };
  }

  #isTelling(name: string): boolean {
    const plain = plainName(name);
    return usualNames.test(plain) || this.#names.has(plain);
  }
}

/** An error's name, message and stack are not enumerable, yet they are what one logs it for. */
function membersOf(value: object): readonly (readonly [string, unknown])[] {
  if (!(value instanceof Error)) return Object.entries(value);
  const { name, message, stack, cause, ...rest } = value;
  const lines = stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .map((line) => line.trim());
  const errors = value instanceof AggregateError ? value.errors : undefined;
  return [
    ['name', name],
    ['message', message],
    ['cause', cause],
    ['errors', errors],
    ...Object.entries(rest),
    ['stack', lines],
  ];
}

function withoutLogin(url: URL): string {
  const copy = new URL(url);
  copy.username = copy.username && secretMark;
  copy.password = copy.password && secretMark;
  return copy.href;
}

const usual = new Redactor();

/** Makes a copy that may be logged; see {@link Redactor}. Where secrets are known by value, keep a `Redactor` and let it learn them. */
export const redact = (value: unknown, options?: RedactorOptions): JsonValue =>
  (options === undefined ? usual : new Redactor(options)).redact(value);
