import type { Rejection, RejectionCode } from '@perpdesk/core';
import type { Exact } from '../exact/exact.ts';
import { show } from './show.ts';

/** Makes a rejection: always with the limit and what was found. */
export const refusal = (
  code: RejectionCode,
  message: string,
  limit: Exact | number | string,
  actual: Exact | number | string,
): Rejection => ({ code, message, limit: show(limit), actual: show(actual) });

/** What stands at a path of something unusable, as short text; for a rejection's `actual`. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): string {
  let found: unknown = value;
  for (const key of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  if (found === '') return 'empty text';
  return (
    typeof found === 'object' && found !== null ? (Array.isArray(found) ? 'a list' : 'an object') : String(found)
  ).slice(0, 80);
}
