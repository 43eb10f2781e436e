import type { Exact } from '../exact/exact.ts';

/** A number as text for steps and rejections: exact to 18 decimals, plain notation. */
export const show = (value: Exact | number | string): string =>
  typeof value === 'object'
    ? value.places > 18
      ? value.toDecimalPlaces(18).toFixed()
      : value.toFixed()
    : String(value);
