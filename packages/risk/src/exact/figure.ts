import { type Exact, exact } from './exact.ts';

/** More texts than all tiers and instruments have are one-off: they are forgotten. */
const most = 1_000;
const known = new Map<string, Exact>();

/**
 * Reads a figure that is set and not reckoned (a limit's rate, a lot, a fee): few texts, read for every user and order, so each
 * is parsed once. @throws ValidationError `decimal.invalid` for what is no numeric notation.
 */
export function figure(text: string): Exact {
  let value = known.get(text);
  if (value === undefined) {
    value = exact(text);
    if (known.size >= most) known.clear();
    known.set(text, value);
  }
  return value;
}
