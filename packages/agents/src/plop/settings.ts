const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Plop's numbers, in one place. Set once, from reasons. */
export const plopDefaults = {
  /** Quotes read back: a day, and an hour so that the day's window has a beginning. */
  quotesMs: 25 * hourMs,
  driftsMs: { drift1h: hourMs, drift24h: 24 * hourMs },
  /** How far from the mid, in probability, orders count for the imbalance. */
  imbalanceReach: 0.05,
  /** Comparable outcomes below which there is no base rate: of one series, and of a category at a like price. */
  leastComparable: { series: 10, category: 20 },
  /** How far apart two mids at the same horizon may lie to be like prices. */
  likePrice: 0.1,
  /** Outcomes that the market counts as in a base rate: it is shrunk towards the mid by so many. */
  priorOutcomes: 8,
  /** Resolved contracts read of a series or a category. */
  comparable: 500,
  /** For how long they are kept before they are read again. */
  comparableMs: 10 * minuteMs,
  confidence: {
    /** Dollars of depth that earn half of the trust in a price. */
    halfDepthUsd: 5_000,
    /** Spread at which a price says nothing. */
    emptySpread: 0.2,
    /** Outcomes that earn half of what learning adds. */
    halfOutcomes: 200,
  },
  /** What a model is shown of foreign texts, in characters. */
  longest: { question: 500, rules: 1_200, headline: 200, label: 100 },
  headlines: 8,
  modelTimeoutMs: 20_000,
} as const;

/** The taker's fee in dollars a contract is so much × price × (1 − price). Kalshi's general fee schedule; Polymarket takes none of most contracts. */
export const predictionFees: Readonly<Record<'polymarket' | 'kalshi', number>> = { polymarket: 0, kalshi: 0.07 };
