import {
  type Clock,
  type CloseReason,
  Decimal,
  type ExecutionVenue,
  floorToLot,
  type Instrument,
  isFinal,
  isZero,
  type OrderIntent,
  type OrderOrigin,
  type Position,
  roundPrice,
  type Size,
  scale,
  toPrice,
  VenueError,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { PositionKey } from '../guard/guard-store.ts';
import { answerInTime } from '../orders/answer-in-time.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { SendOutcome } from '../orders/send-outcome.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';

/** How a position is to be closed. */
export interface CloseRequest {
  readonly origin: OrderOrigin;
  readonly reason: CloseReason;
  /** Share of the position, in (0, 1]. Default 1: all of it, to the last lot. */
  readonly fraction?: number;
  /** The trace of what led to it. Default: a new one. */
  readonly traceId?: string;
  /** The id of its order, for who has to be able to ask after just this close. Default: of the position and the attempt. */
  readonly clientOrderId?: string;
  /** What is held for certain: it is closed by this where the venue does not say what there is. Default: then it is not closed. */
  readonly known?: Position;
}

/** What became of a close; `flat`: there was nothing to close. */
export type CloseOutcome = SendOutcome | { readonly outcome: 'flat' };

/** How far from the mark a market exit may fill. */
const worstSlippage = 0.05;
/** How long the venue is waited for where it is known what is held, ms. */
const answerMs = 1_000;

/**
 * Closes positions at the market, reduce-only and sized from a fresh query of the venue; by what is known where that fails and
 * the request says it. The order's id derives from the
 * position, the reason, its size and the attempt: a repeat finds the order that is under way, and one that has ended without
 * closing what there is makes room for the next.
 */
export class PositionCloser {
  readonly #orderDesk: OrderDesk;
  readonly #venues: VenueDirectory;
  readonly #clock: Clock | undefined;

  constructor(options: {
    readonly orderDesk: OrderDesk;
    readonly venues: VenueDirectory;
    /** Without it a venue's answer is waited for as long as it takes, also where it is known what is held. */
    readonly clock?: Clock;
  }) {
    this.#orderDesk = options.orderDesk;
    this.#venues = options.venues;
    this.#clock = options.clock;
  }

  /** @throws VenueError when the venue can not say what there is to close. */
  async close(key: PositionKey, request: CloseRequest): Promise<CloseOutcome> {
    const venue = this.#venues.get(key.venue);
    if (venue === undefined)
      return { outcome: 'refused', rejection: { code: 'venue.none', message: `There is no venue "${key.venue}".` } };
    const { fraction = 1 } = request;
    if (!(fraction > 0 && fraction <= 1)) {
      const message = 'The share to close lies above 0 and is at most 1.';
      return { outcome: 'refused', rejection: { code: 'size.invalid', message, limit: '1', actual: String(fraction) } };
    }
    const position = await this.#held(key, venue, request.known);
    if (position === undefined) return { outcome: 'flat' };
    const instrument = venue.instruments().find(({ id }) => id === key.instrumentId);
    const size = sizeOf(position, fraction, instrument);
    if (isZero(size)) {
      const message = 'The part to close is less than a lot.';
      return { outcome: 'refused', rejection: { code: 'size.below-minimum', message } };
    }
    return this.#orderDesk.send({
      clientOrderId:
        request.clientOrderId ?? (await this.#nextId(key, position, `${request.reason}:${position.size}:${size}`)),
      userId: key.userId,
      venue: key.venue,
      instrumentId: key.instrumentId,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: 'market',
      size,
      ...worstPrice(position, instrument),
      timeInForce: 'ioc',
      reduceOnly: true,
      purpose: 'exit',
      origin: request.origin,
      closeReason: request.reason,
      ...(request.traceId === undefined ? {} : { traceId: request.traceId }),
    });
  }

  /** What there is to close by the venue, or else by what is known. @throws VenueError */
  async #held(key: PositionKey, venue: ExecutionVenue, known: Position | undefined): Promise<Position | undefined> {
    const asked = venue.fetchPositions(key.userId);
    try {
      const held = await (known === undefined || this.#clock === undefined
        ? asked
        : answerInTime(this.#clock, answerMs, asked));
      return held.find((position) => position.instrumentId === key.instrumentId);
    } catch (error) {
      // Only who lessens no more than there is may go by what was.
      if (known === undefined || !VenueError.is(error)) throw error;
      return known;
    }
  }

  /** The id of the attempt that is under way, or of the next. */
  async #nextId(key: PositionKey, { openedAtMs }: Position, what: string): Promise<string> {
    const run = `close:${key.userId}:${key.venue}:${key.instrumentId}:${openedAtMs}`;
    for (let attempt = 0; ; attempt += 1) {
      const clientOrderId = deriveClientOrderId(run, `${what}:${attempt}`);
      const order = await this.#orderDesk.find({ userId: key.userId, venue: key.venue, clientOrderId });
      if (order === undefined || !isFinal(order.status)) return clientOrderId;
    }
  }
}

/** A whole close takes the venue's exact size: flooring would leave dust. */
const sizeOf = (position: Position, fraction: number, instrument: Instrument | undefined): Size =>
  fraction >= 1 || instrument === undefined
    ? position.size
    : floorToLot(instrument.lotSize, scale(position.size, fraction));

/** The limit of a market exit, rounded away from the market; none where the venue's rule is not known. */
function worstPrice(position: Position, instrument: Instrument | undefined): Pick<OrderIntent, 'price'> {
  if (instrument === undefined) return {};
  const long = position.direction === 'long';
  const worst = new Decimal(position.markPrice).times(1 + (long ? -worstSlippage : worstSlippage));
  const price = roundPrice(instrument.priceRule, toPrice(worst), long ? 'down' : 'up');
  return isZero(price) ? {} : { price };
}
