import { toPrice, toSize } from '@perpdesk/core';
import {
  FaultProxy,
  type HyperliquidSimulator,
  hyperliquidAssets,
  startSimulator,
} from '@perpdesk/execution/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedTime } from '../simulation/simulated-time.ts';
import { LoopbackWires } from './loopback-wires.ts';

const startAtMs = Date.UTC(2026, 0, 5);
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

/** `networkMs`: what the machine's own network takes for a message, of real time. */
async function wired(latencyMs = 0, networkMs = 0) {
  const time = new SimulatedTime(startAtMs);
  const exchange = await startSimulator({
    ...{ clock: time.clock, tickMs: 60_000, assets: hyperliquidAssets.filter(({ coin }) => coin === 'SOL') },
  });
  const network = new FaultProxy({
    target: exchange.url,
    rules: [{ kind: 'delay', on: 'socket', delayMs: networkMs }],
  });
  if (networkMs > 0) await network.start();
  open.push(network, exchange);
  const wires = new LoopbackWires({ time, clock: time.process() });
  const told: string[] = [];
  const sinceMs = (): number => time.clock.nowMs() - startAtMs;
  const socket = wires.openSocket(networkMs > 0 ? `${network.wsUrl}/ws` : exchange.wsUrl, {
    open: () => told.push('open'),
    message: (text) => told.push(`${sinceMs()} ${text.slice(0, 20)}`),
    closed: (code) => told.push(`closed ${code}`),
  });
  await time.clock.idle();
  wires.latencyMs = latencyMs;
  return { exchange, sinceMs, socket, time, told, wires };
}

const trades = JSON.stringify({ method: 'subscribe', subscription: { type: 'trades', coin: 'SOL' } });
const trade = ({ engine }: HyperliquidSimulator): void => engine.marketTrade('SOL', 'buy', toPrice(100), toSize(1));

describe('LoopbackWires', () => {
  it('default: what was sent has come when the clock is idle, however slow the machine is', async () => {
    const { exchange, socket, time, told, wires } = await wired(0, 20);
    socket.send(trades);
    await time.clock.idle();
    expect(told).toEqual(['open', '0 Websocket connection', '0 {"channel":"subscrip']);
    for (let made = 1; made <= 5; made += 1) {
      trade(exchange);
      wires.settle();
      await time.clock.idle();
      expect(told.slice(3)).toEqual(Array(made).fill('0 {"channel":"trades",'));
    }
    expect(wires.counts).toEqual({ requests: 0, messages: 7 });
  });

  it('behavior: a request takes its way there and back, and the exchange answers at the instant between', async () => {
    const { exchange, sinceMs, time, wires } = await wired(50);
    exchange.engine.setMark('SOL', toPrice(100));
    const request = { url: `${exchange.url}/info`, method: 'POST', headers: { 'content-type': 'application/json' } };
    let answered: readonly unknown[] = [];
    void wires
      .transport({ ...request, body: '{"type":"metaAndAssetCtxs"}' }, new AbortController().signal)
      .then(({ status, text }) => {
        answered = [sinceMs(), status, JSON.parse(text)[1][0].markPx];
      });
    await time.clock.advanceBy(49);
    exchange.engine.setMark('SOL', toPrice(101));
    await time.clock.advanceBy(50);
    expect(answered).toEqual([]);
    exchange.engine.setMark('SOL', toPrice(102));
    await time.clock.advanceBy(1);
    expect(answered).toEqual([100, 200, '101.0']);
  });

  it('behavior: a message comes one way later', async () => {
    const { exchange, socket, time, told, wires } = await wired(50);
    socket.send(trades);
    await time.clock.advanceBy(1_000);
    trade(exchange);
    wires.settle();
    await time.clock.advanceBy(49);
    expect(told.slice(2)).toEqual(['50 {"channel":"subscrip']);
    await time.clock.advanceBy(1);
    expect(told.slice(3)).toEqual(['1050 {"channel":"trades",']);
  });

  it('behavior: hours of simulated time do not end a socket that is silent, and nobody hears of what keeps it', async () => {
    const { socket, time, told } = await wired();
    await time.clock.advanceBy(2 * 3_600_000);
    expect(told).toHaveLength(2);
    // The client's own ping is answered to the client.
    socket.send(JSON.stringify({ method: 'ping' }));
    await time.clock.idle();
    expect(told.slice(2)).toEqual(['7200000 {"channel":"pong"}']);
  });

  it('error: a request that was given up on its way, and a socket that the other side ends', async () => {
    const { exchange, time, told, wires } = await wired(50);
    const late = new AbortController();
    const request = { url: `${exchange.url}/info`, method: 'POST', headers: {}, body: '{"type":"meta"}' };
    const answer = wires.transport(request, late.signal).catch((error: Error) => error.message);
    late.abort(new Error('too late'));
    await time.clock.advanceBy(50);
    expect(await answer).toBe('too late');
    expect(wires.counts.requests).toBe(0);
    await exchange.stop();
    await expect.poll(() => time.clock.advanceBy(50).then(() => told.at(-1))).toMatch(/^closed \d+$/);
  });
});
