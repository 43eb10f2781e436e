import { describe, expect, it } from 'vitest';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Ticker, Trade } from '../domain/market-data.ts';
import type { Logger } from '../logger/logger.ts';
import { marketBusContract } from '../testing/market-bus-contract.ts';
import { testClock } from '../testing/test-ids.ts';
import { LocalMarketBus } from './local-market-bus.ts';

describe('LocalMarketBus keeps the contract of a market bus', () => {
  for (const c of marketBusContract)
    it(c.name, () =>
      c.run(async () => {
        const clock = testClock();
        const overflows: string[] = [];
        const bus = new LocalMarketBus({ clock, onOverflow: ({ key }) => overflows.push(key) });
        return { bus, clock, overflows, close: async () => {} };
      }),
    );
});

const btc = 'BTC-PERP@hyperliquid';
const eth = 'ETH-PERP@hyperliquid';
const ticker = (instrumentId: InstrumentId, last: number): Ticker => ({
  instrumentId,
  last,
  mark: last,
  bid: last,
  ask: last,
  exchangeAtMs: 0,
  receivedAtMs: 0,
});
const trade = (id: number, instrumentId: InstrumentId = btc): Trade => ({
  instrumentId,
  id: String(id),
  side: 'buy',
  price: 1,
  size: 1,
  exchangeAtMs: 0,
  receivedAtMs: 0,
});

describe('LocalMarketBus', () => {
  it('behavior: a failing listener is logged with its type and key, and an overflow too', async () => {
    const lines: object[] = [];
    const logger: Logger = {
      debug: () => {},
      info: () => {},
      warn: (fields) => lines.push(fields),
      error: (fields) => lines.push(fields),
      child: () => logger,
    };
    const clock = testClock();
    const bus = new LocalMarketBus({ clock, logger });
    const instrumentId = btc;
    bus.subscribe({ type: 'liquidation.received' }, () => {
      throw new Error('no');
    });
    void bus.publish('liquidation.received', instrumentId, {
      instrumentId,
      side: 'buy',
      price: 1,
      size: 1,
      exchangeAtMs: 0,
      receivedAtMs: 0,
    });
    let go = (): void => {};
    bus.subscribe({ type: 'trade.received', maxPending: 1 }, () => new Promise((resolve) => (go = resolve)));
    for (let i = 0; i < 3; i += 1) void bus.publish('trade.received', instrumentId, trade(1));
    expect(lines).toEqual([
      { error: new Error('no'), type: 'liquidation.received', key: instrumentId },
      { type: 'trade.received', key: instrumentId },
    ]);
    go();
    await Promise.resolve();
  });

  it('default: a topic is the same one every time, speaks to those of its key and of all, and keeps its newest', () => {
    const bus = new LocalMarketBus({ clock: testClock() });
    const seen: string[] = [];
    bus.subscribe({ type: 'ticker.updated' }, ({ last }, key) => void seen.push(`all ${key} ${last}`));
    const topic = bus.topic('ticker.updated', btc);
    bus.subscribe({ type: 'ticker.updated', key: btc }, ({ last }) => void seen.push(`btc ${last}`));
    bus.subscribe({ type: 'ticker.updated', key: eth }, ({ last }) => void seen.push(`eth ${last}`));
    expect(topic.publish(ticker(btc, 1))).toBeUndefined();
    void bus.publish('ticker.updated', btc, ticker(btc, 2));
    expect(seen).toEqual([`all ${btc} 1`, 'btc 1', `all ${btc} 2`, 'btc 2']);
    expect(bus.topic('ticker.updated', btc)).toBe(topic);
    expect([topic.key, topic.latest?.last, bus.latest('ticker.updated', btc)?.last]).toEqual([btc, 2, 2]);
    const trades = bus.topic('trade.received', btc);
    void trades.publish(trade(1));
    expect(trades.latest).toBeUndefined();
    expect(bus.stats()).toEqual({ published: 3, delivered: 4, conflated: 0, overflowed: 0, failed: 0 });
  });

  it('behavior: who joins or leaves while an event is told: the one does not get it, nor the other any more', () => {
    const bus = new LocalMarketBus({ clock: testClock() });
    const seen: string[] = [];
    let leave = (): void => {};
    bus.subscribe({ type: 'trade.received' }, ({ id }) => {
      seen.push(`first ${id}`);
      leave();
      if (id === '1') bus.subscribe({ type: 'trade.received', key: btc }, (later) => void seen.push(`new ${later.id}`));
    });
    leave = bus.subscribe({ type: 'trade.received', key: btc }, ({ id }) => void seen.push(`leaver ${id}`));
    for (const id of [1, 2]) void bus.publish('trade.received', btc, trade(id));
    expect(seen).toEqual(['first 1', 'first 2', 'new 2']);
    expect(bus.stats()).toMatchObject({ published: 2, delivered: 3 });
  });

  it('behavior: a handler stays busy until each of its calls is done, also one it caused itself', async () => {
    const clock = testClock();
    const bus = new LocalMarketBus({ clock });
    const seen: string[] = [];
    const waiting: (() => void)[] = [];
    bus.subscribe({ type: 'trade.received' }, ({ id }, key) => {
      seen.push(`${key} ${id}`);
      if (id === '1') void bus.publish('trade.received', eth, trade(2, eth));
      return new Promise((resolve) => waiting.push(resolve));
    });
    for (const id of [1, 3]) void bus.publish('trade.received', btc, trade(id));
    const letGo = async (): Promise<void> => {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    await letGo();
    expect(seen).toEqual([`${btc} 1`, `${eth} 2`]);
    await letGo();
    expect(seen).toEqual([`${btc} 1`, `${eth} 2`, `${btc} 3`]);
    await letGo();
    await clock.idle();
  });

  it('error: a logger and an overflow that throw cost no listener its event, and close no topic', () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken, child: () => logger };
    const bus = new LocalMarketBus({ clock: testClock(), logger, onOverflow: broken });
    const seen: string[] = [];
    bus.subscribe({ type: 'trade.received' }, broken);
    bus.subscribe({ type: 'trade.received', maxPending: 1 }, () => new Promise(() => {}));
    bus.subscribe({ type: 'trade.received' }, ({ id }) => void seen.push(id));
    for (let id = 0; id < 4; id += 1) void bus.publish('trade.received', btc, trade(id));
    expect(seen).toEqual(['0', '1', '2', '3']);
    expect(bus.stats()).toMatchObject({ published: 4, overflowed: 2 });
  });
});
