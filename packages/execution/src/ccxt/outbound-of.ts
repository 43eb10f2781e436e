import { Decimal, type OrderIntent, toPrice, toSize } from '@perpdesk/core';
import type { OutboundOrder } from '../venue/outbound-ledger.ts';
import type { WireOrder } from './native-order.ts';
import type { TradedMarket } from './traded-markets.ts';
import { fieldsOf, requireDecimal } from './wire-values.ts';

/** What the bytes say, in our terms. Where a venue's form says nothing of a field, there is nothing to compare. */
export function outboundOf(
  told: WireOrder,
  market: TradedMarket | undefined,
  intent: OrderIntent | undefined,
  known: {
    readonly userId: string;
    readonly clientOrderId: string;
    readonly filledBefore: OrderIntent['size'] | undefined;
  },
): OutboundOrder {
  const { userId, clientOrderId, filledBefore } = known;
  const wire = told.inSmallestUnits ? inDecimals(told, market) : told;
  const triggers = wire.type === 'stop-market' || wire.type === 'take-profit-market';
  // A market order with a worst price leaves as a limit that fills at once or not at all.
  const bounded = intent?.type === 'market' && wire.type === 'limit' && wire.timeInForce === 'ioc';
  // The worst price of triggers, and of market orders that were given none, is the venue's form alone.
  const unbounded = intent?.type === 'market' && intent.price === undefined && (bounded || wire.type === 'market');
  const price = triggers || unbounded ? undefined : wire.price;
  const timeInForce = (triggers ? undefined : wire.timeInForce) ?? intent?.timeInForce ?? 'gtc';
  return {
    userId,
    clientOrderId,
    instrumentId: market?.instrument.id ?? `${wire.wireId}@unknown`,
    side: wire.side ?? intent?.side ?? 'buy',
    type: bounded ? 'market' : (wire.type ?? intent?.type ?? 'market'),
    size: toSize(wire.size.times(market?.unit ?? 1).plus(filledBefore ?? 0)),
    ...(price === undefined ? {} : { price: toPrice(price) }),
    ...(wire.triggerPrice === undefined ? {} : { triggerPrice: toPrice(wire.triggerPrice) }),
    timeInForce,
    reduceOnly: wire.reduceOnly ?? intent?.reduceOnly ?? false,
  };
}

/** An order in whole units as one in decimals, by the decimals its venue lists. */
function inDecimals(wire: WireOrder, market: TradedMarket | undefined): WireOrder {
  const info = fieldsOf(market?.listed.info);
  const scale = (value: Decimal, decimals: unknown): Decimal =>
    value.dividedBy(new Decimal(10).pow(requireDecimal(wire.wireId, decimals, 'decimals')));
  return {
    ...wire,
    size: scale(wire.size, info?.size_decimals),
    price: wire.price === undefined ? undefined : scale(wire.price, info?.price_decimals),
    triggerPrice: wire.triggerPrice === undefined ? undefined : scale(wire.triggerPrice, info?.price_decimals),
  };
}
