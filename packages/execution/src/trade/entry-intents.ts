import {
  Decimal,
  floorToLot,
  type Guidance,
  type Instrument,
  type OrderIntent,
  roundPrice,
  type Signal,
  type Size,
  scale,
  toSize,
} from '@perpdesk/core';

/** One entry order of a trade, before it has a client order id. */
export interface EntryLegIntent {
  /** The workflow's step it is sent in: `entry-0`. */
  readonly step: string;
  readonly intent: Omit<OrderIntent, 'clientOrderId'>;
}

/**
 * Turns guidance into entry orders: each leg its fraction of the size, rounded down to the lot, the last leg what is left,
 * so that the legs sum to the signal's size. Legs that round to nothing, or below the venue's minimum, go to the last.
 * Market legs carry the worst price accepted: the entry moved against the trade by the plan's slippage.
 */
export function entryIntents(
  signal: Signal,
  guidance: Guidance,
  instrument: Instrument,
  { tradeId, traceId }: { readonly tradeId: string; readonly traceId: string },
): readonly EntryLegIntent[] {
  const side = signal.direction === 'long' ? 'buy' : 'sell';
  const sizes = splitSize(signal.size, guidance, instrument);
  return guidance.legs.flatMap((leg, index) => {
    const size = sizes[index];
    if (size === undefined || new Decimal(size).isZero()) return [];
    const market = leg.type === 'market';
    const limit = market
      ? scale(signal.entry, new Decimal(1).plus(new Decimal(guidance.slippage).times(side === 'buy' ? 1 : -1)))
      : leg.price;
    return [
      {
        step: `entry-${index}`,
        intent: {
          userId: signal.userId,
          venue: signal.venue,
          instrumentId: signal.instrumentId,
          side,
          type: leg.type,
          size,
          ...(limit === undefined
            ? {}
            : { price: roundPrice(instrument.priceRule, limit, side === 'buy' ? 'down' : 'up') }),
          timeInForce: market ? 'ioc' : 'gtc',
          reduceOnly: false,
          purpose: 'entry',
          origin: 'agent',
          stopLoss: signal.stopLoss,
          leverage: signal.leverage,
          marginMode: signal.marginMode,
          traceId,
          tradeId,
          signalId: signal.id,
        },
      },
    ];
  });
}

function splitSize(total: Size, guidance: Guidance, instrument: Instrument): readonly Size[] {
  let left = new Decimal(total);
  return guidance.legs.map((leg, index) => {
    const last = index === guidance.legs.length - 1;
    const part = last ? left : new Decimal(floorToLot(instrument.lotSize, scale(total, leg.fraction)));
    const sent = !last && part.lessThan(instrument.minSize) ? new Decimal(0) : part;
    left = left.minus(sent);
    return toSize(sent);
  });
}
