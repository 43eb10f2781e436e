import { JsonWriter } from './json-writer.ts';

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** A writer is kept for the next text unless it has grown beyond this, in bytes. */
const mostKept = 1_048_576;

let kept: JsonWriter | undefined;

/**
 * JSON with the members of every object in code-point order of their names and no white space, after RFC 8785 (JSON
 * Canonicalization Scheme); undefined members are left out. Equal values give equal text.
 * @throws ValidationError `json.unsafe` for NaN, infinities, functions, symbols, bigints and cycles.
 */
export function canonicalJson(value: unknown): string {
  const writer = kept ?? new JsonWriter();
  // A getter of the value may ask for a text of its own meanwhile.
  kept = undefined;
  writer.begin();
  writer.value(value);
  const { text } = writer;
  if (writer.capacity <= mostKept) kept = writer;
  return text;
}
