import { type DerivativesView, type FundingRate, fundingPer8h, type InstrumentId, median } from '@perpdesk/core';
import type { Features } from './feature-set.ts';
import { deviationOf, meanOf } from './measures.ts';

/** Settled rates that are looked at: 4 days of hourly ones. */
const history = 96;
/** Fewer than this and a rate can not be called unusual. */
const leastHistory = 8;
/** The least spread of rates that is believed, so that a series pinned at the venue's base rate does not make every tick an outlier. */
const leastDeviation = 0.5;

/** A rate in basis points per eight hours. */
export const commonRate = (rate: FundingRate): number => 1e4 * fundingPer8h(rate);

/**
 * Funding of an instrument: `rate` (the newest, in bp per 8 h), `z` (its distance from the settled ones before, in their standard
 * deviations), and `spread` (less the median of the other venues, bp per 8 h). Absent when the newest is over two intervals old.
 */
export function readFunding(
  view: DerivativesView,
  id: InstrumentId,
  others: readonly InstrumentId[],
  atMs: number,
): Features | undefined {
  const rates = view.funding(id, history);
  const newest = currentOf(rates, atMs);
  if (newest === undefined) return undefined;
  const rate = commonRate(newest);
  const before = rates.filter((other) => !other.predicted && other !== newest).map(commonRate);
  const elsewhere = others.flatMap((other) => {
    const current = currentOf(view.funding(other, 1), atMs);
    return current === undefined ? [] : [commonRate(current)];
  });
  const usual = median(elsewhere);
  return {
    rate,
    ...(before.length >= leastHistory
      ? { z: (rate - meanOf(before)) / Math.max(deviationOf(before), leastDeviation) }
      : {}),
    ...(usual === undefined ? {} : { spread: rate - usual }),
  };
}

function currentOf(rates: readonly FundingRate[], atMs: number): FundingRate | undefined {
  const newest = rates.at(-1);
  return newest !== undefined && newest.settlesAtMs > atMs - 2 * newest.intervalMs ? newest : undefined;
}
