const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
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

/** An amount of dollars, from a decimal string. For the eye only. */
export const showUsd = (amount: string): string => money.format(Number(amount));
/** A signed amount: the sign says what colour alone must not. */
export const showSignedUsd = (amount: string): string =>
  `${Number(amount) >= 0 ? '+' : '−'}${money.format(Math.abs(Number(amount)))}`;
/** A price with the digits that its size calls for. */
export const showPrice = (price: number | string): string => {
  const value = Number(price);
  return value >= 1000
    ? value.toLocaleString('en-US', { maximumFractionDigits: 1 })
    : value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
};
export const showPercent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`;
/** An instant, UTC. */
export const showInstant = (atMs: number): string => `${dateTime.format(atMs)} UTC`;
export const showClock = (atMs: number): string => clock.format(atMs);
/** `gain` or `loss` for a signed amount, nothing at zero. */
export const tone = (amount: number | string): string =>
  Number(amount) > 0 ? 'gain' : Number(amount) < 0 ? 'loss' : '';
