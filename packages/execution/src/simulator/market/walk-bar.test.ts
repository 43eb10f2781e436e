import { type Candle, SimulatedClock, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { EngineFill } from '../engine/exchange-engine.ts';
import { toInstrument } from '../engine/listed-asset.ts';
import { SimulatedExchange } from '../engine/simulated-exchange.ts';
import { TapeMarket } from './tape-market.ts';

const startAtMs = Date.UTC(2026, 0, 5, 0, 59);
const alice = '0xa';
const sol = { coin: 'SOL', sizeDecimals: 2, maxLeverage: 20, marginTiers: [] };
const instrument = toInstrument(sol);

/** A market of bars alone, at 100, against alice's account. */
function bars(leverage = 5) {
  const clock = new SimulatedClock({ startAtMs });
  const engine = new SimulatedExchange({ clock, assets: [sol] });
  engine.deposit(alice, toUsd(10_000));
  engine.setLeverage(alice, 'SOL', leverage, 'isolated');
  const fills: EngineFill[] = [];
  engine.on((event) => {
    if (event.kind === 'fill') fills.push(event.fill);
  });
  const market = new TapeMarket({ engine, instruments: [instrument], account: alice });
  const at = { exchangeAtMs: startAtMs, receivedAtMs: startAtMs };
  const touch = { last: 100, mark: 100, index: 100, bid: 99.99, ask: 100.01 };
  market.take({ observations: [{ kind: 'ticker', ticker: { instrumentId: instrument.id, ...touch, ...at } }] });
  let openAtMs = startAtMs;
  return {
    engine,
    market,
    fills: () =>
      fills.splice(0).map(({ side, price, size, liquidation }) => [side, price, size, liquidation !== undefined]),
    bar: (open: number, low: number, high: number, close: number, volume = 1_000): Candle => {
      openAtMs += 60_000;
      return { ...{ instrumentId: instrument.id, timeframe: '1m', openAtMs }, open, low, high, close, volume };
    },
    pass: (candle: Candle) => market.pass({ observations: [{ kind: 'candle', candle }] }),
    take: (candle: Candle) => market.take({ observations: [{ kind: 'candle', candle }] }),
  };
}

const order = (side: 'buy' | 'sell', size: number, limitPrice: number) =>
  ({
    ...({ coin: 'SOL', side, size: toSize(size), limitPrice: toPrice(limitPrice) } as const),
    ...({ timeInForce: 'gtc', reduceOnly: false } as const),
  }) as const;
const triggered = (side: 'buy' | 'sell', size: number, kind: 'stop-loss' | 'take-profit', price: number) => ({
  ...order(side, size, side === 'sell' ? 90 : 110),
  reduceOnly: true,
  trigger: { price: toPrice(price), market: true, kind },
});

describe('a bar that is walked', () => {
  it('default: a stop fires at its trigger within the bar, not at the mark of its end', () => {
    const { engine, bar, take, fills } = bars();
    engine.place(alice, [{ ...order('buy', 2, 101), timeInForce: 'ioc' }], 'na');
    engine.place(alice, [triggered('sell', 2, 'stop-loss', 99)], 'na');
    fills();
    take(bar(100, 99.01, 100.5, 100));
    expect(fills()).toEqual([]);
    // A touch hits it; half a thousandth is lost.
    take(bar(100, 99, 100.5, 100));
    expect(fills()).toEqual([['sell', '98.95', '2', false]]);
    expect([engine.markPrice('SOL'), engine.book('SOL').bids[0]?.price]).toEqual(['100', '99.95']);
  });

  it('behavior: a stop that the bar gapped through trades at the open, a take profit at its trigger, if beyond', () => {
    const { engine, bar, take, fills } = bars();
    engine.place(alice, [{ ...order('sell', 2, 99), timeInForce: 'ioc' }], 'na');
    engine.place(alice, [triggered('buy', 1, 'stop-loss', 101), triggered('buy', 1, 'take-profit', 98)], 'na');
    fills();
    take(bar(100, 98, 100, 99));
    expect(fills()).toEqual([]);
    take(bar(97, 96, 99, 98.5));
    expect(fills()).toEqual([['buy', '98.049', '1', false]]);
    take(bar(102, 101.5, 103, 102));
    expect(fills()).toEqual([['buy', '102.06', '1', false]]);
  });

  it('behavior: it goes against what is held first: the stop of a long is met before its take profit', () => {
    for (const [side, stop, target] of [
      ['buy', 99, 101],
      ['sell', 101, 99],
    ] as const) {
      const { engine, bar, take, fills } = bars();
      const out = side === 'buy' ? 'sell' : 'buy';
      engine.place(alice, [{ ...order(side, 2, side === 'buy' ? 102 : 98), timeInForce: 'ioc' }], 'na');
      engine.place(alice, [triggered(out, 2, 'take-profit', target), triggered(out, 2, 'stop-loss', stop)], 'na');
      fills();
      // Up at the end of one, down at the end of the other: the bar's own colour says nothing then.
      take(bar(100, 98, 102, side === 'buy' ? 101.5 : 98.5));
      const slipped = { buy: '98.95', sell: '101.06' } as const;
      expect(fills()).toEqual([[out, slipped[side], '2', false]]);
    }
  });

  it('behavior: limits trade at their price, in the order in which the price meets them, up to a share of the volume', () => {
    const { engine, bar, take, fills } = bars();
    engine.place(alice, [order('buy', 3, 98.5), order('buy', 2, 99)], 'na');
    take(bar(100, 98.5, 100.5, 100.2, 30));
    expect(fills()).toEqual([['buy', '99', '2', false]]);
    take(bar(100, 98, 100.5, 100.2, 20));
    expect(fills()).toEqual([['buy', '98.5', '2', false]]);
    take(bar(100, 98, 100.5, 100.2, 0));
    expect(fills()).toEqual([]);
    take(bar(100, 98, 100.5, 100.2, 90));
    expect(fills()).toEqual([['buy', '98.5', '1', false]]);
  });

  it('behavior: a position is liquidated where the bar comes by its liquidation price', () => {
    const { engine, bar, take, fills } = bars(20);
    engine.place(alice, [{ ...order('buy', 2, 101), timeInForce: 'ioc' }], 'na');
    const [held] = engine.account(alice).positions;
    const forced = Number(held?.liquidationPrice);
    fills();
    take(bar(100, forced + 0.01, 100.5, 100));
    expect(fills()).toEqual([]);
    take(bar(100, forced - 1, 100.5, 100));
    expect(fills()).toMatchObject([['sell', expect.anything(), '2', true]]);
    expect(engine.account(alice).positions).toEqual([]);
  });

  it('behavior: a minute that was passed before its step is not walked again with it', () => {
    const { engine, bar, pass, take, fills } = bars();
    engine.place(alice, [order('buy', 5, 99)], 'na');
    const candle = bar(100, 98, 100.5, 100.2, 20);
    pass(candle);
    take(candle);
    expect(fills()).toEqual([['buy', '99', '2', false]]);
  });
});
