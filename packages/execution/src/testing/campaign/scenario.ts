import { type OrderIntent, type Price, type Random, toPrice, toSize } from '@perpdesk/core';
import { btcAt } from './campaign-world.ts';
import { between, chance, type Verb } from './duplicate-case.ts';

/** A leg of a trade: what one order of it is to be. */
export interface Leg {
  readonly name: string;
  readonly intent: Omit<OrderIntent, 'clientOrderId'>;
}

/** What a run does: first in peace, then with its answers lost, then what others do meanwhile. */
export interface Scenario {
  readonly setUp: readonly Leg[];
  readonly legs: readonly Leg[];
  /** Only for `amend`: the leg as it is to be. */
  readonly amended?: Leg;
  /** What the market does while it is not known what became of the orders. */
  readonly market: 'still' | 'trades-through' | 'mark-moves';
}

/** Draws what is done with orders under one of the verbs. */
export function scenario(verb: Verb, random: Random): Scenario {
  const buys = chance(random, 0.5);
  const size = (units: number) => toSize((units / 1000).toFixed(3));
  const units = between(random, 8, 30);
  const leg = (name: string, changes: Partial<OrderIntent>): Leg => ({
    name,
    intent: {
      ...{ userId: 'alice', venue: 'hyperliquid', instrumentId: btcAt.id, side: buys ? 'buy' : 'sell' },
      ...{
        type: 'limit',
        size: size(units),
        timeInForce: 'gtc',
        reduceOnly: false,
        purpose: 'entry',
        origin: 'manual',
      },
      ...changes,
    },
  });
  const away = (share: number): Price => toPrice(Math.round(60_000 * (1 + (buys ? -share : share))));
  const market = (name: string, changes: Partial<OrderIntent> = {}): Leg =>
    leg(name, {
      ...{ type: 'market', timeInForce: 'ioc' },
      ...(chance(random, 0.5) ? { price: away(-0.01) } : {}),
      ...changes,
    });
  const resting = (name: string, share: number, changes: Partial<OrderIntent> = {}): Leg =>
    leg(name, { price: away(share), ...changes });
  const exitSide = buys ? 'sell' : 'buy';
  const meanwhile = chance(random, 0.4) ? 'trades-through' : 'still';
  switch (verb) {
    case 'market':
      return { setUp: [], legs: [market('entry')], market: 'still' };
    case 'limit':
      return { setUp: [], legs: [resting('entry', chance(random, 0.4) ? -0.005 : 0.004)], market: meanwhile };
    case 'post-only':
      return { setUp: [], legs: [resting('entry', 0.004, { timeInForce: 'post-only' })], market: meanwhile };
    case 'trigger':
      return {
        setUp: [market('opening', { size: size(units * 2) })],
        legs: [
          leg('stop', {
            ...{
              type: 'stop-market',
              side: exitSide,
              triggerPrice: away(0.02),
              reduceOnly: true,
              purpose: 'stop-loss',
            },
            size: size(chance(random, 0.5) ? units : units * 2),
          }),
        ],
        market: chance(random, 0.5) ? 'mark-moves' : 'still',
      };
    case 'batch':
      return {
        setUp: [],
        legs: [resting('rung 1', -0.003), resting('rung 2', 0.003), resting('rung 3', 0.006)],
        market: meanwhile,
      };
    case 'amend': {
      const before = resting('entry', 0.004);
      const changed = {
        size: size(between(random, units - 3, units + 15)),
        price: away(chance(random, 0.5) ? 0.004 : 0.006),
      };
      return {
        setUp: [before],
        legs: [],
        amended: { name: 'entry', intent: { ...before.intent, ...changed } },
        market: meanwhile,
      };
    }
    case 'cancel':
      return { setUp: [resting('entry', 0.004)], legs: [], market: meanwhile };
    case 'cancel-all':
      return {
        setUp: [resting('rung 1', 0.003), resting('rung 2', 0.004), resting('rung 3', 0.006)],
        legs: [],
        market: meanwhile,
      };
    case 'close':
      return {
        setUp: [market('opening', { size: size(units * 2) })],
        legs: [
          leg('exit', {
            ...{ type: 'market', timeInForce: 'ioc', side: exitSide, reduceOnly: true, purpose: 'exit' },
            size: size(chance(random, 0.6) ? units : units * 2),
          }),
        ],
        market: 'still',
      };
    case 'leverage':
      return {
        setUp: [],
        legs: [
          market('entry', { leverage: between(random, 2, 18), marginMode: chance(random, 0.5) ? 'cross' : 'isolated' }),
        ],
        market: 'still',
      };
  }
}
