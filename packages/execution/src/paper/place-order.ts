import {
  Decimal,
  type Instrument,
  initialMargin,
  maintenanceMargin,
  type Order,
  type OrderIntent,
  type Rejection,
  tierAt,
  toUsd,
  zeroSize,
} from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import { accountFigures, exactPrice, openingCost, openingSize } from './account-figures.ts';
import { crosses, marginRejection, matchArrival, wouldTake } from './match-order.ts';
import { opposes, type PaperAccount, type PaperPosition, takenFrom } from './paper-account.ts';
import type { PaperContext, PaperQuote } from './paper-context.ts';
import { latencyOf } from './paper-latency.ts';
import { takerSlices } from './taker-slices.ts';

/** What became of an intent: the account after it, or the refusal that left the account as it was. */
export type PlaceResult =
  | { readonly outcome: 'accepted'; readonly order: Order; readonly transition: Transition }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection };

/** What an order is placed with. */
export interface PlaceRequest {
  readonly account: PaperAccount;
  readonly intent: OrderIntent;
  readonly instrument: Instrument;
  /** Prices to match with now; undefined when nothing is known of the market. */
  readonly quote: PaperQuote | undefined;
  readonly context: PaperContext;
}

/**
 * Takes an order on: checks it against account and market, keeps it, and matches it at once, or after the assumed latency.
 * Pure: the account it was given stays as it was.
 */
export function placeOrder(request: PlaceRequest): PlaceResult {
  const { account, intent, instrument, quote, context } = request;
  const rejection = refusePlacing(request);
  if (rejection !== undefined) return { outcome: 'rejected', rejection };
  const draft = new AccountDraft(account, context);
  const sequence = draft.number();
  const latencyMs = latencyOf(context.rules, 'place', intent.clientOrderId);
  draft.putOrder({
    order: {
      ...intent,
      venueOrderId: draft.name('o', sequence),
      status: 'open',
      filledSize: zeroSize,
      createdAtMs: context.atMs,
      updatedAtMs: context.atMs,
    },
    sequence,
    sinceMs: context.atMs + latencyMs,
    active: latencyMs === 0,
    triggered: false,
    filledValue: new Decimal(0),
  });
  if (latencyMs === 0 && quote !== undefined) matchArrival(draft, instrument, intent.clientOrderId, quote);
  return accepted(draft, intent.clientOrderId);
}

/** The outcome of a draft in which an order was put. */
export function accepted(draft: AccountDraft, clientOrderId: string): PlaceResult {
  const order = draft.order(clientOrderId)?.order;
  const transition = draft.finish();
  if (order === undefined || transition === undefined) throw new TypeError('An accepted order leaves a change.');
  return { outcome: 'accepted', order, transition };
}

function refusePlacing({ account, intent, instrument, quote, context }: PlaceRequest): Rejection | undefined {
  const position = account.positions.get(instrument.id);
  const waits = intent.reduceOnly && intent.triggerPrice !== undefined;
  if (quote === undefined && !waits) return { code: 'market-data.missing', message: `${instrument.id} has no price.` };
  if (
    quote !== undefined &&
    intent.type === 'limit' &&
    intent.timeInForce === 'post-only' &&
    intent.price !== undefined
  ) {
    if (crosses(intent.side, new Decimal(intent.price), quote)) return wouldTake(intent.price);
  }
  if (intent.reduceOnly || quote === undefined) return refuseReducing(position, intent);
  return refuseOpening({ account, intent, instrument, quote, context }, position);
}

function refuseReducing(position: PaperPosition | undefined, { side, size }: OrderIntent): Rejection | undefined {
  if (position !== undefined && opposes(position, side)) return undefined;
  return {
    code: 'reduce-only.violated',
    message: 'There is no position that this order would reduce.',
    limit: '0',
    actual: size,
  };
}

/** The checks of what would carry new risk: leverage by tier, margin mode, margin. */
export function refuseOpening(
  { account, intent, instrument, quote, context }: PlaceRequest & { readonly quote: PaperQuote },
  position: PaperPosition | undefined,
): Rejection | undefined {
  const opening = openingSize(account, intent.side, instrument.id, new Decimal(intent.size));
  if (opening.isZero()) return undefined;
  const adds = position !== undefined && !opposes(position, intent.side);
  if (adds && intent.marginMode !== undefined && intent.marginMode !== position.marginMode) {
    return {
      code: 'margin-mode.not-permitted',
      message: 'A position keeps its margin mode.',
      limit: position.marginMode,
      actual: intent.marginMode,
    };
  }
  const price = expectedPrice({ account, intent, instrument, quote, context });
  const leverage = intent.leverage ?? (adds ? position.leverage : 1);
  const notional = opening.times(price).plus(adds ? position.cost : 0);
  const highest = tierAt(instrument.marginTiers, toUsd(notional)).maxLeverage;
  if (leverage > highest) {
    return {
      code: 'leverage.limit',
      message: 'The leverage is above what the venue allows at this size.',
      limit: String(highest),
      actual: String(leverage),
    };
  }
  const maintenance = new Decimal(maintenanceMargin(instrument.marginTiers, toUsd(notional)));
  const initial = new Decimal(initialMargin(toUsd(notional), leverage));
  if (initial.lessThanOrEqualTo(maintenance)) {
    return {
      code: 'leverage.limit',
      message: 'The margin would not exceed its maintenance.',
      limit: maintenance.toFixed(),
      actual: initial.toFixed(),
    };
  }
  const required = openingCost({
    size: opening,
    price,
    leverage,
    takerFeeRate: new Decimal(instrument.takerFeeRate),
  });
  const available = accountFigures(account, context).availableMargin;
  return required.greaterThan(available) ? marginRejection(required, available) : undefined;
}

/** The price an opening is reckoned with: the worst it may fill at. */
function expectedPrice({
  account,
  intent,
  instrument,
  quote,
  context,
}: PlaceRequest & { readonly quote: PaperQuote }): Decimal {
  // A sell that crosses fills above its limit, and a short of that value needs the margin.
  if (intent.type === 'limit' && intent.price !== undefined) {
    return intent.side === 'buy' ? new Decimal(intent.price) : Decimal.max(intent.price, exactPrice(quote.bid));
  }
  if (intent.triggerPrice !== undefined) return new Decimal(intent.triggerPrice);
  const slices = takerSlices({
    side: intent.side,
    size: new Decimal(intent.size),
    ...(intent.price === undefined ? {} : { limit: new Decimal(intent.price) }),
    quote,
    instrument,
    slippage: context.rules.slippage,
    taken: takenFrom(account, instrument.id, quote.book, intent.side),
  });
  return slices.at(-1)?.price ?? exactPrice(intent.side === 'buy' ? quote.ask : quote.bid);
}
