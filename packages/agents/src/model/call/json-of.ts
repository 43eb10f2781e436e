import type { JsonValue } from '@perpdesk/core';

/** A value as JSON would bring it back; null for what JSON can not say. */
export const jsonOf = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value) ?? 'null');
