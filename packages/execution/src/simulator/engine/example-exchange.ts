import { type Price, SimulatedClock, type Size, toPrice, toSize, toUsd } from '@perpdesk/core';
import type { EngineAnswer, EngineEvent, EngineOrder } from './exchange-engine.ts';
import { SimulatedExchange } from './simulated-exchange.ts';
import type { SimulatedExchangeOptions } from './simulated-exchange-options.ts';

/** An exchange with three funded accounts, BTC at 50,000 and a book of other participants around it, for tests. */
export function exampleExchange(options: Partial<SimulatedExchangeOptions> = {}): {
  readonly exchange: SimulatedExchange;
  readonly clock: SimulatedClock;
  readonly events: EngineEvent[];
  /** Places one order of `alice` or of another account. */
  readonly place: (order: Partial<EngineOrder>, account?: string) => EngineAnswer;
  readonly book: (bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]) => void;
  readonly mark: (price: number) => void;
} {
  const clock = new SimulatedClock({ startAtMs: Date.parse('2026-03-02T10:10:00Z') });
  const exchange = new SimulatedExchange({ clock, ...options });
  const events: EngineEvent[] = [];
  for (const name of ['alice', 'bob', 'carol']) exchange.deposit(name, toUsd(10_000));
  const book = (bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): void =>
    exchange.setBook('BTC', bids.map(level), asks.map(level));
  const mark = (price: number): void => exchange.setMark('BTC', toPrice(price));
  mark(50_000);
  book(
    [
      [49_990, 1],
      [49_980, 2],
    ],
    [
      [50_010, 1],
      [50_020, 2],
    ],
  );
  exchange.on((event) => events.push(event));
  const place = (order: Partial<EngineOrder>, account = 'alice'): EngineAnswer => {
    const [answer] = exchange.place(account, [exampleEngineOrder(order)], 'na');
    if (answer === undefined) throw new TypeError('An order has an answer.');
    return answer;
  };
  return { exchange, clock, events, place, book, mark };
}

const level = ([price, size]: readonly [number, number]): readonly [Price, Size] => [toPrice(price), toSize(size)];

/** A resting buy of 0.1 BTC at 49,000, but for what is given. */
export const exampleEngineOrder = (order: Partial<EngineOrder> = {}): EngineOrder => ({
  coin: 'BTC',
  side: 'buy',
  size: toSize('0.1'),
  limitPrice: toPrice(49_000),
  timeInForce: 'gtc',
  reduceOnly: false,
  ...order,
});
