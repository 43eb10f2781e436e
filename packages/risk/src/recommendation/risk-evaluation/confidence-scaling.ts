import { Exact, exact } from '../../exact/exact.ts';

/**
 * The trim by the confidence as the user scores it; the plan's own `scaling` is another matter and multiplies size₀:
 * 0.5 + 0.5·(c − 0.6)/0.4, clamped to [0.5, 1]: half size at the least confidence that is published, whole at 1. PRODUCT §2.
 */
export const confidenceFactor = (confidence: number): Exact =>
  Exact.min(1, Exact.max('0.5', exact(confidence).minus('0.6').dividedBy('0.4').times('0.5').plus('0.5')));
