import {
  type ActionOutcome,
  type ActionPort,
  type DeskStateView,
  type LanguageModel,
  type Proposal,
  type ProposedAction,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toRate,
  toSize,
  ValidationError,
} from '@perpdesk/core';
import { OutboxEventBus } from '@perpdesk/core/database';
import { Redactor } from '@perpdesk/core/security';
import type { TestDatabase } from '@perpdesk/core/testing';
import { openCheckpoints } from '../../checkpoints/open-checkpoints.ts';
import { exampleMine, exampleShared, exampleTicker, exampleUser } from '../../testing/chat-desk.ts';
import { startAtMs } from '../../testing/market.ts';
import type { ChatParts } from '../chat-parts.ts';
import { deskChatParts } from '../desk-chat-parts.ts';
import { ConversationMemory } from '../memory/conversation-memory.ts';
import type { MemoryLimits } from '../memory/settings.ts';
import { freshMid } from '../proposal/price-drift.ts';
import { ProposalDesk } from '../proposal/proposal-desk.ts';
import type { ProposalLimits } from '../proposal/settings.ts';
import { Orchestrator } from '../service/orchestrator.ts';
import { OrchestratorService } from '../service/orchestrator-service.ts';
import type { ChatLimits } from '../service/settings.ts';
import { until } from './until.ts';

/** What outlives a process: the venue's side of actions, which does each once and remembers what came of it. */
export class ActedWorld implements ActionPort {
  /** What was really done, by proposal id. */
  readonly done = new Map<string, ActionOutcome>();
  /** How often each was asked for. */
  readonly asked: string[] = [];
  /** What the next act comes to. */
  next: (proposal: Proposal) => Promise<ActionOutcome> = async () => ({ outcome: 'done', detail: 'Done.' });

  async act(proposal: Proposal): Promise<ActionOutcome> {
    this.asked.push(proposal.id);
    if (proposal.status !== 'approved')
      return { outcome: 'refused', code: 'proposal.status', message: `It is ${proposal.status}.` };
    const before = this.done.get(proposal.id);
    if (before !== undefined) return before;
    const outcome = await this.next(proposal);
    this.done.set(proposal.id, outcome);
    return outcome;
  }
}

/** How a life is lived. */
export interface ChatLifeOptions {
  /** How many lives were before, so that ids differ. */
  readonly life?: number;
  /** How long after the start it begins, ms. */
  readonly afterMs?: number;
  readonly actions?: ActionPort;
  readonly model?: LanguageModel;
  readonly state?: DeskStateView;
  readonly parts?: (own: ChatParts) => ChatParts;
  readonly secrets?: readonly string[];
  readonly proposalLimits?: Partial<ProposalLimits>;
  readonly memoryLimits?: Partial<MemoryLimits>;
  readonly chatLimits?: Partial<ChatLimits>;
}

/** Users `ada` and `bob`, each with a position of their own; any other is unknown. */
export const twoUsers = (mark: () => number | undefined = () => 60_100): DeskStateView => ({
  shared: {
    ...exampleShared(),
    ticker: (market) => {
      const price = mark();
      return market !== 'BTC-PERP' || price === undefined ? undefined : exampleTicker(market, price);
    },
  },
  ofUser: async (userId) => {
    if (userId !== 'ada' && userId !== 'bob') throw new ValidationError('user.unknown', 'There is no such user.');
    const { accounts, positions, pending, ...mine } = exampleMine({ user: exampleUser({ id: userId, name: userId }) });
    return {
      ...mine,
      pending: pending.map(({ signal, ...waiting }) => ({ ...waiting, signal: { ...signal, userId } })),
      openOrders: [],
      accounts: accounts.map((account) => ({ ...account, userId })),
      positions: positions.map((position) => ({ ...position, userId })),
    };
  },
});

/** One life of a process: its own connection, bus and objects on a database. */
export async function chatLife(test: TestDatabase, options: ChatLifeOptions = {}) {
  const { life = 0, afterMs = 0, actions = new ActedWorld(), state = twoUsers(), model } = options;
  const database = await test.open();
  const clock = new SimulatedClock({ startAtMs: startAtMs + afterMs });
  const wallClock = clock;
  const random = new SeededRandom(`chat:${life}`);
  const eventBus = new OutboxEventBus({ database, clock, ids: new SortableIdGenerator({ clock, random }), pollMs: 0 });
  await eventBus.start();
  const redactor = new Redactor({ secrets: options.secrets ?? [] });
  const memory = new ConversationMemory({ database, clock, random, limits: options.memoryLimits ?? {} });
  const proposals = new ProposalDesk({
    ...{ database, eventBus, actions, wallClock, random, redactor },
    mid: freshMid(state.shared),
    limits: options.proposalLimits ?? {},
  });
  const own = deskChatParts({ clock, wallClock, redactor, ...(model === undefined ? {} : { model }) });
  const checkpointer = await openCheckpoints({ database, clock, retention: { threads: 'chat:' } });
  const orchestrator = new Orchestrator({
    ...{ state, memory, proposals, checkpointer, clock, wallClock, random, redactor },
    parts: options.parts?.(own) ?? own,
  });
  const service = new OrchestratorService({
    ...{ orchestrator, memory, proposals, eventBus, wallClock },
    limits: options.chatLimits ?? {},
  });
  /** The events, once there are as many; PostgreSQL shows none behind a transaction of anybody that is still open. */
  const told = async ({ userId, atLeast = 0 }: { readonly userId?: string; readonly atLeast?: number } = {}) => {
    const read = async () => (await eventBus.read(userId === undefined ? {} : { userId })).map(({ event }) => event);
    let events = await read();
    await until(async () => {
      events = await read();
      return events.length >= atLeast;
    });
    return events;
  };
  /** All rows of the tables that chats write to, as text. */
  const kept = async (...tables: readonly string[]): Promise<string> => {
    const kysely = database.as<Record<string, object>>();
    const rows = await Promise.all(tables.map((table) => kysely.selectFrom(table).selectAll().execute()));
    return JSON.stringify(rows);
  };
  return { database, clock, eventBus, memory, proposals, checkpointer, orchestrator, service, told, kept };
}

/** The tables of LangGraph's checkpoints. */
export const checkpointTables = ['agents_checkpoints', 'agents_checkpoint_values', 'agents_checkpoint_writes'] as const;

/** An order that Ada's chat may propose. */
export const exampleOrderAction: ProposedAction = {
  kind: 'place-order',
  instrumentId: 'BTC-PERP@hyperliquid',
  side: 'buy',
  type: 'limit',
  size: toSize('0.1'),
  price: toPrice('59500'),
  stopLoss: toPrice('59000'),
  takeProfits: [{ price: toPrice('62000'), fraction: toRate('1') }],
};
