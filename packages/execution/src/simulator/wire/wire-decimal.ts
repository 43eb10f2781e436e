import { Decimal, type DecimalInput } from '@perpdesk/core';

/** A number as the venue writes it: plain, and with at least one decimal ("12.0"). At most `decimals` of them. */
export function wireDecimal(value: DecimalInput, decimals = 10): string {
  const exact = new Decimal(value).toDecimalPlaces(decimals);
  const text = exact.isZero() ? '0' : exact.toFixed();
  return text.includes('.') ? text : `${text}.0`;
}

/** A 32-byte transaction hash made of a number, so that one event has one hash wherever it shows. */
export const wireHash = (number: number): `0x${string}` => `0x${number.toString(16).padStart(64, '0')}`;

/** The address of whoever is no account of the exchange: the market's other participants. */
export const marketAddress = `0x${'1'.padStart(40, '0')}` as const;
