import { mean, median } from '@perpdesk/core';

/**
 * How far a value lies from the middle of others, in deviations that a few outliers do not widen: 0.6745 · (x − median) / MAD
 * (B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers", ASQC 1993, which calls beyond ±3.5 an outlier). Where over
 * half of them are equal and MAD is 0: (x − median) / (1.253314 · mean absolute deviation). Undefined of fewer than `least`, or
 * without any deviation.
 */
export function robustZ(value: number, others: readonly number[], least: number): number | undefined {
  const middle = median(others);
  if (middle === undefined || others.length < least) return undefined;
  const distances = others.map((other) => Math.abs(other - middle));
  return robustZFrom({
    value,
    middle,
    medianDistance: median(distances) ?? 0,
    meanDistance: () => mean(distances) ?? 0,
  });
}

/** The same from what it is made of. `meanDistance`, the mean absolute deviation, is asked for only where it is needed. */
export function robustZFrom(parts: {
  readonly value: number;
  readonly middle: number;
  readonly medianDistance: number;
  readonly meanDistance: () => number;
}): number | undefined {
  const { value, middle, medianDistance, meanDistance } = parts;
  const z = (value - middle) / (medianDistance / 0.6745 || 1.253314 * meanDistance());
  return Number.isFinite(z) ? z : undefined;
}
