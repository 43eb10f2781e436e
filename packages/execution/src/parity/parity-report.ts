import type { InstrumentId, JsonValue } from '@perpdesk/core';

/**
 * Why two runs part. Closed.
 *
 * - `market-data`: a gap, a bar that came late, another price.
 * - `feature`: another value of an indicator or feature over bars that agree.
 * - `opinion`: an agent's word over features that agree: a model in place of rules, or another text.
 * - `consensus`: turns that agree were added up to something else.
 * - `risk-input`: Brix was given another account, limit or exposure.
 * - `entry-plan`: the same signal was entered by other orders.
 * - `timing`: the same thing at another instant.
 * - `fill-price`, `fill-size`: the same order at another price, or in other parts (depth, queue).
 * - `funding`: another rate or settlement.
 * - `user-action`: an approval, an edit, a close, the kill switch.
 * - `fault`: an outcome that was unknown, a handler or service that failed, a restart.
 * - `accounting`: two venues say the same in other terms, as stated: rounding, what a margin holds.
 * - `unknown`: none of these can be shown.
 */
export const parityCauses = [
  'market-data',
  'feature',
  'opinion',
  'consensus',
  'risk-input',
  'entry-plan',
  'timing',
  'fill-price',
  'fill-size',
  'funding',
  'user-action',
  'fault',
  'accounting',
  'unknown',
] as const;
export type ParityCause = (typeof parityCauses)[number];

/** What is compared, in the order in which one leads to the next. */
export const paritySubjects = [
  'feed',
  'gap',
  'bar',
  'skipped-bar',
  'release',
  'failure',
  'abstention',
  'opinion',
  'round',
  'turn',
  'conclusion',
  'recommendation',
  'trading-state',
  'limit',
  'decision',
  'signal',
  'guidance',
  'approval',
  'order',
  'fill',
  'position',
  'protection',
  'funding',
  'settlement',
  'account',
] as const;
export type ParitySubject = (typeof paritySubjects)[number];

/** A member that is not the same on both sides; undefined where a side has none. */
export interface Change {
  /** As in `steps[2].after.size`; empty for the whole. */
  readonly path: string;
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
}

/** One thing of two runs that is not the same in both. */
export interface Difference {
  /** `missing-left`: only the right run has it. */
  readonly kind: 'missing-left' | 'missing-right' | 'differs';
  readonly subject: ParitySubject;
  /** What both runs would call it, the same however often they are run. */
  readonly id: string;
  /** When it happened, ms UTC: the earlier of both. */
  readonly atMs: number;
  /** The first of `changes`. */
  readonly path: string;
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
  readonly changes: readonly Change[];
  /** Of the root that it leads back to. */
  readonly cause: ParityCause;
  /** A sentence. */
  readonly detail: string;
  /** Of orders and fills that agree but for what latency may change: whether it is within the stated bound. */
  readonly latency?: 'within' | 'beyond';
}

/** The first difference of a causal chain, and all that follow from it. */
export interface RootDifference extends Difference {
  readonly consequences: readonly Difference[];
}

/** How often something was found in both runs and how often it agreed, but for accounting. */
export interface ParityCount {
  readonly left: number;
  readonly right: number;
  readonly paired: number;
  readonly same: number;
}

/** Two runs side by side. */
export interface ParityReport {
  /** True when nothing differs. */
  readonly same: boolean;
  readonly roots: readonly RootDifference[];
  /** What two venues say in other terms and is the same by the stated ones: no roots, nothing follows from them. */
  readonly accounting: readonly Difference[];
  readonly counts: Readonly<Partial<Record<ParitySubject, ParityCount>>>;
  /** How many roots there are of each cause. */
  readonly causes: Readonly<Partial<Record<ParityCause, number>>>;
  /** Fills that agree but for what the stated latency may change. */
  readonly fillsWithinLatency: number;
  /** Roots of cause `unknown`, or beyond the stated latency. */
  readonly unexplained: number;
}

/** How far the latency of two runs may part orders and fills that are otherwise the same. */
export interface LatencyBound {
  /** The most that an order's or fill's instant may differ, ms. */
  readonly ms: number;
  /** The most that a fill's price may differ when its instant does, as a fraction of it: a decimal. Default "0". */
  readonly price?: string;
  /**
   * The most that the instant of a maker's fill may differ, ms, where two venues see the queue before a resting order otherwise. At
   * its price that may be long. Default: `ms`.
   */
  readonly restingMs?: number;
}

/**
 * In what two venues reckon apart, where a desk traded at another one: what differs by no more is told as `accounting` and is the
 * same. Prices and sizes of orders, fills and signals always have to be the same.
 */
export interface AccountingTerms {
  /** The most that an amount of money may differ by rounding: decimal dollars. */
  readonly usd: string;
  /** The most that other decimals may, such as an average entry price: a fraction of them, a decimal. */
  readonly ratio: string;
  /** What is told in other terms, by subject and member: `position.margin`. Differs by any amount. */
  readonly members: readonly string[];
}

/** Market data that one side is known to have lost, though its journal may not say so. */
export interface Disturbance {
  readonly side: 'left' | 'right';
  readonly instrumentIds: readonly InstrumentId[];
  /** ms UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Where and what, as in `segment-000001.jsonl.gz: a block does not check`. */
  readonly reason: string;
}

/** Options of {@link compareRuns}. */
export interface CompareOptions {
  /** Default: none may differ. */
  readonly latency?: LatencyBound;
  /** How far the instants of everything else may differ unmentioned, ms. Default 0. */
  readonly toleranceMs?: number;
  readonly disturbances?: readonly Disturbance[];
  /**
   * What the left run calls venues of the right one, where the same desk traded elsewhere: `{ hyperliquid: 'paper' }`. Default:
   * the same.
   */
  readonly venues?: Readonly<Record<string, string>>;
  /** Default: to the digit. */
  readonly accounting?: AccountingTerms;
  /**
   * What happened later on either side is not compared, ms UTC: a run that was ended had work in flight that another finishes.
   * Default: all is compared.
   */
  readonly untilMs?: number;
}
