import type { Random } from '@perpdesk/core';

/** A time in which the venue refuses every request, orders and readings alike. */
export interface Refusal {
  readonly fromMs: number;
  readonly toMs: number;
  /** What a refused order hears: that it was not taken, or a bare 429, after which only a query can tell. */
  readonly bare: boolean;
}

/** How long a venue refuses everything, and how long it takes requests again before the next time, ms: shortest and longest. */
const refusing = [200, 20_000] as const;
const taking = [200, 10_000] as const;

/**
 * Cuts a storm into the times in which nothing is taken: an address's budget that is used up and comes back, again and again.
 * Short ones are as likely as long ones. They lie in time and not on single requests, so that it can be said of each moment
 * whether the venue would have taken an order.
 */
export function drawRefusals(random: Random, fromMs: number, toMs: number): readonly Refusal[] {
  const length = ([shortest, longest]: readonly [number, number]): number =>
    Math.floor(shortest * (longest / shortest) ** random.next());
  const bare = random.next() < 0.5;
  const refusals: Refusal[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const untilMs = Math.min(toMs, atMs + length(refusing));
    refusals.push({ fromMs: atMs, toMs: untilMs, bare });
    atMs = untilMs + length(taking);
  }
  return refusals;
}

/** How much of [fromMs, toMs) the intervals cover, ms; what two of them cover counts once. */
export function coveredMs(
  intervals: readonly { readonly fromMs: number; readonly toMs: number }[],
  fromMs: number,
  toMs: number,
): number {
  let covered = 0;
  let reachedMs = fromMs;
  for (const interval of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const beginMs = Math.max(interval.fromMs, reachedMs);
    const endMs = Math.min(interval.toMs, toMs);
    if (endMs <= beginMs) continue;
    covered += endMs - beginMs;
    reachedMs = endMs;
  }
  return covered;
}
