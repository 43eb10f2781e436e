import {
  type Clock,
  MemoryEventBus,
  type OrderIntent,
  SimulatedClock,
  StaticUserDirectory,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import type { HttpTransport, SocketOpener } from '@perpdesk/core/ccxt';
import { openDatabase } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView, testIds } from '@perpdesk/core/testing';
import { PositionCloser } from '../../controls/position-closer.ts';
import { PositionGuard } from '../../guard/position-guard.ts';
import { OrderDesk } from '../../orders/order-desk.ts';
import { Portfolio } from '../../portfolio/portfolio.ts';
import { hyperliquidAssets } from '../../simulator/engine/simulated-assets.ts';
import { actionWeight, answerWeight, infoWeight } from '../../simulator/limits/request-weight.ts';
import { startSimulator } from '../../simulator/start-simulator.ts';
import { testWallet } from '../../simulator/testing/test-wallet.ts';
import { TestGate } from '../../testing/test-gate.ts';
import { exampleUser } from '../../testing/trading-desk.ts';
import { VenueDirectory } from '../../venue/venue-directory.ts';
import { CcxtVenue } from '../ccxt-venue.ts';
import { MemoryVault, noonMs, simulatedSol } from './live-desk.ts';

/** A request that left, and what it and its answer weigh at the venue. */
export interface WeighedRequest {
  readonly type: string;
  readonly weight: number;
  readonly atMs: number;
}

const userId = 'alice';
const place = { userId, venue: 'hyperliquid', instrumentId: simulatedSol.id } as const;
const address = testWallet(11).address.toLowerCase();

/**
 * A portfolio and a guard at the simulated Hyperliquid over real HTTP and sockets, on simulated time, every request weighed.
 * `latencyMs`: how long requests and answers are on their way, each; time goes on meanwhile.
 */
