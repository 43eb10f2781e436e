import { type Candle, Decimal, type Instrument, priceFromNumber, type Size, toPrice, toSize } from '@perpdesk/core';
import { firesOnFall } from '../../matching/trigger-side.ts';
import type { EngineOrderState, ExchangeEngine } from '../engine/exchange-engine.ts';
import { quoteAround } from './quote-around.ts';

/** What of an exchange a bar is walked on. */
export type BarSink = Pick<ExchangeEngine, 'setBook' | 'marketTrade' | 'setMark' | 'openOrders' | 'account'>;

/** With what a bar is walked. */
export interface WalkBarOptions {
  readonly engine: BarSink;
  readonly instrument: Instrument;
  /** Whose orders and position the path goes against. */
  readonly account: string;
  /** How far beyond the touch everybody trades, a fraction of price. */
  readonly slippage: Decimal;
  /** And how much is there, dollars a side. */
  readonly depthUsd: number;
  /** What of the bar's volume meets what rests, in lots. */
  readonly volume: Size;
}

type Leg = 'down' | 'up';

/** Something that the price meets on its way. */
interface Level {
  readonly key: string;
  readonly price: Decimal;
  readonly order?: EngineOrderState;
}

/**
 * Leads an exchange's market through a finished bar as the paper venue takes one: nobody knows the path inside, so it goes
 * against the account, first the leg that hurts its position, then the other. The mark comes by every price between, so that a
 * stop fires at its trigger and trades there, less the assumed slippage, at the open where the bar gapped through it; a limit
 * trades at its price, when the bar trades beyond it, up to its share of the bar's volume. A stop is hit by a touch, a take
 * profit only by a price beyond. Market and mark end at the close.
 */
export function walkBar(bar: Candle, options: WalkBarOptions): void {
  const left = { size: new Decimal(options.volume) };
  for (const leg of legsOf(bar, options)) walkLeg(bar, leg, left, options);
  standAt(options, new Decimal(bar.close), new Decimal(bar.close));
}

function legsOf(bar: Candle, { engine, account, instrument }: WalkBarOptions): readonly [Leg, Leg] {
  const held = engine.account(account).positions.find(({ coin }) => coin === instrument.base);
  const isLong = held === undefined ? bar.close >= bar.open : !held.size.startsWith('-');
  return isLong ? ['down', 'up'] : ['up', 'down'];
}

/** Goes along one leg of the bar from level to level; each may change what comes next. */
function walkLeg(bar: Candle, leg: Leg, left: { size: Decimal }, options: WalkBarOptions): void {
  const met = new Set<string>();
  for (;;) {
    const next = levelsOn(bar, leg, options)
      .filter(({ key }) => !met.has(key))
      .sort((a, b) => (leg === 'down' ? b.price.comparedTo(a.price) : a.price.comparedTo(b.price)))[0];
    if (next === undefined) return;
    met.add(next.key);
    if (next.order !== undefined && next.order.trigger === undefined) left.size = trade(next.order, left.size, options);
    else standAt(options, next.price, isGapped(bar, leg, next) ? new Decimal(bar.open) : next.price);
  }
}

function levelsOn(bar: Candle, leg: Leg, { engine, account, instrument }: WalkBarOptions): readonly Level[] {
  const coin = instrument.base;
  const orders = engine
    .openOrders(account)
    .filter((order) => order.coin === coin && order.waitsFor !== 'fill' && legOf(order) === leg)
    .map((order) => ({
      key: String(order.orderId),
      price: new Decimal(order.trigger?.price ?? order.limitPrice),
      order,
    }));
  const held = engine.account(account).positions.find((position) => position.coin === coin);
  const forced = held?.liquidationPrice;
  if (held !== undefined && forced !== undefined && held.size.startsWith('-') === (leg === 'up')) {
    // A step beyond: at the very price the margin is just enough.
    const price = priceFromNumber(instrument.priceRule, Number(forced), leg);
    return [...orders, { key: 'liquidation', price: new Decimal(price) }].filter((level) => isReached(bar, leg, level));
  }
  return orders.filter((level) => isReached(bar, leg, level));
}

/** Buy limits and what fires on a fall are met by a falling price. */
const legOf = ({ side, trigger }: EngineOrderState): Leg =>
  (trigger === undefined ? side === 'buy' : firesOnFall(trigger.kind, side)) ? 'down' : 'up';

function isReached({ low, high }: Candle, leg: Leg, { price, order }: Level): boolean {
  const beyond = leg === 'down' ? price.greaterThan(low) : price.lessThan(high);
  const isTouchEnough = order === undefined || order.trigger?.kind === 'stop-loss';
  return beyond || (isTouchEnough && price.equals(leg === 'down' ? low : high));
}

const isGapped = ({ open }: Candle, leg: Leg, { price, order }: Level): boolean =>
  order?.trigger?.kind !== 'take-profit' && (leg === 'down' ? price.greaterThan(open) : price.lessThan(open));

/** Lets others trade with a limit at its price, and tells what of their size is left. */
function trade(order: EngineOrderState, size: Decimal, { engine, account, instrument }: WalkBarOptions): Decimal {
  if (size.isZero()) return size;
  const restingOf = (): Decimal =>
    engine
      .openOrders(account)
      .filter(({ orderId }) => orderId === order.orderId)
      .reduce((sum, { remainingSize }) => sum.plus(remainingSize), new Decimal(0));
  const before = restingOf();
  const traded = Decimal.min(size, before);
  // Nobody else stands in the way: how the book lay within the minute is not known.
  engine.setBook(instrument.base, [], []);
  engine.marketTrade(instrument.base, order.side === 'buy' ? 'sell' : 'buy', order.limitPrice, toSize(traded));
  return size.minus(before).plus(restingOf());
}

/** Puts the book around a price, then the mark at a level. */
function standAt({ engine, instrument, slippage, depthUsd }: WalkBarOptions, mark: Decimal, price: Decimal): void {
  const { bids, asks } = quoteAround(instrument, { bid: price, ask: price }, { slippage, depthUsd });
  engine.setBook(instrument.base, bids, asks);
  engine.setMark(instrument.base, toPrice(mark));
}
