import { type Candle, Decimal, floorToLot, type Instrument, toSize } from '@perpdesk/core';
import { AccountDraft, type Transition } from './account-draft.ts';
import { exactPrice, liquidationPriceOf, reachesLiquidation } from './account-figures.ts';
import { fillOrder } from './fill-order.ts';
import { liquidate } from './liquidate.ts';
import { firesBelow, trigger } from './match-order.ts';
import { isOpen, ordersOn, type PaperAccount, type PaperOrder, remainingOf } from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';
import { slip } from './taker-slices.ts';

type Leg = 'down' | 'up';

/**
 * Matches one finished bar. Nobody knows the path inside a bar, so it is taken against the account: the leg that hurts the
 * position first (its stop, its liquidation), then the other (its take profit). Within a leg, levels are met in the order of
 * price. Only orders that rested when the bar opened take part.
 *
 * - A stop or take profit fills at its trigger, a stop at the open where the bar gapped through it, less the assumed
 *   slippage. Stops are hit by a touch, take profits only when the price trades beyond them.
 * - A limit fills at its price, only when the bar trades beyond it, up to its share of the bar's volume.
 * - The bar's extremes stand for the mark: a liquidation price within the bar liquidates.
 *
 * Undefined when nothing happens; without orders and positions that is a few comparisons.
 */
export function matchBar(
  account: PaperAccount,
  bar: Candle,
  instrument: Instrument,
  context: PaperContext,
): Transition | undefined {
  const resting = ordersOn(account, bar.instrumentId).filter(
    (entry) => entry.active && !entry.triggered && entry.sinceMs <= bar.openAtMs && isTouched(entry, bar),
  );
  if (resting.length === 0 && !mayLiquidate(account, bar, context)) return undefined;
  const draft = new AccountDraft(account, context);
  const waiting = new Set(resting.map(({ order }) => order.clientOrderId));
  const volume = { left: new Decimal(volumeFor(bar, instrument, context)) };
  for (const leg of legsOf(account, bar)) walk(draft, { bar, instrument, leg, waiting, volume });
  return draft.finish();
}

interface Walk {
  readonly bar: Candle;
  readonly instrument: Instrument;
  readonly leg: Leg;
  /** Orders not yet met in this bar. */
  readonly waiting: Set<string>;
  readonly volume: { left: Decimal };
}

function legsOf(account: PaperAccount, bar: Candle): readonly [Leg, Leg] {
  const direction = account.positions.get(bar.instrumentId)?.direction ?? (bar.close >= bar.open ? 'long' : 'short');
  return direction === 'long' ? ['down', 'up'] : ['up', 'down'];
}

/** Goes along one leg of the bar, meeting one level after another; each may change what comes next. */
function walk(draft: AccountDraft, given: Walk): void {
  const { bar, instrument, leg, waiting } = given;
  const open = exactPrice(bar.open);
  for (;;) {
    const next = nearest(draft, given);
    const forced = forcedAt(draft, bar, leg);
    if (
      forced !== undefined &&
      (next === undefined || !isBefore(leg, levelOf(next), forced) || isBeyond(leg, open, forced))
    ) {
      liquidate(draft, instrument, isBeyond(leg, open, forced) ? open : forced, bar.openAtMs);
      continue;
    }
    if (next === undefined) return;
    waiting.delete(next.order.clientOrderId);
    if (next.order.type === 'limit') fillLimit(draft, given, next);
    else fillTriggered(draft, given, next, open);
  }
}

/** The order that the price meets next on this leg. */
function nearest(draft: AccountDraft, { leg, waiting }: Walk): PaperOrder | undefined {
  let found: PaperOrder | undefined;
  for (const id of waiting) {
    const entry = draft.order(id);
    if (entry === undefined || !isOpen(entry.order) || legOf(entry) !== leg) continue;
    if (found === undefined || isBefore(leg, levelOf(entry), levelOf(found))) found = entry;
  }
  return found;
}

function fillLimit(draft: AccountDraft, { bar, instrument, volume }: Walk, entry: PaperOrder): void {
  const size = Decimal.min(volume.left, remainingOf(entry));
  if (size.isZero()) return;
  const before = new Decimal(entry.order.filledSize);
  const after = fillOrder(draft, {
    instrument,
    clientOrderId: entry.order.clientOrderId,
    price: levelOf(entry),
    size,
    liquidity: 'maker',
    happenedAtMs: bar.openAtMs,
  });
  volume.left = volume.left.minus(new Decimal(after?.order.filledSize ?? 0).minus(before));
}

function fillTriggered(draft: AccountDraft, { bar, instrument, leg }: Walk, entry: PaperOrder, open: Decimal): void {
  const level = levelOf(entry);
  const gapped = entry.order.type === 'stop-market' && isBeyond(leg, open, level);
  const price = slip(instrument, gapped ? open : level, entry.order.side, draft.context.rules.slippage);
  const fired = trigger(draft, instrument, entry, price);
  if (fired === undefined) return;
  const { clientOrderId } = fired.order;
  fillOrder(draft, {
    instrument,
    clientOrderId,
    price,
    size: remainingOf(fired),
    liquidity: 'taker',
    happenedAtMs: bar.openAtMs,
  });
}

/** Buy limits and what fires below are met by a falling price. */
const legOf = ({ order }: PaperOrder): Leg =>
  (order.type === 'limit' ? order.side === 'buy' : firesBelow(order)) ? 'down' : 'up';
const levelOf = ({ order }: PaperOrder): Decimal =>
  new Decimal((order.type === 'limit' ? order.price : order.triggerPrice) ?? 0);
const isBefore = (leg: Leg, a: Decimal, b: Decimal): boolean => (leg === 'down' ? a.greaterThan(b) : a.lessThan(b));
/** True when a price lies past a level as one comes along the leg, or on it. */
const isBeyond = (leg: Leg, price: Decimal, level: Decimal): boolean => !isBefore(leg, price, level);

function isTouched(entry: PaperOrder, bar: Candle): boolean {
  const level = Number((entry.order.type === 'limit' ? entry.order.price : entry.order.triggerPrice) ?? Number.NaN);
  if (entry.order.type === 'stop-market') return legOf(entry) === 'down' ? bar.low <= level : bar.high >= level;
  return legOf(entry) === 'down' ? bar.low < level : bar.high > level;
}

/** The liquidation price of a position that stood when the bar opened, where the bar reaches it on this leg. */
function forcedAt(draft: AccountDraft, bar: Candle, leg: Leg): Decimal | undefined {
  const position = draft.position(bar.instrumentId);
  if (position === undefined || position.openedAtMs > bar.openAtMs) return undefined;
  if ((position.direction === 'long') !== (leg === 'down')) return undefined;
  const price = liquidationPriceOf(draft.account, position, draft.context);
  if (price === undefined) return undefined;
  return isBeyond(leg, exactPrice(leg === 'down' ? bar.low : bar.high), price) ? price : undefined;
}

function mayLiquidate(account: PaperAccount, bar: Candle, context: PaperContext): boolean {
  const position = account.positions.get(bar.instrumentId);
  if (position === undefined || position.openedAtMs > bar.openAtMs) return false;
  return reachesLiquidation(account, position, position.direction === 'long' ? bar.low : bar.high, context);
}

const volumeFor = (bar: Candle, instrument: Instrument, { rules }: PaperContext): string =>
  floorToLot(instrument.lotSize, toSize(exactPrice(bar.volume).times(rules.volumeShare)));
