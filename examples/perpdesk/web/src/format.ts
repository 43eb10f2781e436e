import type { PriceRule } from '@perpdesk/core';

const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 12 });
const dateTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const minute = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});
const wallClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** What is said where nothing is known. */
export const unknown = '—';

/** An amount of dollars, from a decimal string. For the eye only. */
export const showUsd = (amount: string): string => money.format(Number(amount));

/** A signed amount: the sign says what colour alone must not. */
export const showSignedUsd = (amount: string): string => {
  const text = money.format(Math.abs(Number(amount)));
  return text === '$0.00' ? text : `${Number(amount) > 0 ? '+' : '−'}${text}`;
};

/** How many decimals prices of this size have at a venue: all of a column line up. */
export function priceDecimals(rule: PriceRule, price: number): number {
  if (rule.kind === 'tick') return rule.tick.split('.')[1]?.length ?? 0;
  const wholeDigits = price > 0 ? Math.floor(Math.log10(price)) + 1 : 1;
  return Math.min(rule.maxDecimals, Math.max(0, rule.figures - wholeDigits));
}

/** A price with a number of decimals; without one, with those that its size calls for. */
export const showPrice = (price: number | string, decimals?: number): string =>
  Number(price).toLocaleString(
    'en-US',
    decimals === undefined
      ? { maximumSignificantDigits: 6 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals },
  );

export const showSize = (size: string): string => number.format(Number(size));
export const showPercent = (share: number | string, digits = 0): string => `${(Number(share) * 100).toFixed(digits)} %`;
/** An instant of the desk, UTC. */
export const showInstant = (atMs: number): string => `${dateTime.format(atMs)} UTC`;
/** An instant to come, with its year, UTC. */
export const showDate = (atMs: number): string => `${date.format(atMs)} UTC`;
export const showClock = (atMs: number): string => clock.format(atMs);
export const showMinute = (atMs: number): string => minute.format(atMs);
/** An instant of the user's own day. */
export const showWallClock = (atMs: number): string => wallClock.format(atMs);
/** `gain` or `loss` for a signed amount, nothing at zero. */
export const tone = (amount: number | string): string =>
  Number(amount) > 0 ? 'gain' : Number(amount) < 0 ? 'loss' : '';

/** The market of an instrument, as people say it. */
export const marketName = (instrumentId: string): string => instrumentId.split('@')[0] ?? instrumentId;
export const directionText = { long: '▲ long', short: '▼ short', neutral: '■ neutral' } as const;
export const directionTone = { long: 'gain', short: 'loss', neutral: 'muted' } as const;
