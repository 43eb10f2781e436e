import {
  type Autonomy,
  autonomyOf,
  type ChatMessage,
  type Clock,
  type DeskStateView,
  type Logger,
  type ProposedAction,
  type Random,
  StoreError,
  SystemClock,
  SystemRandom,
  silentLogger,
  type User,
  type UserDeskState,
  ValidationError,
} from '@perpdesk/core';
import type { SqlTransaction } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';
import type { Checkpointer } from '../../war-room/checkpointed-debate.ts';
import { within } from '../../war-room/within.ts';
import type { ComposedAnswer } from '../answer/compose-answer.ts';
import type { ChatParts, ChatQuestion } from '../chat-parts.ts';
import { type ChatGraph, type ChatReply, createChatGraph, type Put } from '../graph/chat-graph.ts';
import type { ConversationMemory } from '../memory/conversation-memory.ts';
import { promptHistory } from '../memory/prompt-history.ts';
import { promptHistoryLimits } from '../memory/settings.ts';
import { describeAction } from '../proposal/describe-action.ts';
import type { ProposalDesk } from '../proposal/proposal-desk.ts';
import { unguessableId } from '../unguessable-id.ts';
import { cleanText, questionText } from './clean-text.ts';
import { type ChatLimits, chatLimits } from './settings.ts';

/** Options of {@link Orchestrator}. */
export interface OrchestratorOptions {
  /** See `deskChatParts`. */
  readonly parts: ChatParts;
  /** What it answers from. */
  readonly state: DeskStateView;
  readonly memory: ConversationMemory;
  readonly proposals: ProposalDesk;
  /** Keeps where a conversation waits for a decision: `openCheckpoints({ database, clock, retention: { threads: 'chat:' } })`. */
  readonly checkpointer: Checkpointer;
  /** What messages are dated by: the desk's. */
  readonly clock: Clock;
  /** What answers are timed by. Default SystemClock. */
  readonly wallClock?: Clock;
  /** Where ids are from. Default SystemRandom. */
  readonly random?: Random;
  readonly redactor?: Pick<Redactor, 'mask'>;
  readonly limits?: Partial<Pick<ChatLimits, 'answerWithinMs' | 'reserveMs'>>;
  /** The autonomy of the Orchestrator for a user: on `monitor` it proposes nothing. Default: core's `autonomyOf`, the stricter of the user's own and of that of `orchestrator`. */
  readonly autonomyOf?: (user: User) => Autonomy;
  readonly logger?: Logger;
}

/** A question to the desk. */
export interface Ask {
  /** Who asks, as the session says: never out of a text. */
  readonly userId: string;
  /** Default: a new conversation. */
  readonly conversationId?: string;
  /** At most 4,000 characters. */
  readonly text: string;
}

/** How a question is asked. */
export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Told of the answer so far, whole; each call replaces what was shown before. */
  readonly onText?: (text: string) => void;
  /** Called for the question and for the answer in the transaction that keeps it, the question first. */
  readonly onKept?: (message: ChatMessage, transaction: SqlTransaction) => Promise<void>;
}

/**
 * The desk's side of a conversation: places a question, gathers the desk's state as of now and the user's own, answers from it and cites it. It
 * changes nothing: an action is proposed, and waits until its user approves it by its hash at the {@link ProposalDesk}. What a message says
 * approves nothing.
 * @example
 * const answer = await orchestrator.ask({ userId: 'ada', text: 'Why is there no plan for BTC?' });
 * console.log(answer.text, answer.citations);
 */
export class Orchestrator {
  readonly #options: OrchestratorOptions;
  readonly #wallClock: Clock;
  readonly #random: Random;
  readonly #limits: Pick<ChatLimits, 'answerWithinMs' | 'reserveMs'>;
  readonly #logger: Logger;
  #graph: Promise<ChatGraph> | undefined;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#random = options.random ?? new SystemRandom();
    this.#limits = { ...chatLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
    options.proposals.onDecided(async ({ proposal, threadId }) => {
      if (threadId !== undefined) await (await this.#graphOf()).resume(threadId, proposal.id, proposal.status);
    });
  }

