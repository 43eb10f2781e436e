import type { JsonValue } from '@perpdesk/core';
import type { Change } from './parity-report.ts';

/** The members in which two values differ, in the order of their paths. Of absent and undefined neither differs. */
export function findChanges(left: JsonValue | undefined, right: JsonValue | undefined, path = ''): readonly Change[] {
  if (Object.is(left, right)) return [];
  if (Array.isArray(left) && Array.isArray(right)) {
    const indices = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index);
    return indices.flatMap((index) => findChanges(left[index], right[index], `${path}[${index}]`));
  }
  if (isRecord(left) && isRecord(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
    return names.flatMap((name) => findChanges(left[name], right[name], path === '' ? name : `${path}.${name}`));
  }
  return [{ path, left, right }];
}

const isRecord = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
