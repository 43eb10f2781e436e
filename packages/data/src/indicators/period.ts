import { ValidationError } from '@perpdesk/core';

const longest = 100_000;

/**
 * Lets a count of bars through.
 * @throws ValidationError `indicator.period` unless it is a whole number from `least` to 100,000.
 */
export function checkPeriod(name: string, period: number, least = 1): number {
  if (Number.isInteger(period) && period >= least && period <= longest) return period;
  throw new ValidationError(
    'indicator.period',
    `${name} must be a whole number from ${least} to ${longest}, got ${period}.`,
  );
}
