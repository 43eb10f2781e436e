import type { Reading, Rejection, Ticker } from '@perpdesk/core';
import { type Exact, exact } from '../exact/exact.ts';
import { refusal } from './refusal.ts';

/** A ticker's prices as decimals: what is decided on. */
export interface Quote {
  readonly bid: Exact;
  readonly ask: Exact;
  readonly mid: Exact;
  readonly mark: Exact;
  readonly index?: Exact;
}

/** A quote, or why there is none. */
export type QuoteResult =
  | { readonly ok: true; readonly quote: Quote }
  | { readonly ok: false; readonly rejection: Rejection };

const positive = (value: number): boolean => Number.isFinite(value) && value > 0;

/** Reads a float price to the 15 significant digits that float64 carries faithfully. */
export const fromFloat = (value: number): Exact =>
  exact(Number.isSafeInteger(value) ? value : Number(value.toPrecision(15)));

/** The prices that may be decided on, or why there are none: missing, not finite, crossed, stale or gapped. */
export function usableQuote(reading: Reading<Ticker> | undefined, what: string): QuoteResult {
  if (reading === undefined) {
    return {
      ok: false,
      rejection: refusal('market-data.missing', `There is no price of ${what}.`, 'a fresh ticker', 'none'),
    };
  }
  const { value } = reading;
  const { last, mark, bid, ask, index } = value;
  const sound = positive(last) && positive(mark) && positive(bid) && positive(ask) && bid <= ask;
  if (!sound || (index !== undefined && !positive(index))) {
    const actual = `last ${last}, mark ${mark}, index ${index ?? 'none'}, bid ${bid}, ask ${ask}`;
    const limit = 'finite, above zero, bid not above ask';
    return {
      ok: false,
      rejection: refusal('market-data.invalid', `The prices of ${what} can not be right.`, limit, actual),
    };
  }
  if (reading.quality !== 'fresh') {
    return {
      ok: false,
      rejection: refusal('market-data.stale', `The price of ${what} is ${reading.quality}.`, 'fresh', reading.quality),
    };
  }
  const [bids, asks] = [fromFloat(bid), fromFloat(ask)];
  return {
    ok: true,
    quote: {
      bid: bids,
      ask: asks,
      mid: bids.plus(asks).dividedBy(2),
      mark: fromFloat(mark),
      ...(index === undefined ? {} : { index: fromFloat(index) }),
    },
  };
}
