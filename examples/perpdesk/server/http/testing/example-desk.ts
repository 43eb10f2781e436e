import {
  type Account,
  type ChatMessage,
  LocalMarketBus,
  MemoryEventBus,
  type NewDomainEvent,
  type PredictionDiscovery,
  type Proposal,
  SimulatedClock,
  silentLogger,
  type Ticker,
  ValidationError,
} from '@perpdesk/core';
import type { AgentRecord, Approval, GuardedPosition, ModelSpending, Status } from '@perpdesk/core/api';
import { StaticMarketView, testIds } from '@perpdesk/core/testing';
import { feedTypes } from '../../feed-types.ts';
import { reviewDecision } from '../../intelligence/review-decision.ts';
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
    /** What was said, of all users, oldest first. */
    messages: [] as ChatMessage[],
    proposals: [] as Proposal[],
    /** What the desk answers to a question; an error is thrown. */
    answer: { text: 'Vanta sees BTC-PERP long.' } as Partial<ChatMessage> | Error,
    predictions: [] as PredictionDiscovery[],
    trackRecords: [] as AgentRecord[],
    modelSpend: {
      ...{ day: '2026-01-05', calls: 0, failedCalls: 0, inputTokens: 0, outputTokens: 0, usd: 0, modelMs: 0 },
    } as ModelSpending,
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
    chat: {
      ask: async (asked) => {
        acts.push(['ask', asked]);
        const { userId, conversationId = `chat-${state.messages.length}`, text } = asked;
        if (state.answer instanceof Error) throw state.answer;
        const said = { conversationId, userId, agents: [], citations: [], atMs: clock.nowMs() };
        const question: ChatMessage = { ...said, id: `msg-${state.messages.length}`, role: 'user', text };
        const answer: ChatMessage = {
          ...{ ...said, id: `msg-${state.messages.length + 1}`, role: 'assistant', agents: ['vanta'], text: '' },
          ...state.answer,
        };
        state.messages = [...state.messages, question, answer];
        return answer;
      },
      forget: async (userId) => {
        acts.push(['forget', userId]);
        state.messages = state.messages.filter((said) => said.userId !== userId);
      },
      conversations: async (userId) =>
        [...new Set(state.messages.filter((said) => said.userId === userId).map((said) => said.conversationId))].map(
          (id) => ({ id, startedAtMs: exampleAtMs, lastAtMs: exampleAtMs }),
        ),
      conversation: async (userId, id, limit) => {
        const said = state.messages.filter((message) => message.userId === userId && message.conversationId === id);
        if (said.length === 0) throw new ValidationError('chat.unknown', 'There is no such conversation of yours.');
        return said.slice(-limit);
      },
      proposals: async (userId) => state.proposals.filter((proposal) => proposal.userId === userId),
      approve: async (...details) => {
        acts.push(['approve-proposal', ...details]);
        return decide(details, { status: 'done', outcome: 'Filled.' });
      },
      decline: async (...details) => {
        acts.push(['decline-proposal', ...details]);
        return decide(details, { status: 'declined' });
      },
    },
    review: (userId, traceId) => reviewDecision({ eventBus, agents: [] }, userId, traceId),
    status: () => state.status,
    predictions: () => state.predictions,
    trackRecords: () => state.trackRecords,
    modelSpend: async () => state.modelSpend,
  };
  const decide = ([userId, id]: readonly unknown[], part: Partial<Proposal>): Proposal => {
    const proposal = state.proposals.find((known) => known.userId === userId && known.id === id);
    if (proposal === undefined) throw new ValidationError('proposal.unknown', 'There is no such proposal of yours.');
    const decided = { ...proposal, ...part };
    state.proposals = state.proposals.map((known) => (known === proposal ? decided : known));
    return decided;
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
