import type { Random } from '@perpdesk/core';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const length = 32;

/**
 * A new id, `prefix_` and 32 characters: 160 bits of chance and nothing of the time or of the ids before it, so that nobody can name what they
 * were not given. `random` has to be the platform's cryptographic source where others may try.
 */
export function unguessableId(prefix: string, random: Random): string {
  let id = `${prefix}_`;
  for (let index = 0; index < length; index += 1) id += alphabet[Math.floor(random.next() * 32)];
  return id;
}

/** Whether a text could be such an id: what is not goes into no query. */
export const couldBeId = (prefix: string, text: string): boolean =>
  text.length === prefix.length + 1 + length &&
  text.startsWith(`${prefix}_`) &&
  /^[0-9a-z]+$/.test(text.slice(prefix.length + 1));
