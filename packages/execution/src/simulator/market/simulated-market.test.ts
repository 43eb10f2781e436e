import { SimulatedClock, toPrice, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { hyperliquidAssets } from '../engine/simulated-assets.ts';
import { SimulatedExchange } from '../engine/simulated-exchange.ts';
import { SimulatedMarket } from './simulated-market.ts';

const startAtMs = 1_735_689_600_000;

async function run(seed: number, durationMs: number) {
  const clock = new SimulatedClock({ startAtMs });
  const engine = new SimulatedExchange({ clock, assets: hyperliquidAssets.slice(0, 3) });
  const market = new SimulatedMarket({ engine, clock, seed });
  const trades: string[] = [];
  engine.on(
    (event) => void (event.kind === 'trade' && trades.push(`${event.coin} ${event.side} ${event.price} ${event.size}`)),
  );
  market.start();
  await clock.advanceBy(durationMs);
  market.stop();
  return { engine, market, trades, clock };
}

describe('SimulatedMarket', () => {
  it('default: every book has two sides that do not cross, on the grid, with the mark between', async () => {
    const { engine } = await run(1, 10_000);
    for (const { coin, sizeDecimals } of engine.assets) {
      const { bids, asks } = engine.book(coin);
      expect([bids.length > 15, asks.length > 15]).toEqual([true, true]);
      const [bid, ask] = [Number(bids[0]?.price), Number(asks[0]?.price)];
      expect(bid).toBeLessThan(ask);
      const mark = Number(engine.markPrice(coin));
      expect(mark).toBeGreaterThanOrEqual(bid);
      expect(mark).toBeLessThanOrEqual(ask);
      for (const { price, size } of [...bids, ...asks]) {
        expect(price.replace('.', '').replace(/^0+|0+$/g, '').length).toBeLessThanOrEqual(5);
        expect(size.split('.')[1]?.length ?? 0).toBeLessThanOrEqual(sizeDecimals);
      }
    }
  });

  it('behavior: the same seed trades the same, another does not', async () => {
    const [first, second, other] = [await run(7, 5_000), await run(7, 5_000), await run(8, 5_000)];
    expect(first.trades.length).toBeGreaterThan(10);
    expect(second.trades).toEqual(first.trades);
    expect(other.trades).not.toEqual(first.trades);
  });

  it('behavior: a jump takes book and mark along, and stops at once', async () => {
    const { engine, market, clock } = await run(1, 1_000);
    const before = Number(engine.markPrice('BTC'));
    market.jump('BTC', -0.2);
    expect(Number(engine.markPrice('BTC')) / before).toBeCloseTo(0.8, 3);
    await clock.advanceBy(10_000);
    expect(Number(engine.markPrice('BTC')) / before).toBeCloseTo(0.8, 3);
  });

  it('behavior: a jump liquidates who has too much', async () => {
    const { engine, market } = await run(1, 1_000);
    engine.deposit('0xa', toUsd(1_000));
    engine.setLeverage('0xa', 'BTC', 20, 'isolated');
    const [answer] = engine.place(
      '0xa',
      [
        {
          coin: 'BTC',
          side: 'buy',
          size: '0.2' as never,
          limitPrice: toPrice(70_000),
          timeInForce: 'ioc',
          reduceOnly: false,
        },
      ],
      'na',
    );
    expect(answer?.kind).toBe('filled');
    market.jump('BTC', -0.1);
    expect(engine.account('0xa').positions).toEqual([]);
    expect(engine.fills('0xa', 0).at(-1)?.liquidation?.liquidatedUser).toBe('0xa');
  });
});