export async function hyperliquidDesk({ latencyMs: givenMs = 0 }: { readonly latencyMs?: number } = {}) {
  const closers: (() => Promise<void>)[] = [];
  const time = new SimulatedClock({ startAtMs: noonMs });
  // A desk in a real process keeps no clock waiting.
  const clock: Clock = {
    nowMs: () => time.nowMs(),
    setTimer: (delayMs, callback) => time.setTimer(delayMs, callback),
    sleep: (delayMs, options) => time.sleep(delayMs, options),
    hold: () => () => {},
  };
  const { privateKey } = testWallet(11);
  const exchange = await startSimulator({
    ...{ clock: time, assets: hyperliquidAssets.filter(({ coin }) => coin === 'SOL'), rateLimits: 'off' },
    // ccxt keeps sockets alive by the machine’s clock.
    idleAfterMs: Number.POSITIVE_INFINITY,
    accounts: { [address]: toUsd(1_000) },
  });
  closers.push(() => exchange.stop());

  const requests: WeighedRequest[] = [];
  let latencyMs = givenMs;
  /** What is in the machine's network: no simulated time passes. */
  let busy = 0;
  let stirred = false;
  exchange.engine.on(() => {
    stirred = true;
  });
  const transport: HttpTransport = async ({ url, method, headers, body }, signal) => {
    const { type, action } = JSON.parse(body) as { type?: string; action?: { type: string } };
    const atMs = time.nowMs();
    if (latencyMs > 0) await time.sleep(latencyMs);
    busy += 1;
    const answer = await fetch(url, { method, headers, body, signal }).finally(() => {
      busy -= 1;
    });
    const text = await answer.text();
    const value: unknown = JSON.parse(text);
    const items = type !== undefined && Array.isArray(value) ? answerWeight(type, value.length) : 0;
    requests.push({
      type: type ?? action?.type ?? 'unknown',
      weight: type === undefined ? actionWeight(1) : infoWeight(type) + items,
      atMs,
    });
    if (latencyMs > 0) await time.sleep(latencyMs);
    return { status: answer.status, text };
  };
  /** Channels of which the desk hears nothing. */
  const unheard = new Set<string>();
  const openSocket: SocketOpener = (url, events) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => events.open());
    socket.addEventListener('close', ({ code }) => events.closed(code));
    socket.addEventListener('message', ({ data }) => {
      const text = String(data);
      if (![...unheard].some((channel) => text.startsWith(`{"channel":"${channel}"`))) events.message(text);
    });
    return { send: (text) => socket.send(text), close: () => socket.close() };
  };
  /** Lets time pass as slowly as the machine's network needs. */
  const pass = async (ms: number): Promise<void> => {
    const untilMs = time.nowMs() + ms;
    while (time.nowMs() < untilMs) {
      await time.advanceBy(Math.min(50, untilMs - time.nowMs()));
      for (let turns = stirred || !venue.watching(userId) ? 4 : 0; turns > 0 || busy > 0; turns -= 1)
        await new Promise((resolve) => setTimeout(resolve, 1));
      stirred = false;
    }
    await time.idle();
  };

  /** The book of SOL, `depth` at each of its levels; the mark between. */
  const quote = (bid: number, ask: number, depth = 10_000, levels = 1): void => {
    const side = (from: number, step: number) =>
      Array.from({ length: levels }, (_, index) => [toPrice((from + step * index).toFixed(2)), toSize(depth)] as const);
    exchange.engine.setMark('SOL', toPrice((bid + ask) / 2));
    exchange.engine.setBook('SOL', side(bid, -0.01), side(ask, 0.01));
    exchange.engine.advance(time.nowMs());
    stirred = true;
  };
  quote(100, 100.1);
  const vault = new MemoryVault();
  await vault.put({ userId, venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const ids = testIds('desk', clock);
  const authority = new HmacApprovalAuthority({ clock, ids });
  const venue = new CcxtVenue({
    ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [simulatedSol] },
    endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
    ...{ transport, openSocket },
  });
  const starting = venue.start();
  while (venue.unhealthy() !== undefined) await pass(50);
  await starting;
  closers.push(() => venue.stop());
  const database = await openDatabase({ url: 'sqlite::memory:' });
  closers.push(() => database.close());
  const eventBus = new MemoryEventBus({ clock, ids });
  const shared = { clock, database, eventBus, venues: new VenueDirectory([venue]) };
  const users = new StaticUserDirectory({ users: [exampleUser({ venues: ['hyperliquid'] })] });
  const marketView = new StaticMarketView({ clock, instruments: [simulatedSol], tickers: [] });
  const portfolio = new Portfolio({ ...shared, users, marketView });
  const orderDesk = new OrderDesk({ ...shared, riskGate: new TestGate(authority) });
  const closer = new PositionCloser({ ...shared, orderDesk });
  const guard = new PositionGuard({ ...shared, orderDesk, portfolio, closer });

  /** Waits for what takes time. */
  const during = async <Result>(act: Promise<Result>): Promise<Result> => {
    let done = false;
    const ended = act.finally(() => {
      done = true;
    });
    ended.catch(() => {});
    while (!done) await pass(50);
    return ended;
  };
  await during(portfolio.start());
  await during(guard.start());
  closers.push(async () => {
    await guard.stop();
    await portfolio.stop();
  });
  const entry = (size: string, changes: Partial<OrderIntent> = {}) =>
    during(
      orderDesk.send({
        ...{ ...place, clientOrderId: 'a'.repeat(32), side: 'buy', type: 'market', size: toSize(size) },
        ...{ timeInForce: 'ioc', price: toPrice(105), reduceOnly: false, purpose: 'entry', origin: 'agent' },
        ...{ tradeId: 'trade:1', traceId: 'trace:1', ...changes },
      }),
    );
  return {
    ...{ address, clock: time, during, entry, eventBus, exchange, guard, orderDesk, pass, place, portfolio, quote },
    ...{ requests, unheard, venue },
    stop: async () => {
      latencyMs = 0;
      for (const close of closers.splice(0).reverse()) await during(close());
    },
  };
}

/** What requests weigh by their type. */
export function weightByType(requests: readonly WeighedRequest[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { type, weight } of requests) sums[type] = (sums[type] ?? 0) + weight;
  return sums;
}
