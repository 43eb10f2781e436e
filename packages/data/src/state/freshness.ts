import type { Reading } from '@perpdesk/core';

/** How old a value may be and still be fresh. */
export interface Freshness {
  readonly tickerMs: number;
  readonly bookMs: number;
}

/** For a source that says something each minute: one and a half of its steps. */
export const minuteFreshness: Freshness = { tickerMs: 90_000, bookMs: 90_000 };

/** The freshness of a source that says something every `cadenceMs`: it may miss half a step. */
export const freshnessFor = (cadenceMs: number): Freshness => ({ tickerMs: 1.5 * cadenceMs, bookMs: 1.5 * cadenceMs });

/** What is known to lack in an instrument's feed. */
export interface KnownGap {
  readonly fromMs: number;
  readonly missing: number;
}

/**
 * Says how good a value is. Its age counts from when it happened or came in, whichever is earlier. Gapped: nothing was
 * heard since a known gap began. Stale: older than it may be.
 */
export function readingOf<Value extends { readonly exchangeAtMs: number; readonly receivedAtMs: number }>(
  value: Value,
  options: { readonly nowMs: number; readonly maxAgeMs: number; readonly gap: KnownGap | undefined },
): Reading<Value> {
  const { nowMs, maxAgeMs, gap } = options;
  const atMs = Math.min(value.exchangeAtMs, value.receivedAtMs);
  if (gap !== undefined && atMs <= gap.fromMs) return { quality: 'gapped', value, atMs, missing: gap.missing };
  const ageMs = nowMs - atMs;
  return ageMs > maxAgeMs ? { quality: 'stale', value, atMs, ageMs } : { quality: 'fresh', value, atMs };
}
