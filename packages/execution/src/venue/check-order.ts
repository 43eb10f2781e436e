import {
  Decimal,
  type Instrument,
  isOnLot,
  isOnRule,
  type OrderIntent,
  type Rejection,
  type VenueCapabilities,
} from '@perpdesk/core';

const refuse = (code: Rejection['code'], message: string, limit?: string, actual?: string): Rejection => ({
  code,
  message,
  ...(limit === undefined ? {} : { limit }),
  ...(actual === undefined ? {} : { actual }),
});

/**
 * Checks an order against the venue's static rules before anything is sent: a known linear instrument that trades, a whole
 * number of lots and ticks, the minima (from which what only reduces is exempt), the fields its type needs.
 */
export function checkOrder(
  intent: OrderIntent,
  instrument: Instrument | undefined,
  capabilities: VenueCapabilities,
  /** What a market order is reckoned to fill at, for the minimum notional; undefined leaves that check out. */
  referencePrice?: number,
): Rejection | undefined {
  if (instrument === undefined)
    return refuse(
      'instrument.unknown',
      `${intent.venue} does not list this instrument.`,
      undefined,
      intent.instrumentId,
    );
  if (instrument.contract === 'inverse') {
    return refuse(
      'settlement.unsupported',
      'Contracts that are settled in the base asset are market data only.',
      'linear',
      'inverse',
    );
  }
  if (instrument.status !== 'trading')
    return refuse('instrument.not-trading', `${instrument.id} is not trading.`, 'trading', instrument.status);
  return (
    checkFields(intent, capabilities) ??
    checkPrices(intent, instrument) ??
    checkSize(intent, instrument, referencePrice)
  );
}

function checkFields(
  { type, price, triggerPrice, timeInForce, marginMode }: OrderIntent,
  capabilities: VenueCapabilities,
): Rejection | undefined {
  const triggers = type === 'stop-market' || type === 'take-profit-market';
  if (type === 'limit' && price === undefined) return refuse('order.invalid', 'A limit order has a price.');
  if (triggers !== (triggerPrice !== undefined)) {
    return refuse('order.invalid', 'A stop or take profit has a trigger price, another order has none.');
  }
  if (triggers && price !== undefined)
    return refuse('order.invalid', 'A stop or take profit fills at the market and has no limit.');
  if (timeInForce === 'post-only' && (type !== 'limit' || !capabilities.postOnly)) {
    return refuse('order.invalid', 'Only a limit order can be post-only, where the venue has it.');
  }
  if (marginMode !== undefined && !capabilities.marginModes.includes(marginMode)) {
    return refuse(
      'margin-mode.not-permitted',
      'The venue does not have this margin mode.',
      capabilities.marginModes.join(', '),
      marginMode,
    );
  }
  return undefined;
}

function checkPrices({ price, triggerPrice }: OrderIntent, { priceRule }: Instrument): Rejection | undefined {
  for (const given of [price, triggerPrice]) {
    if (given === undefined) continue;
    if (!new Decimal(given).greaterThan(0)) return refuse('price.invalid', 'A price is above zero.', '0', given);
    if (!isOnRule(priceRule, given)) {
      const limit =
        priceRule.kind === 'tick' ? priceRule.tick : `${priceRule.figures} figures, ${priceRule.maxDecimals} decimals`;
      return refuse('price.invalid', 'The price is not one the venue takes.', limit, given);
    }
  }
  return undefined;
}

function checkSize(
  { size, price, triggerPrice, reduceOnly }: OrderIntent,
  instrument: Instrument,
  referencePrice?: number,
): Rejection | undefined {
  const amount = new Decimal(size);
  if (!amount.greaterThan(0)) return refuse('size.invalid', 'A size is above zero.', '0', size);
  if (!isOnLot(instrument.lotSize, size))
    return refuse('size.invalid', 'The size is not a whole number of lots.', instrument.lotSize, size);
  if (reduceOnly) return undefined;
  if (amount.lessThan(instrument.minSize))
    return refuse('size.below-minimum', 'The size is below the minimum.', instrument.minSize, size);
  const reference = price ?? triggerPrice ?? referencePrice;
  if (reference === undefined) return undefined;
  const notional = amount.times(reference);
  if (notional.greaterThanOrEqualTo(instrument.minNotional)) return undefined;
  return refuse('size.below-minimum', 'The notional is below the minimum.', instrument.minNotional, notional.toFixed());
}
