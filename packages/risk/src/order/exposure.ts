import { marketOf, minimum, type Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { exact } from '../exact/exact.ts';
import { availableMarginLimit } from '../exposure/available-margin.ts';
import { correlatedRisk } from '../exposure/correlated-risk.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { type ExposureLimit, firstOverLimit } from '../exposure/exposure-limit.ts';
import { plannedLiquidation } from '../exposure/liquidation-distance.ts';
import { operatorCapLimit } from '../exposure/operator-cap.ts';
import { orderNotionalLimit } from '../exposure/order-notional.ts';
import { positionMarginLimit } from '../exposure/position-margin.ts';
import { openMarkets, venueBook } from '../exposure/venue-book.ts';
import { venueExposureLimit } from '../exposure/venue-exposure.ts';
import { unknownExposure } from '../recommendation/evaluate.ts';
import { exposureCap } from '../recommendation/risk-evaluation/exposure-cap.ts';
import { firstTradeCap } from '../recommendation/risk-evaluation/first-trade-cap.ts';
import { portfolioRisk } from '../recommendation/risk-evaluation/portfolio-risk.ts';
import { pendingOf, worstPrice } from './entry-order.ts';
import { planOf } from './liquidation.ts';
import type { EntryInput, OrderControl } from './order-input.ts';
import { committedSize, withinSignal } from './within-signal.ts';

const limits: readonly ExposureLimit[] = [
  firstTradeCap,
  positionMarginLimit,
  exposureCap,
  portfolioRisk,
  orderNotionalLimit,
  venueExposureLimit,
  operatorCapLimit,
  availableMarginLimit,
];

/**
 * A signal's leg stays within its signal, which holds its margin back already, as long as the account bears it yet; any other
 * order within the tier limits.
 */
export const exposure: OrderControl<EntryInput> = {
  name: 'exposure',
  check: (input) =>
    input.intent.signalId === undefined ? tierLimitsRefused(input) : (withinSignal(input) ?? outgrown(input)),
};

/** How far the margin of a plan may lie over its limits by now: marks move between its legs. */
const drift = '1.01';

/** A plan that was within the limits when it was approved, on an account that has shrunk since: what of it is there, and this leg. */
function outgrown(input: EntryInput): Rejection | undefined {
  const { signalId } = input.intent;
  const own = pendingOf(input);
  const known = exposureOf({
    ...input,
    pending: input.pending.filter((entry) => entry !== own),
    openOrders: input.openOrders.filter((order) => order.signalId !== signalId),
  });
  if ('code' in known || own === undefined) return 'code' in known ? known : undefined;
  const { open, underway } = committedSize(input, own);
  const size = open.plus(underway).plus(input.intent.size);
  for (const limit of [positionMarginLimit, exposureCap]) {
    const margin = limit.measure(size, known.context, known.leverage);
    if (margin?.actual.greaterThan(margin.limit.times(drift)))
      return refusal(limit.code, 'The account does not bear the plan any more.', margin.limit, margin.actual);
  }
  return undefined;
}

function tierLimitsRefused(input: EntryInput): Rejection | undefined {
  const market = `${input.intent.venue}/${marketOf(input.intent.instrumentId)}`;
  const open = openMarkets({ ...input, except: input.intent.clientOrderId });
  if (!open.has(market) && open.size >= input.limits.maxOpenPositions) {
    return refusal(
      'positions.maximum',
      'The user holds as many positions as the limits allow.',
      input.limits.maxOpenPositions,
      open.size,
    );
  }
  const known = exposureOf(input);
  if ('code' in known) return known;
  return firstOverLimit(limits, exact(input.intent.size), known.context, known.leverage);
}

/** What an order is measured against, or why that is not known. */
export type Measured = { readonly context: ExposureContext; readonly leverage: number } | Rejection;

/** What an order is measured against; without a stop it is taken to lose all the way to its liquidation. */
export function exposureOf(input: EntryInput): Measured {
  let known = measured.get(input);
  if (known === undefined) {
    known = measure(input);
    measured.set(input, known);
  }
  return known;
}

/** The control asks, and then what is reserved. */
const measured = new WeakMap<EntryInput, Measured>();

function measure(input: EntryInput): Measured {
  const { intent, instrument, account, operator } = input;
  const plan = planOf(input);
  const worst = worstPrice(input);
  if (plan === undefined || worst === undefined || instrument === undefined || account === undefined) {
    return refusal('account.unknown', 'What the order is measured against is not known.', 'known', 'unknown');
  }
  const book = venueBook({ ...input, account: account.value, instrument: input.lookup, except: intent.clientOrderId });
  if (book.unknown !== undefined) return unknownExposure(book.unknown);
  const exit = exact(intent.stopLoss ?? plannedLiquidation(plan, exact(intent.size)) ?? 0);
  const orderLimits = [input.limits.maxOrderNotional, operator.maxOrderNotional].filter((limit) => limit !== undefined);
  const [first, ...others] = orderLimits;
  const context: ExposureContext = {
    limits: input.limits,
    book,
    entry: plan.entry,
    unitLoss: worst.minus(exit).abs(),
    unitFees: plan.entry.plus(exit).times(instrument.takerFeeRate),
    instrumentMargin: book.marginOf.get(instrument.id) ?? exact(0),
    firstTrade: input.filledTrades === 0,
    confidenceFactor: exact(1),
    ...(book.parts === undefined || input.correlation === undefined
      ? {}
      : {
          correlated: correlatedRisk(
            book.parts,
            { market: instrument.market, direction: plan.direction },
            input.correlation,
          ),
        }),
    ...(first === undefined ? {} : { maxOrderNotional: exact(others.reduce((a, b) => minimum(a, b), first)) }),
    ...(operator.maxNotional === undefined
      ? {}
      : { operatorRoom: exact(operator.maxNotional).minus(operator.usedNotional) }),
  };
  return { context, leverage: plan.leverage };
}
