/** How far from the entry a plan's levels may lie, in ATRs of the round's timeframe, and in multiples of the stop distance (R). */
export interface LevelRules {
  /** How far beyond a structural level a stop is put. */
  readonly stopBufferAtr: number;
  readonly minStopAtr: number;
  readonly maxStopAtr: number;
  /** The stop distance where no level lies within the bounds. */
  readonly defaultStopAtr: number;
  /** Each target: the span in R in which a structural level is taken, and the R where there is none. */
  readonly targets: readonly {
    readonly fromR: number;
    readonly toR: number;
    readonly defaultR: number;
    readonly fraction: number;
  }[];
  /** How far before a structural level a target is put. */
  readonly targetBufferAtr: number;
}

/**
 * Set from reasons: a stop within one ATR of the entry is inside the noise of a bar, one beyond four risks more than the
 * move of a session; fees of about 0.1 % for both sides stay a small part of a 2 ATR stop; the first half is taken where
 * the trade has paid for its risk, the rest where it has paid twice.
 */
export const levelRules: LevelRules = {
  stopBufferAtr: 0.25,
  minStopAtr: 1,
  maxStopAtr: 4,
  defaultStopAtr: 2,
  targets: [
    { fromR: 1, toR: 2, defaultR: 1.5, fraction: 0.5 },
    { fromR: 2, toR: 4, defaultR: 3, fraction: 0.5 },
  ],
  targetBufferAtr: 0.1,
};

/** Riven's other numbers, in one place. */
export const rivenDefaults = {
  /** How long a plan holds: one bar of 15 minutes. */
  expiresAfterMs: 900_000,
  /** The most a question to the model may take, and the least that is worth asking for. */
  deadlineMs: 12_000,
  leastTimeMs: 500,
  /** RSI at which a move counts as exhausted (Wilder's 70/30). */
  exhaustion: { overbought: 70, oversold: 30 },
} as const;