  /**
   * Answers a question. What fails on the way is said in the answer, which comes in time.
   * @throws ValidationError `chat.empty`, `chat.too-long`, `chat.unknown` for a conversation that is not the user's, `user.unknown`
   * @throws StoreError when the conversation can not be kept
   * @throws the reason of `signal`
   */
  async ask({ userId, conversationId, text }: Ask, options: AskOptions = {}): Promise<ChatMessage> {
    const { memory, redactor, clock } = this.#options;
    const { signal, onKept } = options;
    signal?.throwIfAborted();
    const asked = questionText(text, redactor);
    const conversation = conversationId ?? (await memory.begin(userId));
    const said =
      conversationId === undefined ? [] : await memory.read(userId, conversation, promptHistoryLimits.messages);
    const question: ChatMessage = {
      id: unguessableId('msg', this.#random),
      conversationId: conversation,
      userId,
      role: 'user',
      agents: [],
      text: asked,
      citations: [],
      atMs: clock.nowMs(),
    };
    await memory.append(question, onKept === undefined ? undefined : (transaction) => onKept(question, transaction));
    const { answer, put } = await this.#answer(question, promptHistory(said), options);
    const reply: ChatMessage = {
      id: unguessableId('msg', this.#random),
      conversationId: conversation,
      userId,
      role: 'assistant',
      agents: [...answer.agents],
      text: cleanText(put === undefined ? answer.text : put.text, redactor),
      citations: [...answer.citations],
      ...(put?.outcome === 'waiting' ? { proposalId: put.proposalId } : {}),
      source: answer.source,
      atMs: clock.nowMs(),
    };
    await memory.append(reply, onKept === undefined ? undefined : (transaction) => onKept(reply, transaction));
    return reply;
  }

  async #answer(
    question: ChatMessage,
    history: ChatQuestion['history'],
    { signal, onText }: AskOptions,
  ): Promise<ChatReply> {
    const { state, parts, redactor } = this.#options;
    const { answerWithinMs, reserveMs } = this.#limits;
    const { id, userId, conversationId, text } = question;
    const endsAtMs = this.#wallClock.nowMs() + answerWithinMs;
    let mine: UserDeskState | undefined;
    let isOver = false;
    const asking = (inTime: AbortSignal, byRules: boolean): ChatQuestion => ({
      ...{ text, history, byRules },
      shared: state.shared,
      context: { agent: 'orchestrator', userId, traceId: id },
      // The parts say what they have by then; half of the reserve is theirs to do so in.
      timeoutMs: Math.max(1, endsAtMs - reserveMs - this.#wallClock.nowMs()),
      signal: inTime,
    });
    const threadId = `chat:${userId}:${conversationId}:${id}`;
    try {
      const ended = await within(
        { clock: this.#wallClock, allowedMs: answerWithinMs - reserveMs / 2, outer: signal },
        async (inTime) =>
          (await this.#graphOf()).ask(threadId, {
            route: () => parts.route(asking(inTime, false)),
            own: async () => {
              const read = await state.ofUser(userId, { signal: inTime });
              if (read.user.id !== userId)
                throw new StoreError('chat.state', "The desk gave another user's state than was asked for.");
              mine = read;
              return read;
            },
            compose: (route, own) =>
              parts.answer({
                ...asking(inTime, false),
                ...{ route, mine: own },
                ...(onText === undefined
                  ? {}
                  : { onText: (draft: string) => (isOver ? undefined : onText(cleanText(draft, redactor))) }),
              }),
            propose: async (action) => {
              inTime.throwIfAborted();
              return this.#propose(action, question, threadId, mine);
            },
          }),
      );
      if (ended.ended === 'done') return ended.value;
      signal?.throwIfAborted();
      this.#logger.warn({ userId, messageId: id }, 'a question was not answered in time');
      return { answer: await this.#late(asking, mine) };
    } catch (error) {
      signal?.throwIfAborted();
      if (ValidationError.is(error) && error.code === 'user.unknown') throw error;
      this.#logger.error({ error, userId, messageId: id }, 'a question could not be answered');
      return { answer: said('This could not be answered just now. Ask again in a moment.') };
    } finally {
      isOver = true;
    }
  }

  /** What there is to say by rules, once there is no time left for more. */
  async #late(
    asking: (inTime: AbortSignal, byRules: boolean) => ChatQuestion,
    mine: UserDeskState | undefined,
  ): Promise<ComposedAnswer> {
    const none = said('There was no time to answer this. Ask again in a moment.');
    if (mine === undefined) return none;
    const own = mine;
    const { parts } = this.#options;
    const ended = await within({ clock: this.#wallClock, allowedMs: this.#limits.reserveMs / 2 }, async (inTime) => {
      const route = await parts.route(asking(inTime, true));
      return parts.answer({ ...asking(inTime, true), route, mine: own });
    });
    return ended.ended === 'done' && ended.value.draft === undefined ? ended.value : none;
  }

  async #propose(
    action: ProposedAction,
    { id, userId, conversationId }: ChatMessage,
    threadId: string,
    mine: UserDeskState | undefined,
  ): Promise<Put> {
    const { autonomyOf: levelOf = (user: User) => autonomyOf(user, 'orchestrator'), proposals } = this.#options;
    try {
      if (mine === undefined || levelOf(mine.user) === 'monitor')
        return {
          outcome: 'refused',
          text: `You have set me to monitor, so I propose nothing. It would have been: ${describeAction(action)}`,
        };
      const proposal = await proposals.propose(userId, conversationId, action, { threadId, traceId: id });
      return {
        outcome: 'waiting',
        proposalId: proposal.id,
        text: `I propose: ${proposal.summary} Nothing is done before you approve it where it is shown; a word in the chat approves nothing.`,
      };
    } catch (error) {
      if (ValidationError.is(error) && error.code.startsWith('proposal.'))
        return { outcome: 'refused', text: error.message };
      throw error;
    }
  }

  #graphOf(): Promise<ChatGraph> {
    const { checkpointer, proposals } = this.#options;
    this.#graph ??= createChatGraph({ checkpointer, act: (proposalId) => proposals.carryOut(proposalId) });
    return this.#graph;
  }
}

const said = (text: string): ComposedAnswer => ({ text, agents: ['orchestrator'], citations: [], source: 'rules' });
