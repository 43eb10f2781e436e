import { ValidationError } from '../errors/validation-error.ts';

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * JSON with the members of every object in code-point order of their names and no white space, after RFC 8785 (JSON
 * Canonicalization Scheme); undefined members are left out. Equal values give equal text.
 * @throws ValidationError `json.unsafe` for NaN, infinities, functions, symbols, bigints and cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

function write(value: unknown, parents: object[]): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new ValidationError('json.unsafe', `${value} can not be written as JSON.`);
      return String(value);
    case 'object':
      break;
    default:
      throw new ValidationError('json.unsafe', `A ${typeof value} can not be written as JSON.`);
  }
  if (parents.includes(value))
    throw new ValidationError('json.unsafe', 'A value that contains itself can not be written as JSON.');
  parents.push(value);
  const text = Array.isArray(value) ? writeArray(value, parents) : writeMembers(value as Members, parents);
  parents.pop();
  return text;
}

type Members = Readonly<Record<string, unknown>>;

// Each event of a run is written for its digest: strings grow member by member, without lists in between.
function writeArray(items: readonly unknown[], parents: object[]): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1)
    text += `${index === 0 ? '' : ','}${write(items[index] ?? null, parents)}`;
  return `${text}]`;
}

function writeMembers(value: Members, parents: object[]): string {
  let text = '';
  for (const name of sorted(Object.keys(value))) {
    const member = value[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${nameText(name)}${write(member, parents)}`;
  }
  return `{${text}}`;
}

/** Names as they are written, with the colon: those of events are few and come again in every one. */
const nameTexts = new Map<string, string>();
const mostNames = 2_000;

function nameText(name: string): string {
  let text = nameTexts.get(name);
  if (text === undefined) {
    text = `${quoted(name)}:`;
    if (nameTexts.size < mostNames) nameTexts.set(name, text);
  }
  return text;
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

/** Printable ASCII without what JSON escapes. */
const plain = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));
