import { type PredictionBook, type PredictionContract, type PredictionLevel, VenueError } from '@perpdesk/core';
import type { PredictionDesk } from './prediction-venue.ts';

/** Floats of cents and tenths of cents stay what they look like. */
export const rounded = (price: number): number => Math.round(price * 1e6) / 1e6;

/** A book in order, or an error where it can be none: crossed, or the same price twice. */
export function sortedBook(
  desk: Pick<PredictionDesk, 'nowMs' | 'refuse'>,
  contract: PredictionContract,
  bids: readonly PredictionLevel[],
  asks: readonly PredictionLevel[],
  exchangeAtMs: number,
): PredictionBook {
  const book = {
    contractId: contract.id,
    bids: bids.filter(([, size]) => size > 0).sort(([a], [b]) => b - a),
    asks: asks.filter(([, size]) => size > 0).sort(([a], [b]) => a - b),
    exchangeAtMs,
    receivedAtMs: desk.nowMs(),
  };
  const doubled = [book.bids, book.asks].some((side) => side.some(([price], i) => price === side[i - 1]?.[0]));
  if (!doubled && (book.bids[0]?.[0] ?? 0) < (book.asks[0]?.[0] ?? 1)) return book;
  desk.refuse(doubled ? 'doubled book' : 'crossed book', book);
  throw new VenueError('prediction.answer', `${contract.venue} answered a book of ${contract.slug} that can not be.`, {
    retryable: true,
  });
}
