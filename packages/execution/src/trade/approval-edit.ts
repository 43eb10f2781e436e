import {
  compare,
  Decimal,
  entryLegSchema,
  type Guidance,
  type Instrument,
  isOnLot,
  maximum,
  minimum,
  type Price,
  priceSchema,
  type Rejection,
  type RejectionCode,
  roundLimitPrice,
  type Signal,
  sizeSchema,
  takeProfitSchema,
  toPrice,
  toRate,
  toSize,
} from '@perpdesk/core';
import * as z from 'zod';

/** What a user may change of a signal before approving it; what is left out stays. */
export const approvalEditSchema = z
  .strictObject({
    /** In whole lots, base units. */
    size: sizeSchema.exactOptional(),
    stopLoss: priceSchema.exactOptional(),
    takeProfits: z.array(takeProfitSchema).min(1).max(4).exactOptional(),
    /** The entry orders. They end a chase, and a TWAP goes on with them. */
    legs: z.array(entryLegSchema).min(1).max(3).exactOptional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, 'An edit changes something.');
export type ApprovalEdit = z.infer<typeof approvalEditSchema>;

/** A signal and how it is entered. */
export type Plan = { readonly signal: Signal; readonly guidance: Guidance };

/**
 * The plan as edited, or why it is none: sizes in lots, prices on the instrument's grid and on their sides, fractions that sum
 * to 1. Its entry is then the worst that its legs may pay, a market leg counted at the plan's own; notional, margin and risk
 * are those of before until Brix has judged it. Nothing is rounded: what is shown is what was asked for.
 */
export function editedPlan({ signal, guidance }: Plan, edit: ApprovalEdit, instrument: Instrument): Plan | Rejection {
  if (edit.size !== undefined && !new Decimal(edit.size).greaterThan(0))
    return refuse('size.invalid', 'A size is above zero.', 'above 0', edit.size);
  const size = edit.size === undefined ? signal.size : toSize(edit.size);
  const stopLoss = edit.stopLoss === undefined ? signal.stopLoss : toPrice(edit.stopLoss);
  const takeProfits = edit.takeProfits?.map(({ price, fraction }) => ({
    price: toPrice(price),
    fraction: toRate(fraction),
  }));
  const legs = edit.legs?.map(({ type, price, fraction }) => ({
    type,
    fraction: toRate(fraction),
    ...(price === undefined ? {} : { price: toPrice(price) }),
  }));
  const entry = legs === undefined ? signal.entry : worstEntry(signal, legs);
  const next: Plan = {
    signal: { ...signal, size, stopLoss, entry, takeProfits: takeProfits ?? signal.takeProfits },
    guidance: legs === undefined ? guidance : entered(guidance, legs),
  };
  const refused =
    sizeRefused(size, instrument) ??
    legsRefused(legs, instrument) ??
    pricesRefused(
      [...(edit.stopLoss === undefined ? [] : [stopLoss]), ...(takeProfits ?? []).map(({ price }) => price)],
      instrument,
    ) ??
    fractionsRefused(takeProfits, 'take profits') ??
    sidesRefused(next);
  return refused ?? next;
}

type Legs = Guidance['legs'];

/** The highest price that a long may pay, the lowest of a short. */
function worstEntry({ direction, entry }: Signal, legs: Legs): Price {
  const worst = direction === 'long' ? maximum<Price> : minimum<Price>;
  return legs.map(({ type, price }) => (type === 'market' ? entry : (price ?? entry))).reduce((a, b) => worst(a, b));
}

function entered({ pacing, ...guidance }: Guidance, legs: Legs): Guidance {
  const style = legs.some(({ type }) => type === 'market') ? 'market' : legs.length > 1 ? 'ladder' : 'sniper';
  return { ...guidance, style, legs, ...(pacing === undefined || pacing.kind === 'chase' ? {} : { pacing }) };
}

function sizeRefused(size: Signal['size'], { lotSize, minSize }: Instrument): Rejection | undefined {
  if (!isOnLot(lotSize, size)) return refuse('size.invalid', `A size is in lots of ${lotSize}.`, lotSize, size);
  return compare(size, minSize) < 0
    ? refuse('size.below-minimum', 'The size is less than the venue takes.', minSize, size)
    : undefined;
}

function legsRefused(legs: Legs | undefined, instrument: Instrument): Rejection | undefined {
  for (const { type, price } of legs ?? []) {
    if ((type === 'limit') !== (price !== undefined))
      return refuse('price.invalid', 'A limit leg has a price, a market leg none.', type, price ?? 'none');
  }
  const prices = (legs ?? []).flatMap(({ price }) => price ?? []);
  return pricesRefused(prices, instrument) ?? fractionsRefused(legs, 'entry legs');
}

function pricesRefused(prices: readonly Price[], { priceRule }: Instrument): Rejection | undefined {
  for (const price of prices) {
    const isPrice =
      new Decimal(price).greaterThan(0) &&
      compare(roundLimitPrice(priceRule, 'buy', price), price) === 0 &&
      compare(roundLimitPrice(priceRule, 'sell', price), price) === 0;
    if (!isPrice) return refuse('price.invalid', 'It is no price of the instrument.', 'a price on its grid', price);
  }
  return undefined;
}

function fractionsRefused(
  parts: readonly Pick<Legs[number], 'fraction'>[] | undefined,
  what: string,
): Rejection | undefined {
  if (parts === undefined) return undefined;
  const total = parts.reduce((sum, { fraction }) => sum.plus(fraction), new Decimal(0));
  return total.equals(1) && parts.every(({ fraction }) => new Decimal(fraction).greaterThan(0))
    ? undefined
    : refuse('geometry.invalid', `The fractions of the ${what} are above zero and sum to 1.`, '1', total.toFixed());
}

/** A long has its stop below, its targets above every price it may be entered at; a short the reverse. */
function sidesRefused({ signal, guidance }: Plan): Rejection | undefined {
  const { direction, entry, stopLoss, takeProfits } = signal;
  const entries = [entry, ...guidance.legs.flatMap(({ price }) => price ?? [])];
  const isBeyond = (a: Price, b: Price): boolean => (direction === 'long' ? compare(a, b) > 0 : compare(a, b) < 0);
  const atStop = entries.find((price) => !isBeyond(price, stopLoss));
  if (atStop !== undefined)
    return refuse(
      'geometry.invalid',
      `The stop of a ${direction} lies on the losing side of each entry.`,
      atStop,
      stopLoss,
    );
  const target = takeProfits.find(({ price }) => entries.some((at) => !isBeyond(price, at)));
  return target === undefined
    ? undefined
    : refuse(
        'geometry.invalid',
        `The targets of a ${direction} lie on the winning side of each entry.`,
        entry,
        target.price,
      );
}

const refuse = (code: RejectionCode, message: string, limit: string, actual: string): Rejection => ({
  code,
  message,
  limit,
  actual,
});
