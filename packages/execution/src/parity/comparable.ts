import type { JsonValue } from '@perpdesk/core';

/** What is compared of a payload: its content, and its instants apart from it. */
export interface Comparable {
  readonly content: JsonValue;
  /** By path; ms UTC. */
  readonly times: ReadonlyMap<string, number>;
}

/**
 * Made anew in each run, or derived from what is compared anyway. Trades, signals and rounds are named by what pairs them.
 * `message` words for people what a code beside it says, sometimes with durations.
 */
const leftOut: ReadonlySet<string> = new Set([
  'id',
  'clientOrderId',
  'venueOrderId',
  'reservationId',
  'traceId',
  'tradeId',
  'contentHash',
  'eventId',
  'message',
]);

/** Splits a payload into its content and its instants (`…AtMs`), without ids. */
export function comparable(payload: object): Comparable {
  const times = new Map<string, number>();
  return { content: strip(payload, '', times) as JsonValue, times };
}

function strip(value: unknown, path: string, times: Map<string, number>): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item, index) => strip(item, `${path}[${index}]`, times) ?? null);
  if (typeof value !== 'object' || value === null) return value as JsonValue | undefined;
  const kept: Record<string, JsonValue | undefined> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || leftOut.has(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (/(^a|A)tMs$/.test(name) && typeof member === 'number') times.set(at, member);
    else kept[name] = strip(member, at, times);
  }
  return kept;
}
