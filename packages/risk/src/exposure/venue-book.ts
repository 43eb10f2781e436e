import {
  type Account,
  type Instrument,
  type InstrumentId,
  isFinal,
  marketOf,
  type Order,
  type Rate,
  type TradeDirection,
  toRate,
} from '@perpdesk/core';
import { Exact, exact, zero } from '../exact/exact.ts';
import { isLive, orderReservation, type PendingEntry } from '../state/pending-entry.ts';
import type { Correlation, RiskPart } from './correlated-risk.ts';
import type { HeldPosition } from './held-position.ts';
import { lossAtStop } from './loss-at-stop.ts';

/** Finds an instrument as a venue lists it. */
export type InstrumentLookup = (venue: string, id: InstrumentId) => Instrument | undefined;

/** Counted for a position whose instrument is not listed any more: 10 basis points. */
const unlistedFeeRate: Rate = toRate('0.001');

/** All that a user holds, has resting or has pending at one venue, in dollars. Limits are reckoned on it. */
export interface VenueBook {
  readonly equity: Exact;
  /** The venue's figure less the margin and fees of what is pending. */
  readonly available: Exact;
  /** Initial margin: open + pending + resting without a reservation. */
  readonly margin: Exact;
  /** Loss at stop with fees of the same. */
  readonly risk: Exact;
  readonly pendingMargin: Exact;
  readonly pendingFees: Exact;
  readonly pendingNotional: Exact;
  /** Open at the mark + pending + resting without a reservation. */
  readonly notional: Exact;
  /** What `risk` is made of, where correlations are asked about. */
  readonly parts?: readonly RiskPart[];
  /** The part of `margin` by instrument. */
  readonly marginOf: ReadonlyMap<InstrumentId, Exact>;
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
  readonly correlation?: Correlation | undefined;
  readonly atMs: number;
  /** The order that is being judged: it does not count against itself. */
  readonly except?: string;
}

const nothingHeld: ReadonlyMap<InstrumentId, Exact> = new Map();

/** Adds up one venue's account. */
export function venueBook(input: VenueBookInput): VenueBook {
  const { account } = input;
  const { venue } = account;
  let marginOf: Map<InstrumentId, Exact> | undefined;
  let margin = zero;
  let risk = zero;
  let unknown: string | undefined;
  let notional = zero;
  const parts: RiskPart[] | undefined = input.correlation === undefined ? undefined : [];
  const add = (id: InstrumentId, direction: TradeDirection, itsMargin: Exact, itsRisk: Exact): void => {
    parts?.push({ market: marketOf(id), direction, risk: itsRisk });
    if (!isAmount(itsMargin) || !isAmount(itsRisk)) unknown ??= id;
    margin = margin.plus(itsMargin);
    risk = risk.plus(itsRisk);
    marginOf ??= new Map();
    const before = marginOf.get(id);
    marginOf.set(id, before === undefined ? itsMargin : before.plus(itsMargin));
  };
  for (const position of input.positions) {
    if (position.venue !== venue || isEmpty(position)) continue;
    const fee = input.instrument(venue, position.instrumentId)?.takerFeeRate ?? unlistedFeeRate;
    add(position.instrumentId, position.direction, exact(position.margin), lossAtStop(position, fee));
    notional = notional.plus(exact(position.markPrice).times(position.size));
  }
  let pendingMargin = zero;
  let pendingFees = zero;
  let pendingNotional = zero;
  for (const { reservation } of countedPending(input)) {
    if (reservation.venue !== venue) continue;
    pendingMargin = pendingMargin.plus(reservation.initialMargin);
    pendingFees = pendingFees.plus(reservation.fees);
    pendingNotional = pendingNotional.plus(reservation.notional);
    add(
      reservation.instrumentId,
      reservation.direction,
      exact(reservation.initialMargin),
      exact(reservation.riskAtStop),
    );
  }
  for (const order of unreservedEntries(input)) {
    if (order.venue !== venue) continue;
    const resting = restingEntry(order, input.instrument(venue, order.instrumentId)?.takerFeeRate ?? unlistedFeeRate);
    if (resting === undefined) unknown ??= order.clientOrderId;
    else {
      add(order.instrumentId, order.side === 'buy' ? 'long' : 'short', resting.margin, resting.risk);
      notional = notional.plus(restingNotional(order) ?? zero);
    }
  }
  const book = {
    equity: exact(account.equity),
    available: exact(account.availableMargin).minus(pendingMargin).minus(pendingFees),
    margin,
    risk,
    pendingMargin,
    pendingFees,
    pendingNotional,
    notional: notional.plus(pendingNotional),
    marginOf: marginOf ?? nothingHeld,
  };
  if (parts === undefined && unknown === undefined) return book;
  return { ...book, ...(parts === undefined ? {} : { parts }), ...(unknown === undefined ? {} : { unknown }) };
}

