import type { TradeDirection } from '@perpdesk/core';
import { type Quote, type QuoteResult, usableQuote } from '../decision/usable-quote.ts';
import { Exact, exact } from '../exact/exact.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { isEmpty } from '../exposure/venue-book.ts';
import { isLive, type PendingEntry } from '../state/pending-entry.ts';
import type { EntryInput } from './order-input.ts';

type Prices = Pick<EntryInput, 'intent' | 'ticker'>;

/** The direction an entry opens. */
export const directionOf = ({ intent }: Pick<EntryInput, 'intent'>): TradeDirection =>
  intent.side === 'buy' ? 'long' : 'short';

/** The present prices of the order's instrument, once the market-data control let them pass. */
export function quoteOf(input: Prices): Quote | undefined {
  const priced = pricedOf(input);
  return priced.ok ? priced.quote : undefined;
}

/** The same, or why there is none. Most controls ask: it is read once an input. */
export function pricedOf(input: Prices): QuoteResult {
  let priced = quotes.get(input);
  if (priced === undefined) {
    priced = usableQuote(input.ticker, input.intent.instrumentId);
    quotes.set(input, priced);
  }
  return priced;
}

const quotes = new WeakMap<Prices, QuoteResult>();

/** The price an entry is expected to fill at, at worst: its limit or trigger, its bound, else the other side of the spread. */
export function worstPrice(input: Prices): Exact | undefined {
  const own =
    input.intent.type === 'stop-market' || input.intent.type === 'take-profit-market'
      ? input.intent.triggerPrice
      : input.intent.price;
  if (own !== undefined) return exact(own);
  const quote = quoteOf(input);
  return input.intent.side === 'buy' ? quote?.ask : quote?.bid;
}

/** The price its notional is reckoned at: a sell may fill above its limit, at the bid. */
export function notionalPrice(input: Prices): Exact | undefined {
  const worst = worstPrice(input);
  const bid = quoteOf(input)?.bid;
  return worst === undefined || bid === undefined || input.intent.side === 'buy' ? worst : Exact.max(worst, bid);
}

/** What is held of the order's instrument at its venue. */
export const heldHere = ({ intent, positions }: Pick<EntryInput, 'intent' | 'positions'>): HeldPosition | undefined =>
  positions.find(
    (position) =>
      position.venue === intent.venue && position.instrumentId === intent.instrumentId && !isEmpty(position),
  );

/** The pending entry that a leg of a signal draws on. */
export const pendingOf = ({
  intent,
  pending,
  atMs,
}: Pick<EntryInput, 'intent' | 'pending' | 'atMs'>): PendingEntry | undefined =>
  intent.signalId === undefined
    ? undefined
    : pending.find((entry) => entry.reservation.signalId === intent.signalId && isLive(entry, atMs));

/** The leverage an entry is meant at: its own, else its signal's. */
export const leverageOf = (input: Pick<EntryInput, 'intent' | 'pending' | 'atMs'>): number | undefined =>
  input.intent.leverage ?? pendingOf(input)?.leverage;
