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
  return write(value, new Set());
}

function write(value: unknown, parents: Set<object>): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new ValidationError('json.unsafe', `${value} can not be written as JSON.`);
      return JSON.stringify(value);
    case 'object':
      break;
    default:
      throw new ValidationError('json.unsafe', `A ${typeof value} can not be written as JSON.`);
  }
  if (parents.has(value))
    throw new ValidationError('json.unsafe', 'A value that contains itself can not be written as JSON.');
  parents.add(value);
  const text = Array.isArray(value)
    ? `[${value.map((item) => write(item ?? null, parents)).join(',')}]`
    : `{${Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([name, member]) => `${JSON.stringify(name)}:${write(member, parents)}`)
        .join(',')}}`;
  parents.delete(value);
  return text;
}
