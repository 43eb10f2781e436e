const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** What is being read between two quotes: a name of the outermost object, the member that is wanted, or anything else. */
type Role = 'name' | 'wanted' | 'other';

/**
 * Reads one text member of a JSON object while the object is still being written, one pass over the pieces. What is no JSON
 * gives no text; nothing throws.
 */
export class MemberDraft {
  readonly #member: string;
  readonly #limit: number;
  #text = '';
  #name = '';
  #depth = 0;
  #expectsName = false;
  #role: Role | undefined;
  #escape = '';
  #isDone = false;

  /** @param options.limit Characters kept. Default 2,000. */
  constructor(member: string, options: { readonly limit?: number } = {}) {
    this.#member = member;
    this.#limit = options.limit ?? 2_000;
  }

  /** Takes the next piece; an empty one begins anew. Returns the member's text so far. */
  push(piece: string): string {
    if (piece === '') this.#reset();
    for (const unit of piece.split('')) {
      if (this.#isDone) break;
      if (this.#role === undefined) this.#readMark(unit);
      else this.#readText(unit, this.#role);
    }
    return this.#text.isWellFormed() ? this.#text : this.#text.replace(/[\ud800-\udbff]$/, '').toWellFormed();
  }

  #reset(): void {
    this.#text = '';
    this.#name = '';
    this.#depth = 0;
    this.#expectsName = false;
    this.#role = undefined;
    this.#escape = '';
    this.#isDone = false;
  }

  #readMark(unit: string): void {
    if (unit === '{' || unit === '[') {
      this.#depth += 1;
      this.#expectsName = unit === '{';
    } else if (unit === '}' || unit === ']') this.#depth -= 1;
    else if (unit === ',') this.#expectsName = true;
    else if (unit === ':') this.#expectsName = false;
    else if (unit === '"') {
      const isOutermost = this.#depth === 1;
      if (isOutermost && this.#expectsName) {
        this.#role = 'name';
        this.#name = '';
      } else this.#role = isOutermost && this.#name === this.#member ? 'wanted' : 'other';
    }
  }

  #readText(unit: string, role: Role): void {
    if (this.#escape !== '') this.#readEscape(unit, role);
    else if (unit === '\\') this.#escape = unit;
    else if (unit === '"') {
      this.#isDone = role === 'wanted';
      this.#role = undefined;
    } else this.#add(unit, role);
  }

  #readEscape(unit: string, role: Role): void {
    this.#escape += unit;
    if (this.#escape.startsWith('\\u')) {
      if (this.#escape.length < 6) return;
      const code = Number.parseInt(this.#escape.slice(2), 16);
      this.#add(Number.isNaN(code) ? '' : String.fromCharCode(code), role);
    } else this.#add(escapes[unit] ?? unit, role);
    this.#escape = '';
  }

  #add(unit: string, role: Role): void {
    if (role === 'name' && this.#name.length <= this.#member.length) this.#name += unit;
    if (role !== 'wanted') return;
    this.#text += unit;
    this.#isDone = this.#text.length >= this.#limit;
  }
}
