import {
  type CloseReason,
  Decimal,
  floorToLot,
  type OrderOrigin,
  type Position,
  type Price,
  scale,
  toPrice,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { PositionKey } from '../guard/guard-store.ts';
import type { OrderDesk, SendOutcome } from '../orders/order-desk.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';

/** How a position is to be closed. */
export interface CloseRequest {
  readonly origin: OrderOrigin;
  readonly reason: CloseReason;
  /** Share of the position, in (0, 1]. Default 1: all of it, to the last lot. */
  readonly fraction?: number;
}

/** What became of a close; `flat`: there was nothing to close. */
export type CloseOutcome = SendOutcome | { readonly outcome: 'flat' };

/** How far from the mark a market exit may fill. */
const worstSlippage = 0.05;

/**
 * Closes positions at the market, reduce-only and sized from a fresh query of the venue. The order's id derives from the
 * position, the reason and its size, so that a repeat finds the first.
 */
export class PositionCloser {
  readonly #orderDesk: OrderDesk;
  readonly #venues: VenueDirectory;

  constructor(options: { readonly orderDesk: OrderDesk; readonly venues: VenueDirectory }) {
    this.#orderDesk = options.orderDesk;
    this.#venues = options.venues;
  }

  /** @throws VenueError when the venue can not say what there is to close. */
  async close(key: PositionKey, request: CloseRequest): Promise<CloseOutcome> {
    const venue = this.#venues.get(key.venue);
    if (venue === undefined)
      return { outcome: 'refused', rejection: { code: 'venue.none', message: `There is no venue "${key.venue}".` } };
    const position = (await venue.fetchPositions(key.userId)).find((held) => held.instrumentId === key.instrumentId);
    if (position === undefined) return { outcome: 'flat' };
    const lot = venue.instruments().find((instrument) => instrument.id === key.instrumentId)?.lotSize;
    const { fraction = 1 } = request;
    // A whole close takes the venue's exact size: flooring would leave dust.
    const size = fraction >= 1 || lot === undefined ? position.size : floorToLot(lot, scale(position.size, fraction));
    if (new Decimal(size).isZero())
      return {
        outcome: 'refused',
        rejection: { code: 'size.below-minimum', message: 'The part to close is less than a lot.' },
      };
    const side = position.direction === 'long' ? 'sell' : 'buy';
    return this.#orderDesk.send({
      clientOrderId: deriveClientOrderId(
        `close:${key.userId}:${key.venue}:${key.instrumentId}:${position.openedAtMs}`,
        `${request.reason}:${position.size}:${size}`,
      ),
      userId: key.userId,
      venue: key.venue,
      instrumentId: key.instrumentId,
      side,
      type: 'market',
      size,
      price: worstPrice(position),
      timeInForce: 'ioc',
      reduceOnly: true,
      purpose: 'exit',
      origin: request.origin,
    });
  }
}

function worstPrice(position: Position): Price {
  const sign = position.direction === 'long' ? -1 : 1;
  return toPrice(new Decimal(position.markPrice).times(1 + sign * worstSlippage).toSignificantDigits(5));
}
