import {
  Decimal,
  type Instrument,
  type NewDomainEvent,
  type Price,
  priceFromNumber,
  type Random,
  type Recommendation,
  roundKey,
  roundPrice,
  toPrice,
  toRate,
} from '@perpdesk/core';

/** Makes a plan as Riven publishes one: either way, with a stop a few minutes of this market away. */
export function drawPlan(options: {
  readonly random: Random;
  readonly instrument: Instrument;
  readonly mark: number;
  readonly nowMs: number;
}): NewDomainEvent<'recommendation.published'> {
  const { instrument, mark, nowMs, random } = options;
  const long = random.next() < 0.5;
  const key = roundKey(instrument.market, '15m', nowMs);
  const distance = 0.002 + random.next() * 0.004;
  const entry = priceFromNumber(instrument.priceRule, mark, 'nearest');
  const away = (share: number): Price => {
    const price = new Decimal(entry).times(1 + (long ? share : -share) * distance);
    return roundPrice(instrument.priceRule, toPrice(price), 'nearest');
  };
  const two = random.next() < 0.6;
  const payload: Recommendation = {
    id: `recommendation:${key}`,
    roundKey: key,
    market: instrument.market,
    instrumentId: instrument.id,
    timeframe: '15m',
    direction: long ? 'long' : 'short',
    entry,
    stopLoss: away(-1),
    takeProfits: two
      ? [
          { price: away(1.5), fraction: toRate('0.5') },
          { price: away(3), fraction: toRate('0.5') },
        ]
      : [{ price: away(2), fraction: toRate(1) }],
    confidence: 0.65 + random.next() * 0.3,
    archetype: 'momentum',
    scaling: 'fixed',
    atr: mark * 0.002,
    atrMedian: mark * 0.002,
    reasoning: 'A plan of the simulation.',
    contributors: [],
    createdAtMs: nowMs,
    expiresAtMs: nowMs + 600_000,
  };
  return { id: payload.id, type: 'recommendation.published', key: instrument.market, payload };
}
