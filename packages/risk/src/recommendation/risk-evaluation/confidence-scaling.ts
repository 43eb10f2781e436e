import { Decimal } from '@perpdesk/core';

/** 0.5 + 0.5·(c − 0.6)/0.4, clamped to [0.5, 1]: half size at the least confidence that is published, whole at 1. PRODUCT §2. */
export const confidenceFactor = (confidence: number): Decimal =>
  Decimal.min(1, Decimal.max('0.5', new Decimal(confidence).minus('0.6').dividedBy('0.4').times('0.5').plus('0.5')));

/** The trim by the confidence as the user scores it. The plan's own `scaling` is another matter: it multiplies size₀. */
export const scaleByConfidence = (size: Decimal, factor: Decimal): Decimal => size.times(factor);
