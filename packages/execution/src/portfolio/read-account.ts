import {
  Decimal,
  type Fill,
  type InstrumentId,
  isFinal,
  type Order,
  type Position,
  type VenueAccountReader,
} from '@perpdesk/core';
import { isUnsettled } from '../orders/merge-order.ts';
import { fillsSinceMs, isKnownFill } from './fill-cursor.ts';
import type { AccountReading, OrdersReading, VenueAccount } from './venue-account.ts';

/** How long a venue may take to list an order it has accepted. */
const listingMs = 2_000;

/** Asks a venue what became of an account's orders, and for their fills. @throws VenueError */
export async function readOrders(
  known: VenueAccount,
  venue: VenueAccountReader,
  nowMs: number,
): Promise<OrdersReading> {
  const { userId } = known;
  const openOrders = await venue.fetchOpenOrders(userId);
  const sinceMs = fillsSinceMs(known.cursor);
  const fills = await venue.fetchFills(userId, sinceMs);
  const payments = (await venue.fetchFunding?.(userId, fundingSinceMs(known, sinceMs))) ?? [];

  const listed = new Set(openOrders.map((order) => order.clientOrderId));
  const lookedUp: Order[] = [];
  let isSettled = true;
  for (const order of known.openOrders()) {
    if (listed.has(order.clientOrderId) || isUnsettled(order.status)) continue;
    const found = await venue.fetchOrder(userId, order.clientOrderId);
    if (found !== undefined) lookedUp.push(found);
    // Neither listed nor known: it is not there any more.
    else if (order.updatedAtMs + listingMs < nowMs) lookedUp.push({ ...order, status: 'canceled', updatedAtMs: nowMs });
    else isSettled = false;
  }
  const seen = [...openOrders, ...lookedUp];
  lookedUp.push(...(await ordersBehind(fills, seen, known, venue)));
  return { atMs: nowMs, openOrders, lookedUp, isSettled, fills, payments };
}

/** Asks it what stands, and for fills of meanwhile that this is not explained without. @throws VenueError */
export async function readStanding(
  known: VenueAccount,
  venue: VenueAccountReader,
  orders: OrdersReading,
): Promise<AccountReading> {
  const { userId } = known;
  const positions = await venue.fetchPositions(userId);
  let { fills, lookedUp } = orders;
  if (!areExplained(known, fills, positions)) {
    fills = await venue.fetchFills(userId, fillsSinceMs(known.cursor));
    const seen = [...orders.openOrders, ...lookedUp];
    lookedUp = [...lookedUp, ...(await ordersBehind(fills, seen, known, venue))];
  }
  const account = await venue.fetchAccount(userId);
  return { ...orders, fills, lookedUp, positions, account };
}

/**
 * Asks it what stands, and nothing else. Undefined where what has filled, as far as it is known, does not come to it: then more is to
 * be asked. Of what is `told` by the time of its answers it says nothing.
 */
export async function readStandingAlone(
  known: VenueAccount,
  venue: VenueAccountReader,
  told: ReadonlySet<InstrumentId>,
  nowMs: number,
): Promise<AccountReading | undefined> {
  const positions = await venue.fetchPositions(known.userId);
  const account = await venue.fetchAccount(known.userId);
  const shown = new Map(positions.map((position) => [position.instrumentId, signed(position)]));
  const held = new Map(
    known
      .allHeld()
      .map(({ instrumentId, position: { direction }, size }) => [instrumentId, signed({ direction, size })]),
  );
  const ids = [...shown.keys(), ...held.keys()].filter((id) => !told.has(id));
  if (known.awaitsFills || ids.some((id) => !(shown.get(id) ?? nothing).equals(held.get(id) ?? nothing)))
    return undefined;
  return { atMs: nowMs, openOrders: [], lookedUp: [], isSettled: true, fills: [], payments: [], positions, account };
}

const nothing = new Decimal(0);

const signed = ({ direction, size }: Pick<Position, 'direction' | 'size'>): Decimal =>
  direction === 'long' ? new Decimal(size) : new Decimal(size).negated();

/** The orders behind fills that are new, but for those that were seen or have ended. */
async function ordersBehind(
  fills: readonly Fill[],
  orders: readonly Order[],
  known: VenueAccount,
  venue: VenueAccountReader,
): Promise<readonly Order[]> {
  const seen = new Set(orders.map((order) => order.clientOrderId));
  const behind: Order[] = [];
  for (const fill of fills) {
    if (isKnownFill(known.cursor, fill) || seen.has(fill.clientOrderId)) continue;
    const order = known.order(fill.clientOrderId);
    if (order !== undefined && isFinal(order.status)) continue;
    seen.add(fill.clientOrderId);
    const found = await venue.fetchOrder(known.userId, fill.clientOrderId);
    if (found !== undefined) behind.push(found);
  }
  return behind;
}

/** From when on payments are to be asked for: they may come late, for instants long past. */
function fundingSinceMs(known: VenueAccount, sinceMs: number): number {
  const { fromMs, fundedThroughMs } = known.cursor;
  const oldest = known
    .allHeld()
    .map(({ instrumentId, position }) => fundedThroughMs[instrumentId] ?? position.openedAtMs);
  return Math.max(fromMs, Math.min(sinceMs, ...oldest));
}

/** True when what was held and the new fills come to the positions that are told. */
function areExplained(known: VenueAccount, fills: readonly Fill[], positions: readonly Position[]): boolean {
  return positions.every((position) => {
    const { instrumentId } = position;
    const held = known.held(instrumentId);
    const before = held === undefined ? nothing : signed({ ...held, direction: held.position.direction });
    const after = fills
      .filter((fill) => fill.instrumentId === instrumentId && !isKnownFill(known.cursor, fill))
      .reduce((sum, fill) => (fill.side === 'buy' ? sum.plus(fill.size) : sum.minus(fill.size)), before);
    return after.equals(signed(position));
  });
}
