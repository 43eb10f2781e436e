/** One timeframe's bias in [−1, 1] and how much it counts. */
export interface TimeframeBias {
  readonly bias: number;
  readonly weight: number;
}

/** Multi-timeframe reading. */
export interface Confluence {
  /** The weighted mean bias of the timeframes that are there, −1 to 1. */
  readonly bias: number;
  /** The weight share of timeframes whose bias has the sign of the mean, 0 to 1. */
  readonly agreement: number;
}

/** Weighs timeframes together. Undefined of none. */
export function confluenceOf(timeframes: readonly TimeframeBias[]): Confluence | undefined {
  let total = 0;
  let weighted = 0;
  for (const { bias, weight } of timeframes) {
    total += weight;
    weighted += bias * weight;
  }
  if (total === 0) return undefined;
  const sign = Math.sign(weighted);
  let agreeing = 0;
  for (const { bias, weight } of timeframes) if (sign !== 0 && Math.sign(bias) === sign) agreeing += weight;
  return { bias: weighted / total, agreement: agreeing / total };
}
