import { ValidationError } from '../errors/validation-error.ts';

const firstCapacity = 4_096;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Writes canonical JSON, as `canonicalJson` gives it, in UTF-8: one text after another into the same bytes. */
export class JsonWriter {
  #bytes = new Uint8Array(firstCapacity);
  #length = 0;
  readonly #parents: object[] = [];

  /** Begins a text. */
  begin(): void {
    this.#length = 0;
    this.#parents.length = 0;
  }

  /** The text's bytes, good until the next begins. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }

  /** How many bytes are held for texts. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Adds a value. @throws ValidationError `json.unsafe` */
  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#string(value);
        return;
      case 'number':
        if (!Number.isFinite(value)) throw new ValidationError('json.unsafe', `${value} can not be written as JSON.`);
        this.ascii(String(value));
        return;
      case 'boolean':
        this.ascii(value ? 'true' : 'false');
        return;
      case 'object':
        if (value === null) this.ascii('null');
        else this.#object(value);
        return;
      default:
        throw new ValidationError('json.unsafe', `A ${typeof value} can not be written as JSON.`);
    }
  }

  /** Adds ASCII as it is. */
  ascii(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const from = this.#length;
    for (let index = 0; index < text.length; index += 1) bytes[from + index] = text.charCodeAt(index);
    this.#length = from + text.length;
  }

  #string(text: string, separator?: number): void {
    this.#makeRoom(text.length + 3);
    const bytes = this.#bytes;
    if (separator !== undefined) {
      bytes[this.#length] = separator;
      this.#length += 1;
    }
    const from = this.#length + 1;
    bytes[this.#length] = quote;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < space || unit > tilde || unit === quote || unit === backslash) {
        this.#escaped(text);
        return;
      }
      bytes[from + index] = unit;
    }
    bytes[from + text.length] = quote;
    this.#length = from + text.length + 1;
  }

  #escaped(text: string): void {
    const json = JSON.stringify(text);
    this.#makeRoom(json.length * 3);
    this.#length += encoder.encodeInto(json, this.#bytes.subarray(this.#length)).written;
  }

  #object(value: object): void {
    const parents = this.#parents;
    if (parents.includes(value))
      throw new ValidationError('json.unsafe', 'A value that contains itself can not be written as JSON.');
    parents.push(value);
    if (Array.isArray(value)) this.#items(value);
    else this.#members(value as Readonly<Record<string, unknown>>);
    parents.pop();
  }

  #items(items: readonly unknown[]): void {
    this.#byte(openBracket);
    for (let index = 0; index < items.length; index += 1) {
      if (index > 0) this.#byte(comma);
      this.value(items[index] ?? null);
    }
    this.#byte(closeBracket);
  }

  #members(value: Readonly<Record<string, unknown>>): void {
    let separator = openBrace;
    for (const name of sorted(Object.keys(value))) {
      const member = value[name];
      if (member === undefined) continue;
      this.#string(name, separator);
      this.#byte(colon);
      this.value(member);
      separator = comma;
    }
    if (separator === openBrace) this.#byte(openBrace);
    this.#byte(closeBrace);
  }

  #byte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(2 * (this.#length + count));
    bytes.set(this.bytes);
    this.#bytes = bytes;
  }
}

const fewNames = 24;

/** By UTF-16 units, as RFC 8785 asks. Most objects have few members, for which insertion beats a general sort. */
function sorted(names: string[]): readonly string[] {
  if (names.length > fewNames) return names.sort();
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] ?? '';
    let place = index;
    for (; place > 0 && (names[place - 1] ?? '') > name; place -= 1) names[place] = names[place - 1] ?? '';
    names[place] = name;
  }
  return names;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;
const tilde = 0x7e;
