import {
  type Account,
  LocalMarketBus,
  MemoryEventBus,
  type NewDomainEvent,
  SimulatedClock,
  silentLogger,
  type Ticker,
} from '@perpdesk/core';
import type { Approval, GuardedPosition, Status } from '@perpdesk/core/api';
import { StaticMarketView, testIds } from '@perpdesk/core/testing';
import { feedTypes } from '../../feed-types.ts';
import { createApp } from '../app.ts';
import { EventStream } from '../event-stream.ts';
import type { ServedDesk } from '../served-desk.ts';
import {
  exampleAccount,
  exampleAtMs,
  exampleCandles,
  exampleInstrument,
  exampleMarkets,
  exampleOrder,
  exampleTicker,
} from './example-data.ts';

/** What a client asked the example desk to do. */
export type Act = readonly [name: string, ...details: unknown[]];

/** A desk of plain data, whose answers a test changes and whose acts it reads, behind the product's own HTTP side. */
export function exampleDesk(options: { readonly webDirectory?: string; readonly frameMs?: number } = {}) {
  const clock = new SimulatedClock({ startAtMs: exampleAtMs });
  const eventBus = new MemoryEventBus({ clock, ids: testIds() });
  const marketBus = new LocalMarketBus({ clock });
  const instruments = ['hyperliquid', 'binance'].flatMap((venue) =>
    exampleMarkets.map((market) => exampleInstrument(market, venue)),
  );
  const tickers: Ticker[] = exampleMarkets.map(({ market, price }) => exampleTicker(`${market}@hyperliquid`, price));
  const marketView = new StaticMarketView({
    clock,
    instruments,
    tickers,
    candles: exampleMarkets.flatMap(({ market, price }) => exampleCandles(`${market}@hyperliquid`, price)),
  });
  const acts: Act[] = [];
  const state = {
    positions: [] as GuardedPosition[],
    approvals: [] as Approval[],
    accounts: [exampleAccount] as Account[],
    status: {
      source: 'simulated',
      notice:
        'Live feeds are not there yet, so this is a simulated market (seed "perpdesk") at 60×; no price in it is real.',
      speed: 60,
      atMs: exampleAtMs,
      money: 'paper',
      tradingState: 'active',
      user: { id: 'demo', name: 'Demo trader', tier: 'intermediate', autonomy: 'suggest' },
      services: [
        { name: 'paper', status: 'healthy' },
        { name: 'candles', status: 'degraded', detail: '330 bars, 2 gaps' },
      ],
    } as Status,
    closeOutcome: { outcome: 'flat' } as Awaited<ReturnType<ServedDesk['closer']['close']>>,
    flattenOutcomes: [] as Awaited<ReturnType<ServedDesk['killSwitch']['flatten']>>,
  };
  const desk: ServedDesk = {
    venueNames: ['paper'],
    eventBus,
    marketView,
    portfolio: {
      positions: (userId) => state.positions.filter((position) => position.userId === userId),
      openOrders: (userId) => [exampleOrder].filter((order) => order.userId === userId),
      account: (userId, venue) => {
        const value = state.accounts.find((account) => account.userId === userId && account.venue === venue);
        return value === undefined ? undefined : { quality: 'fresh', value, atMs: value.atMs };
      },
    },
    trades: {
      fetchApprovals: async (userId) => state.approvals.filter(({ signal }) => signal.userId === userId),
      approve: async (...details) => {
        acts.push(['approve', ...details]);
        state.approvals = state.approvals.filter(({ signal }) => signal.id !== details[1]);
      },
      decline: async (...details) => {
        acts.push(['decline', ...details]);
        state.approvals = state.approvals.filter(({ signal }) => signal.id !== details[1]);
      },
    },
    closer: {
      close: async (...details) => {
        acts.push(['close', ...details]);
        return state.closeOutcome;
      },
    },
    killSwitch: {
      trip: async (...details) => {
        acts.push(['trip', ...details]);
        state.status = { ...state.status, tradingState: 'halted' };
        return 2;
      },
      flatten: async (...details) => {
        acts.push(['flatten', ...details]);
        return state.flattenOutcomes;
      },
    },
    status: () => state.status,
  };
  const { frameMs = 20, webDirectory = '/nowhere' } = options;
  const stream = new EventStream({
    eventBus,
    marketBus,
    types: feedTypes,
    status: () => state.status,
    nowMs: () => clock.nowMs(),
    logger: silentLogger,
    frameMs,
  });
  const app = createApp({ desk, stream, userId: 'demo', feedTypes, webDirectory, logger: silentLogger });
  const publish = async (...events: readonly NewDomainEvent[]): Promise<void> => {
    for (const event of events) await eventBus.publish(event);
  };
  return { clock, eventBus, marketBus, marketView, desk, state, acts, stream, app, publish };
}
