import {
  baseRate,
  type Clock,
  type PastPrediction,
  type PredictionContract,
  type PredictionHistory,
} from '@perpdesk/core';
import { plopDefaults as defaults } from './settings.ts';

/** How comparable contracts came out. */
export interface ComparableRate {
  /** The mean of a beta distribution whose prior is the mid, worth `priorOutcomes` outcomes: (yes + k·mid) / (n + k). */
  readonly rate: number;
  /** Outcomes counted. */
  readonly count: number;
  /** What they have in common: 3 series and price, 2 series, 1 category and price. */
  readonly scope: 1 | 2 | 3;
}

/**
 * How often contracts like this one came out YES: of its series at a like price, where ten did; else of its series at any; else of its
 * category at a like price, where twenty did. A like price is a mid within 10 points at the horizon nearest to the time that is left.
 * Void ones, the contract itself and others of its event do not count.
 */
export function comparableRate(
  contract: PredictionContract,
  mid: number,
  nowMs: number,
  past: { readonly series: readonly PastPrediction[]; readonly category: readonly PastPrediction[] },
): ComparableRate | undefined {
  const leftMs = contract.closesAtMs - nowMs;
  const isLike = (other: PastPrediction): boolean => {
    const then = midNear(other.mids, leftMs);
    return then !== undefined && Math.abs(then - mid) <= defaults.likePrice + 1e-9;
  };
  const { series, category } = defaults.leastComparable;
  const scopes = [
    { scope: 3, among: past.series.filter(isLike), least: series },
    { scope: 2, among: past.series, least: series },
    { scope: 1, among: past.category.filter(isLike), least: category },
  ] as const;
  for (const { scope, among, least } of scopes) {
    const { yes, no } = baseRate(
      contract,
      among.map((other) => other.contract),
      () => true,
    );
    const count = yes + no;
    if (count < least) continue;
    const prior = defaults.priorOutcomes;
    return { rate: (yes + prior * mid) / (count + prior), count, scope };
  }
  return undefined;
}

/** The mid at the horizon nearest to a time left, by ratio; none where it is further than three times off. */
function midNear(mids: PastPrediction['mids'], leftMs: number): number | undefined {
  let best: { readonly mid: number; readonly off: number } | undefined;
  for (const [horizonMs, mid] of mids) {
    const off = Math.abs(Math.log(leftMs / horizonMs));
    if (off <= Math.log(3) && (best === undefined || off < best.off)) best = { mid, off };
  }
  return best?.mid;
}

const mostKept = 64;

/** Reads comparable contracts, and keeps them for ten minutes: a scan asks for the same series again and again. */
export class ComparableContracts {
  readonly #history: PredictionHistory;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly atMs: number; readonly past: Promise<readonly PastPrediction[]> }>();

  constructor(options: { readonly history: PredictionHistory; readonly clock: Clock }) {
    this.#history = options.history;
    this.#clock = options.clock;
  }

  /** @throws StoreError */
  async read({ venue, series, category }: PredictionContract): Promise<Parameters<typeof comparableRate>[3]> {
    const [ofSeries, ofCategory] = await Promise.all([
      series === undefined ? [] : this.#read({ venue, series }),
      category === undefined ? [] : this.#read({ venue, category }),
    ]);
    return { series: ofSeries, category: ofCategory };
  }

  #read(query: Parameters<PredictionHistory['resolved']>[0]): Promise<readonly PastPrediction[]> {
    const key = JSON.stringify(query);
    const nowMs = this.#clock.nowMs();
    const known = this.#kept.get(key);
    if (known !== undefined && nowMs - known.atMs < defaults.comparableMs) return known.past;
    const past = this.#history.resolved({ ...query, limit: defaults.comparable });
    this.#kept.delete(key);
    this.#kept.set(key, { atMs: nowMs, past });
    // What could not be read is asked for again.
    past.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return past;
  }
}
