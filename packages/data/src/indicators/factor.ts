import { ValidationError } from '@perpdesk/core';

/**
 * Lets a multiple, a share or a percentage through.
 * @throws ValidationError `indicator.period` unless it is finite, above 0 and at most `most`.
 */
export function checkFactor(name: string, value: number, most = 1e6): number {
  if (value > 0 && value <= most) return value;
  throw new ValidationError('indicator.period', `${name} must be above 0, at most ${most}, got ${value}.`);
}
