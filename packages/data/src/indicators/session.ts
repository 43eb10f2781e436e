import { ValidationError } from '@perpdesk/core';

/** The length of a session where none is given: crypto's day, UTC. */
export const dayMs = 86_400_000;

/** What is annualised is so to 365 days: perpetuals trade on all of them. */
export const yearMs = 365 * dayMs;

/**
 * Lets a length of time through.
 * @throws ValidationError `indicator.period` unless it is a whole number of milliseconds above 0.
 */
export function checkMilliseconds(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new ValidationError(
    'indicator.period',
    `${name} must be a whole number of milliseconds above 0, got ${value}.`,
  );
}
