import type { PredictionBook, PredictionQuote } from '../domain/prediction-market.ts';

/** How far from the mid an order counts as depth. Five cents, with room for floats. */
const depthReach = 0.05 + 1e-9;

/** Best prices and depth of a book: dollars that its orders within 5 cents of the mid stand for, price × size on both sides. */
export function quoteFromBook(book: PredictionBook): PredictionQuote {
  const bid = book.bids[0]?.[0] ?? 0;
  const ask = book.asks[0]?.[0] ?? 1;
  // Beside an empty side there is no mid: depth is then counted from the best order there is.
  const mid = book.bids.length === 0 ? ask : book.asks.length === 0 ? bid : (bid + ask) / 2;
  let depthUsd = 0;
  for (const [price, size] of book.bids) if (price >= mid - depthReach) depthUsd += price * size;
  for (const [price, size] of book.asks) if (price <= mid + depthReach) depthUsd += price * size;
  const { contractId, exchangeAtMs, receivedAtMs } = book;
  return { contractId, bid, ask, depthUsd, exchangeAtMs, receivedAtMs };
}
