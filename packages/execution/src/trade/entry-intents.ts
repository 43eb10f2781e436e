import {
  Decimal,
  type EntryLeg,
  floorToLot,
  type Guidance,
  type Instrument,
  type OrderIntent,
  type Price,
  roundLimitPrice,
  type Side,
  type Signal,
  type Size,
  scale,
  toRate,
  toSize,
} from '@perpdesk/core';

/** One entry order of a trade, before it has a client order id. */
export interface EntryLegIntent {
  /** The workflow's step it is sent in: `entry-0`; a slice of a leg `entry-0-slice-3`. */
  readonly step: string;
  /** How long after the first it goes, ms. */
  readonly afterMs: number;
  readonly intent: Omit<OrderIntent, 'clientOrderId'>;
}

type Trade = { readonly tradeId: string; readonly traceId: string };

/** The side that enters a signal. */
export const entrySide = ({ direction }: Pick<Signal, 'direction'>): Side => (direction === 'long' ? 'buy' : 'sell');

/**
 * Turns guidance into entry orders: each leg its fraction of the size, rounded down to the lot, the last leg what is left,
 * so that the legs sum to the signal's size. Legs that round to nothing, or below the venue's minimum, go to the last. Over
 * time (`twap`) each leg is cut the same way into equal slices. A `chase` is one limit of the whole size that never takes.
 * Market legs carry the worst price accepted: the entry moved against the trade by the plan's slippage.
 */
export function entryIntents(
  signal: Signal,
  guidance: Guidance,
  instrument: Instrument,
  trade: Trade,
): readonly EntryLegIntent[] {
  const { legs, pacing } = guidance;
  if (pacing?.kind === 'chase') {
    const intent = legIntent(signal, { type: 'limit', fraction: toRate(1) }, signal.size, undefined, trade);
    return [{ step: 'entry-0', afterMs: 0, intent: { ...intent, timeInForce: 'post-only' } }];
  }
  const sizes = splitSize(
    signal.size,
    legs.map(({ fraction }) => fraction),
    instrument,
  );
  return legs.flatMap((leg, index): EntryLegIntent[] => {
    const size = sizes[index];
    if (size === undefined || new Decimal(size).isZero()) return [];
    const price = limitOf(signal, leg, guidance, instrument);
    if (pacing === undefined) {
      return [{ step: `entry-${index}`, afterMs: 0, intent: legIntent(signal, leg, size, price, trade) }];
    }
    const equal = Array.from({ length: pacing.slices }, () => toRate(new Decimal(1).dividedBy(pacing.slices)));
    return splitSize(size, equal, instrument).flatMap((part, slice) => {
      if (new Decimal(part).isZero()) return [];
      const afterMs = Math.floor((pacing.durationMs * slice) / pacing.slices);
      return [{ step: `entry-${index}-slice-${slice}`, afterMs, intent: legIntent(signal, leg, part, price, trade) }];
    });
  });
}

/** The market order that takes what a chase has left, bounded by how far it may go from the entry. */
export const takingIntent = (chase: EntryLegIntent['intent'], size: Size, worst: Price): EntryLegIntent['intent'] => ({
  ...chase,
  type: 'market',
  size,
  price: worst,
  timeInForce: 'ioc',
});

function limitOf(signal: Signal, leg: EntryLeg, { slippage }: Guidance, { priceRule }: Instrument): Price | undefined {
  const side = entrySide(signal);
  const limit = leg.type === 'market' ? movedAgainst(signal, slippage) : leg.price;
  return limit === undefined ? undefined : roundLimitPrice(priceRule, side, limit);
}

/** The entry moved against the trade by a fraction of it: the worst price that is paid. */
export const movedAgainst = (signal: Signal, fraction: Guidance['slippage']): Price =>
  scale(signal.entry, new Decimal(1).plus(new Decimal(fraction).times(entrySide(signal) === 'buy' ? 1 : -1)));

const legIntent = (
  signal: Signal,
  { type }: Pick<EntryLeg, 'type' | 'fraction'>,
  size: Size,
  price: Price | undefined,
  { tradeId, traceId }: Trade,
): EntryLegIntent['intent'] => ({
  userId: signal.userId,
  venue: signal.venue,
  instrumentId: signal.instrumentId,
  side: entrySide(signal),
  type,
  size,
  ...(price === undefined ? {} : { price }),
  timeInForce: type === 'market' ? 'ioc' : 'gtc',
  reduceOnly: false,
  purpose: 'entry',
  origin: 'agent',
  stopLoss: signal.stopLoss,
  leverage: signal.leverage,
  marginMode: signal.marginMode,
  traceId,
  tradeId,
  signalId: signal.id,
});

/** Parts of a size by fractions, in lots; a part below the venue's minimum goes to the last, which takes what is left. */
function splitSize(
  total: Size,
  fractions: readonly EntryLeg['fraction'][],
  instrument: Pick<Instrument, 'lotSize' | 'minSize'>,
): readonly Size[] {
  let left = new Decimal(total);
  return fractions.map((fraction, index) => {
    const last = index === fractions.length - 1;
    const part = last ? left : new Decimal(floorToLot(instrument.lotSize, scale(total, fraction)));
    const sent = !last && part.lessThan(instrument.minSize) ? new Decimal(0) : part;
    left = left.minus(sent);
    return toSize(sent);
  });
}
