import type { Reading, Recommendation, Rejection, RiskStep, Ticker } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import type { StepResult } from '../decision/step-result.ts';
import { type QuoteResult, usableQuote } from '../decision/usable-quote.ts';
import { type Exact, exact } from '../exact/exact.ts';
import { type MarketKey, rememberedKeys } from '../exposure/venue-book.ts';
import { planRefused } from './plan-refused.ts';
import { type Levels, rebaseLevels } from './rebase-levels.ts';
import type { Listing } from './recommendation-input.ts';
import { confidenceFactor } from './risk-evaluation/confidence-scaling.ts';
import { scalingFactor } from './scaling-factor.ts';
import { smallestSize } from './trimmed-size.ts';

/** A plan at one instrument: its prices there and its levels re-based to it. The same for every user. */
export interface PreparedListing {
  readonly listing: Listing;
  readonly quote: QuoteResult;
  readonly levels: StepResult<Levels>;
  /** Set where the levels stand. */
  readonly prices?: {
    readonly entry: Exact;
    /** Loss per unit at the stop, without fees. */
    readonly unitLoss: Exact;
    /** Taker fees per unit of entry and of leaving at the stop. */
    readonly unitFees: Exact;
    /** Both together. */
    readonly unitCost: Exact;
    /** The least the venue takes at the entry. */
    readonly smallest: Exact;
  };
}

/** What one order may be worth, as it was written and exactly, and how large it may be. */
interface OrderLimit {
  readonly text: string;
  readonly notional: Exact;
  readonly size: Exact;
}

/** Which of a venue's listings a plan goes to, or why none. */
export type ListingVerdict =
  | { readonly ok: true; readonly listing: Listing }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * What of a recommendation does not depend on the user, reckoned once for all of them. It holds for one instant and for prices
 * as they were then: make a new one for each call.
 */
export class PreparedPlan {
  readonly recommendation: Recommendation;
  /** Why nobody can use the plan, if so. */
  readonly refused: Rejection | undefined;
  /** @internal Names markets at venues, each once. */
  readonly keyOf: MarketKey = rememberedKeys();
  readonly #referenceTicker: Reading<Ticker> | undefined;
  readonly #prepared = new Map<Listing, PreparedListing>();
  readonly #chosen = new Map<readonly Listing[], ListingVerdict>();
  readonly #steps = new Map<unknown, RiskStep>();
  readonly #orderLimits = new Map<Exact, OrderLimit>();
  #scaling: Exact | undefined;
  #confidenceFactor: Exact | undefined;
  #reference: QuoteResult | undefined;

  constructor(options: {
    readonly recommendation: Recommendation;
    readonly referenceTicker: Reading<Ticker> | undefined;
    readonly atMs: number;
  }) {
    this.recommendation = options.recommendation;
    this.#referenceTicker = options.referenceTicker;
    this.refused = planRefused(options.recommendation, options.atMs);
  }

  /** What multiplies size₀ by the plan's wish. */
  get scaling(): Exact {
    this.#scaling ??= scalingFactor(this.recommendation);
    return this.#scaling;
  }

  /** @internal The trim by a user's confidence: reckoned once for those who have the plan's. */
  confidenceFactor(confidence: number): Exact {
    if (confidence !== this.recommendation.confidence) return confidenceFactor(confidence);
    this.#confidenceFactor ??= confidenceFactor(confidence);
    return this.#confidenceFactor;
  }

  /** @internal The operator's limit on one order's notional, and the size that it buys at an entry. */
  orderLimit(text: string, entry: Exact): OrderLimit {
    let limit = this.#orderLimits.get(entry);
    if (limit?.text !== text) {
      const notional = exact(text);
      limit = { text, notional, size: notional.buys(entry) };
      this.#orderLimits.set(entry, limit);
    }
    return limit;
  }

  /** The reference instrument where a venue has it, else the first linear one that trades. */
  listingOf(venue: string, listings: readonly Listing[]): ListingVerdict {
    let verdict = this.#chosen.get(listings);
    if (verdict === undefined) {
      verdict = chosenListing(venue, listings, this.recommendation);
      this.#chosen.set(listings, verdict);
    }
    return verdict;
  }

  /**
   * @internal A step that reads the same for many users, if it was kept: written once, it is in all their decisions. The key tells all that
   * it depends on besides the plan; keys of one step must not meet those of another.
   */
  step(key: unknown): RiskStep | undefined {
    return this.#steps.get(key);
  }

  /** @internal Keeps a step for the users after this one. */
  keep(key: unknown, step: RiskStep): RiskStep {
    this.#steps.set(key, step);
    return step;
  }

  /** Prices and levels at an instrument. */
  at(listing: Listing): PreparedListing {
    let prepared = this.#prepared.get(listing);
    if (prepared === undefined) {
      prepared = this.#prepare(listing);
      this.#prepared.set(listing, prepared);
    }
    return prepared;
  }

  #prepare(listing: Listing): PreparedListing {
    const { instrument, ticker } = listing;
    const quote = usableQuote(ticker, instrument.id);
    const isReference = instrument.id === this.recommendation.instrumentId;
    this.#reference ??= usableQuote(this.#referenceTicker, this.recommendation.instrumentId);
    const levels = rebaseLevels(this.recommendation, instrument, {
      quote,
      ...(isReference ? {} : { reference: this.#reference }),
    });
    if (!levels.ok) return { listing, quote, levels };
    const entry = exact(levels.value.entry);
    const stop = exact(levels.value.stopLoss);
    const unitLoss = entry.minus(stop).abs();
    const unitFees = entry.plus(stop).times(instrument.takerFeeRate);
    const unitCost = unitLoss.plus(unitFees);
    const prices = { entry, unitLoss, unitFees, unitCost, smallest: smallestSize(instrument, entry) };
    return { listing, quote, levels, prices };
  }
}

function chosenListing(venue: string, listings: readonly Listing[], plan: Recommendation): ListingVerdict {
  if (listings.length === 0)
    return {
      ok: false,
      rejection: refusal('venue.none', `${venue} does not list the market.`, 'listed', 'not listed'),
    };
  const linear = listings.filter(({ instrument }) => instrument.contract === 'linear');
  if (linear.length === 0) {
    return {
      ok: false,
      rejection: refusal(
        'settlement.unsupported',
        `${venue} lists the market as an inverse contract only.`,
        'linear',
        'inverse',
      ),
    };
  }
  const trading = linear.filter(({ instrument }) => instrument.status === 'trading');
  const listing = trading.find(({ instrument }) => instrument.id === plan.instrumentId) ?? trading[0];
  if (listing !== undefined) return { ok: true, listing };
  const status = linear[0]?.instrument.status ?? 'unknown';
  return {
    ok: false,
    rejection: refusal('instrument.not-trading', `The market is not trading at ${venue}.`, 'trading', status),
  };
}
