/** Koda's thresholds, in one place. Set once, from reasons. */
export const kodaDefaults = {
  /** A confidence from which a signal is strong, and one from which it is high. */
  strongConfidence: 0.75,
  highConfidence: 0.8,
  /** Notional in dollars; or as a share of what a 15m bar turns over on average. Large: either. Small: both. */
  large: { notional: 25_000, turnoverShare: 0.01 },
  small: { notional: 5_000, turnoverShare: 0.002 },
  /** Bars of 15m whose mean turnover and ATR are read. */
  bars: 20,
  /** How far from the mid the first limit stands, and each next one beyond it, in ATR. */
  offsets: {
    passive: { first: 0.25, step: 0.35 },
    balanced: { first: 0.1, step: 0.25 },
    aggressive: { first: 0, step: 0.15 },
  },
  /** A sniper waits for a better price than a ladder's first rung: its offset times this. */
  sniperFactor: 2,
  /** Shares of a ladder's rungs, the nearest first. */
  ladder: { three: ['0.5', '0.3', '0.2'], two: ['0.6', '0.4'] },
  /** A limit keeps this share of the way from entry to stop free before the stop: one at the stop would be stopped at once. */
  stopRoom: 0.3,
  /** No limit is worse than the entry by more than this fraction: size and risk were reckoned at the entry. */
  maxChase: 0.0025,
  /** The ATR assumed, as a fraction of the price, where there are no candles. */
  assumedAtr: 0.002,
  /** The most a model may take to choose, ms: a signal waits for it. */
  modelTimeoutMs: 5_000,
  /** As many notes as guidance may have. */
  mostNotes: 6,
  /** How long limits rest, by aggression, less `entrySettleMs`; the signal's expiry ends it sooner. */
  restMs: { passive: 1_800_000, balanced: 900_000, aggressive: 600_000 },
  /** Slippage: its bounds (PRODUCT §2), and what half the spread, an ATR and the size add. */
  slippage: { floor: 0.0005, ceiling: 0.0025, perAtr: 0.1, perTurnoverShare: 0.05 },
  /** A limit slips less than a market order: what is left of what is added to the floor. */
  slippageShare: { market: 1, ladder: 0.5, sniper: 0.25 },
} as const;
