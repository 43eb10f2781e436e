import { toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import { startSimulator } from './start-simulator.ts';
import { trader } from './testing/quoted-exchange.ts';

const ask = async (url: string, request: object): Promise<unknown> =>
  (await fetch(`${url}/info`, { method: 'POST', body: JSON.stringify(request) })).json();

describe('startSimulator', () => {
  it('default: one line is an exchange with ten contracts; with a market, books from the start', async () => {
    await using exchange = await startSimulator({ accounts: { [trader.address]: toUsd(500) }, market: { seed: 7 } });
    const { levels } = (await ask(exchange.url, { type: 'l2Book', coin: 'ETH' })) as { levels: unknown[][] };
    expect(levels.map((side) => side.length)).toEqual([20, 20]);
    expect(Object.keys((await ask(exchange.url, { type: 'allMids' })) as object)).toHaveLength(10);
    expect(await ask(exchange.url, { type: 'clearinghouseState', user: trader.address })).toMatchObject({
      withdrawable: '500.0',
    });
    expect(exchange.unwanted).toEqual([]);
  });

  it('error: a port that is taken is said so, and nothing moves', async () => {
    await using exchange = await startSimulator();
    const second = new HyperliquidSimulator({ port: Number(new URL(exchange.url).port), market: true });
    await expect(second.start()).rejects.toThrow('EADDRINUSE');
    expect(second.engine.markPrice('BTC')).toBe('0');
    expect(() => second.url).toThrow(expect.objectContaining({ code: 'simulator.stopped' }));
  });

  it('behavior: after the end of the block the port is free', async () => {
    let url = '';
    {
      await using exchange = await startSimulator();
      url = exchange.url;
    }
    await expect(ask(url, { type: 'meta' })).rejects.toThrow('fetch failed');
  });
});
