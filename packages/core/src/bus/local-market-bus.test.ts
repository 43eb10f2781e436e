import { describe, expect, it } from 'vitest';
import { instrumentIdSchema } from '../domain/instrument.ts';
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
    const instrumentId = instrumentIdSchema.parse('BTC-PERP@hyperliquid');
    const trade = { instrumentId, id: '1', side: 'buy', price: 1, size: 1, exchangeAtMs: 0, receivedAtMs: 0 } as const;
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
    for (let i = 0; i < 3; i += 1) void bus.publish('trade.received', instrumentId, trade);
    expect(lines).toEqual([
      { error: new Error('no'), type: 'liquidation.received', key: instrumentId },
      { type: 'trade.received', key: instrumentId },
    ]);
    go();
    await Promise.resolve();
  });
});
