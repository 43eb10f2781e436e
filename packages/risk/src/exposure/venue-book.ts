import {
  type Account,
  Decimal,
  type Instrument,
  type InstrumentId,
  isFinal,
  marketOf,
  type Order,
  type Rate,
  toRate,
} from '@perpdesk/core';
import { isLive, orderReservation, type PendingEntry } from '../state/pending-entry.ts';
import type { HeldPosition } from './held-position.ts';
import { lossAtStop } from './loss-at-stop.ts';

/** Finds an instrument as a venue lists it. */
export type InstrumentLookup = (venue: string, id: InstrumentId) => Instrument | undefined;

/** Counted for a position whose instrument is not listed any more: 10 basis points. */
const unlistedFeeRate: Rate = toRate('0.001');

/** All that a user holds, has resting or has pending at one venue, in dollars. Limits are reckoned on it. */
export interface VenueBook {
  readonly equity: Decimal;
  /** The venue's figure less the margin and fees of what is pending. */
  readonly available: Decimal;
  /** Initial margin: open + pending + resting without a reservation. */
  readonly margin: Decimal;
  /** Loss at stop with fees of the same. */
  readonly risk: Decimal;
  readonly pendingMargin: Decimal;
  readonly pendingFees: Decimal;
  readonly pendingNotional: Decimal;
  /** The part of `margin` by instrument. */
  readonly marginOf: ReadonlyMap<InstrumentId, Decimal>;
  /** What could not be reckoned: an order without a price, a holding whose figures are no amounts. Nothing can be decided then. */
  readonly unknown?: string;
}

/** What a book is made of. */
export interface VenueBookInput {
  readonly account: Account;
  readonly positions: readonly HeldPosition[];
  readonly openOrders: readonly Order[];
  readonly pending: readonly PendingEntry[];
  readonly instrument: InstrumentLookup;
  readonly atMs: number;
  /** The order that is being judged: it does not count against itself. */
  readonly except?: string;
}

/** Adds up one venue's account. */
export function venueBook(input: VenueBookInput): VenueBook {
  const { venue } = input.account;
  const marginOf = new Map<InstrumentId, Decimal>();
  let margin = new Decimal(0);
  let risk = new Decimal(0);
  let unknown: string | undefined;
  const add = (id: InstrumentId, itsMargin: Decimal, itsRisk: Decimal): void => {
    if (!isAmount(itsMargin) || !isAmount(itsRisk)) unknown ??= id;
    margin = margin.plus(itsMargin);
    risk = risk.plus(itsRisk);
    marginOf.set(id, (marginOf.get(id) ?? new Decimal(0)).plus(itsMargin));
  };
  for (const position of input.positions) {
    if (position.venue !== venue || isEmpty(position)) continue;
    const fee = input.instrument(venue, position.instrumentId)?.takerFeeRate ?? unlistedFeeRate;
    add(position.instrumentId, new Decimal(position.margin), lossAtStop(position, fee));
  }
  let pendingMargin = new Decimal(0);
  let pendingFees = new Decimal(0);
  let pendingNotional = new Decimal(0);
  for (const { reservation } of countedPending(input)) {
    if (reservation.venue !== venue) continue;
    pendingMargin = pendingMargin.plus(reservation.initialMargin);
    pendingFees = pendingFees.plus(reservation.fees);
    pendingNotional = pendingNotional.plus(reservation.notional);
    add(reservation.instrumentId, new Decimal(reservation.initialMargin), new Decimal(reservation.riskAtStop));
  }
  for (const order of unreservedEntries(input)) {
    if (order.venue !== venue) continue;
    const resting = restingEntry(order, input.instrument(venue, order.instrumentId)?.takerFeeRate ?? unlistedFeeRate);
    if (resting === undefined) unknown ??= order.clientOrderId;
    else add(order.instrumentId, resting.margin, resting.risk);
  }
  return {
    equity: new Decimal(input.account.equity),
    available: new Decimal(input.account.availableMargin).minus(pendingMargin).minus(pendingFees),
    margin,
    risk,
    pendingMargin,
    pendingFees,
    pendingNotional,
    marginOf,
    ...(unknown === undefined ? {} : { unknown }),
  };
}

type Held = Pick<VenueBookInput, 'positions' | 'openOrders' | 'pending' | 'atMs' | 'except'>;

/** True for a position that a view still shows though nothing is left of it. */
export const isEmpty = (position: HeldPosition): boolean => new Decimal(position.size).isZero();

const isAmount = (value: Decimal): boolean => value.isFinite() && (value.isZero() || value.isPositive());

/** Pending entries that count: not over, and not the judged order's own. An order that rests at the venue counts as that. */
export function countedPending({ pending, openOrders, atMs, except }: Held): readonly PendingEntry[] {
  const resting = new Set(openOrders.filter(isOpenEntry).map((order) => orderReservation(order.clientOrderId)));
  return pending.filter(
    (entry) =>
      isLive(entry, atMs) &&
      !resting.has(entry.reservation.signalId) &&
      (except === undefined || entry.reservation.signalId !== orderReservation(except)),
  );
}

/** Entries that rest (or may rest) at a venue and that no reservation of a signal covers. */
export function unreservedEntries({ pending, openOrders, atMs, except }: Held): readonly Order[] {
  const reserved = new Set(pending.filter((entry) => isLive(entry, atMs)).map((entry) => entry.reservation.signalId));
  return openOrders.filter(
    (order) =>
      isOpenEntry(order) &&
      order.clientOrderId !== except &&
      (order.signalId === undefined || !reserved.has(order.signalId)),
  );
}

/** Notional of all that a user holds or may come to hold, over all venues: what the operator's cap counts. */
export function grossNotional(held: Held): Decimal {
  let total = new Decimal(0);
  for (const position of held.positions) total = total.plus(new Decimal(position.markPrice).times(position.size));
  for (const { reservation } of countedPending(held)) total = total.plus(reservation.notional);
  for (const order of unreservedEntries(held)) total = total.plus(restingNotional(order) ?? 0);
  return total;
}

/** Markets at venues where a user has a position or may get one. */
export function openMarkets(held: Held): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const position of held.positions)
    if (!isEmpty(position)) keys.add(`${position.venue}/${marketOf(position.instrumentId)}`);
  for (const { reservation } of countedPending(held))
    keys.add(`${reservation.venue}/${marketOf(reservation.instrumentId)}`);
  for (const order of unreservedEntries(held)) keys.add(`${order.venue}/${marketOf(order.instrumentId)}`);
  return keys;
}

/** True for an order that may still add risk. */
export const isOpenEntry = (order: Order): boolean =>
  order.purpose === 'entry' && !order.reduceOnly && !isFinal(order.status);

function restingNotional(order: Order): Decimal | undefined {
  const price = order.price ?? order.triggerPrice ?? order.averagePrice;
  if (price === undefined) return undefined;
  return Decimal.max(new Decimal(order.size).minus(order.filledSize), 0).times(price);
}

function restingEntry(order: Order, feeRate: Rate): { readonly margin: Decimal; readonly risk: Decimal } | undefined {
  const price = order.price ?? order.triggerPrice ?? order.averagePrice;
  const notional = restingNotional(order);
  if (price === undefined || notional === undefined) return undefined;
  const left = notional.dividedBy(price);
  const risk =
    order.stopLoss === undefined
      ? notional
      : left.times(
          new Decimal(price).minus(order.stopLoss).abs().plus(new Decimal(price).plus(order.stopLoss).times(feeRate)),
        );
  return { margin: notional.dividedBy(order.leverage ?? 1), risk };
}
