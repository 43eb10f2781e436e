/** How views are scored and records are kept, in one place. Set once, from reasons; see docs/calibration.md. */
export const calibrationDefaults = {
  /** How far ahead a view is scored, in bars of its timeframe: its next bar, and about as long as a trade takes to show. */
  horizons: [1, 4],
  /** The horizon that records, factors and drift alarms are of. */
  primaryBars: 4,
  /**
   * A move is one beyond this share of the ATR, times the square root of the bars ahead. 0.27: a third of a driftless random
   * walk stays within, for its expected range is σ·√(8/π) (W. Feller, "The asymptotic distribution of the range of sums of
   * independent random variables", Annals of Mathematical Statistics 22, 1951) and P(|Z| < 0.4307) = 1/3.
   */
  bandShare: 0.27,
  /** True ranges that the ATR is the plain mean of, and how many bars may be missing among them. */
  atrBars: 14,
  bridgedBars: 3,
  /** A move must also clear what a taker pays for the way there and back: so many fees. */
  feesPaid: 2,
  /** The age at which a score counts half. */
  halfLifeMs: 30 * 86_400_000,
  /** Bins of a reliability curve over confidences from 0 to 1. */
  bins: 10,
  /** What is scored when the opinion is not made at a close (a release): closes of these bars. */
  fineTimeframe: '5m',
  /** How long a regime that was told holds for views without one of their own, in refreshes of who told it. */
  regimeRefreshes: 4,
} as const;