type Held = Pick<VenueBookInput, 'positions' | 'openOrders' | 'pending' | 'atMs' | 'except'>;

/** True for a position that a view still shows though nothing is left of it. */
export const isEmpty = (position: HeldPosition): boolean => exact(position.size).isZero();

const isAmount = (value: Exact): boolean => value.greaterThanOrEqualTo(0);

/** Pending entries that count: not over, and not the judged order's own. An order that rests at the venue counts as that. */
export function countedPending({ pending, openOrders, atMs, except }: Held): readonly PendingEntry[] {
  if (pending.length === 0) return pending;
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
  if (openOrders.length === 0) return openOrders;
  const reserved = new Set(pending.filter((entry) => isLive(entry, atMs)).map((entry) => entry.reservation.signalId));
  return openOrders.filter(
    (order) =>
      isOpenEntry(order) &&
      order.clientOrderId !== except &&
      (order.signalId === undefined || !reserved.has(order.signalId)),
  );
}

/** Notional of all that a user holds or may come to hold, over all venues: what the operator's cap counts. */
export function grossNotional(held: Held): Exact {
  let total = exact(0);
  for (const position of held.positions) total = total.plus(exact(position.markPrice).times(position.size));
  for (const { reservation } of countedPending(held)) total = total.plus(reservation.notional);
  for (const order of unreservedEntries(held)) total = total.plus(restingNotional(order) ?? 0);
  return total;
}

/** Names a market at a venue: `paper/BTC-PERP`. */
export type MarketKey = (venue: string, id: InstrumentId) => string;
const nothingOpen: ReadonlySet<string> = new Set();
const marketKey: MarketKey = (venue, id) => `${venue}/${marketOf(id)}`;

/** Markets at venues where a user has a position or may get one. `keyOf` may remember the names it made. */
export function openMarkets(held: Held, keyOf: MarketKey = marketKey): ReadonlySet<string> {
  if (held.positions.length === 0 && held.pending.length === 0 && held.openOrders.length === 0) return nothingOpen;
  const keys = new Set<string>();
  for (const position of held.positions) if (!isEmpty(position)) keys.add(keyOf(position.venue, position.instrumentId));
  for (const { reservation } of countedPending(held)) keys.add(keyOf(reservation.venue, reservation.instrumentId));
  for (const order of unreservedEntries(held)) keys.add(keyOf(order.venue, order.instrumentId));
  return keys;
}

/** Names markets as {@link openMarkets} does, each once: for one call over many users. */
export function rememberedKeys(): MarketKey {
  const byVenue = new Map<string, Map<InstrumentId, string>>();
  return (venue, id) => {
    let keys = byVenue.get(venue);
    if (keys === undefined) {
      keys = new Map();
      byVenue.set(venue, keys);
    }
    let key = keys.get(id);
    if (key === undefined) {
      key = marketKey(venue, id);
      keys.set(id, key);
    }
    return key;
  };
}

/** True for an order that may still add risk. */
export const isOpenEntry = (order: Order): boolean =>
  order.purpose === 'entry' && !order.reduceOnly && !isFinal(order.status);

function restingNotional(order: Order): Exact | undefined {
  const price = order.price ?? order.triggerPrice ?? order.averagePrice;
  if (price === undefined) return undefined;
  return Exact.max(exact(order.size).minus(order.filledSize), 0).times(price);
}

function restingEntry(order: Order, feeRate: Rate): { readonly margin: Exact; readonly risk: Exact } | undefined {
  const price = order.price ?? order.triggerPrice ?? order.averagePrice;
  const notional = restingNotional(order);
  if (price === undefined || notional === undefined) return undefined;
  const left = notional.dividedBy(price);
  const risk =
    order.stopLoss === undefined
      ? notional
      : left.times(exact(price).minus(order.stopLoss).abs().plus(exact(price).plus(order.stopLoss).times(feeRate)));
  return { margin: notional.dividedBy(order.leverage ?? 1), risk };
}
