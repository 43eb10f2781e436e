import { type ExecutionVenue, isFinal, type Order } from '@perpdesk/core';
import { isUnsettled } from '../orders/merge-order.ts';
import { fillsSinceMs, isKnownFill } from './fill-cursor.ts';
import type { AccountReading, VenueAccount } from './venue-account.ts';

/** How long a venue may take to list an order it has accepted. */
const listingMs = 2_000;

/** Asks a venue for all there is to know of an account. @throws VenueError */
export async function readAccount(known: VenueAccount, venue: ExecutionVenue, nowMs: number): Promise<AccountReading> {
  const { userId } = known;
  const openOrders = await venue.fetchOpenOrders(userId);
  const sinceMs = fillsSinceMs(known.cursor);
  const fills = await venue.fetchFills(userId, sinceMs);
  const payments = (await venue.fetchFunding?.(userId, fundingSinceMs(known, sinceMs))) ?? [];
  const positions = await venue.fetchPositions(userId);
  const account = await venue.fetchAccount(userId);

  const listed = new Set(openOrders.map((order) => order.clientOrderId));
  const lookedUp: Order[] = [];
  for (const order of known.openOrders()) {
    if (listed.has(order.clientOrderId) || isUnsettled(order.status)) continue;
    const found = await venue.fetchOrder(userId, order.clientOrderId);
    if (found !== undefined) lookedUp.push(found);
    // Neither listed nor known: it is not there any more.
    else if (order.updatedAtMs + listingMs < nowMs) lookedUp.push({ ...order, status: 'canceled', updatedAtMs: nowMs });
  }
  const seen = new Set([...listed, ...lookedUp.map((order) => order.clientOrderId)]);
  for (const fill of fills) {
    if (isKnownFill(known.cursor, fill) || seen.has(fill.clientOrderId)) continue;
    const order = known.order(fill.clientOrderId);
    if (order !== undefined && isFinal(order.status)) continue;
    seen.add(fill.clientOrderId);
    const found = await venue.fetchOrder(userId, fill.clientOrderId);
    if (found !== undefined) lookedUp.push(found);
  }
  return { atMs: nowMs, openOrders, lookedUp, fills, payments, positions, account };
}

/** From when on payments are to be asked for: they may come late, for instants long past. */
function fundingSinceMs(known: VenueAccount, sinceMs: number): number {
  const { fromMs, fundedThroughMs } = known.cursor;
  const oldest = known
    .allHeld()
    .map(({ instrumentId, position }) => fundedThroughMs[instrumentId] ?? position.openedAtMs);
  return Math.max(fromMs, Math.min(sinceMs, ...oldest));
}
