import type { JsonValue } from '@perpdesk/core';
import { jsonOf } from '../model/call/json-of.ts';

/** One place where two values differ; undefined is what is not there. */
export interface Difference {
  /** Members and indexes, joined by dots. Empty: the whole. */
  readonly path: string;
  readonly was: JsonValue | undefined;
  readonly now: JsonValue | undefined;
}

/** The most places that are named. */
const most = 50;

/** Where two values differ as JSON: members by name, items by index, in the order of the first. Exact: numbers too. */
export function differencesBetween(was: unknown, now: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare(was === undefined ? undefined : jsonOf(was), now === undefined ? undefined : jsonOf(now), '', found);
  return found;
}

function compare(was: JsonValue | undefined, now: JsonValue | undefined, path: string, found: Difference[]): void {
  if (found.length >= most || was === now) return;
  if (isBranch(was) && isBranch(now) && Array.isArray(was) === Array.isArray(now)) {
    const names = new Set([...Object.keys(was), ...Object.keys(now)]);
    for (const name of names)
      compare(memberOf(was, name), memberOf(now, name), path === '' ? name : `${path}.${name}`, found);
    return;
  }
  found.push({ path, was, now });
}

const isBranch = (value: JsonValue | undefined): value is Extract<JsonValue, object> =>
  typeof value === 'object' && value !== null;

const memberOf = (value: Extract<JsonValue, object>, name: string): JsonValue | undefined =>
  Object.hasOwn(value, name) ? (value as { readonly [name: string]: JsonValue | undefined })[name] : undefined;
