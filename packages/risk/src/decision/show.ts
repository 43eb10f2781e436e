import type { Decimal } from '@perpdesk/core';

/** A number as text for steps and rejections: exact to 18 decimals, plain notation. */
export const show = (value: Decimal | number | string): string =>
  typeof value === 'object' ? (value.isZero() ? '0' : value.toDecimalPlaces(18).toFixed()) : String(value);
