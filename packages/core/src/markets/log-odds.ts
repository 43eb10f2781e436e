/** How near to nothing or certainty a probability may come where its log-odds are taken: a tenth of a cent. */
const nearest = 0.001;

/**
 * ln(p / (1 − p)): what evidence adds up in. A probability nearer to 0 or 1 than a tenth of a cent counts as that near, so that
 * the result lies within ±6.907.
 */
export function logOdds(probability: number): number {
  const kept = Math.min(1 - nearest, Math.max(nearest, probability));
  return Math.log(kept / (1 - kept));
}

/** The probability in (0, 1) of log-odds: 1 / (1 + e^−x). */
export function fromLogOdds(odds: number): number {
  return odds >= 0 ? 1 / (1 + Math.exp(-odds)) : Math.exp(odds) / (1 + Math.exp(odds));
}
