import {
  type ChatMessage,
  type Clock,
  type EventBus,
  type Health,
  type Logger,
  type Release,
  type Service,
  SystemClock,
  silentLogger,
  ValidationError,
} from '@perpdesk/core';
import type { SqlTransaction } from '@perpdesk/core/database';
import type { ConversationMemory } from '../memory/conversation-memory.ts';
import type { ProposalDesk } from '../proposal/proposal-desk.ts';
import type { Ask, AskOptions, Orchestrator } from './orchestrator.ts';
import { QuestionGate } from './question-gate.ts';
import { type ChatLimits, chatLimits } from './settings.ts';

/** Options of {@link OrchestratorService}. */
export interface OrchestratorServiceOptions {
  readonly orchestrator: Pick<Orchestrator, 'ask'>;
  readonly memory: ConversationMemory;
  readonly proposals: ProposalDesk;
  readonly eventBus: EventBus;
  /** What rates and retention run on. Default SystemClock. */
  readonly wallClock?: Clock;
  readonly limits?: Partial<ChatLimits>;
  readonly logger?: Logger;
}

/** A question that was taken in; `answer` once it is worked on. */
interface Asking {
  readonly userId: string;
  readonly abort: AbortController;
  answer?: Promise<unknown>;
}

const pruneEveryMs = 3_600_000;

/**
 * The Orchestrator as a part of a desk: holds back who asks too much, tells the desk of questions and answers (`chat.asked`, `chat.answered`,
 * for their user alone), runs the proposals' expiry, and forgets old conversations.
 */
export class OrchestratorService implements Service {
  readonly name = 'orchestrator';
  readonly #options: OrchestratorServiceOptions;
  readonly #wallClock: Clock;
  readonly #gate: QuestionGate;
  readonly #logger: Logger;
  readonly #running = new Set<Promise<unknown>>();
  readonly #asking = new Set<Asking>();
  /** By user: under way. */
  readonly #forgetting = new Map<string, Promise<void>>();
  #abort = new AbortController();
  #cancelPrune: Release = () => {};
  #isStarted = false;
  #answered = 0;

  constructor(options: OrchestratorServiceOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? new SystemClock();
    this.#gate = new QuestionGate({ wallClock: this.#wallClock, limits: { ...chatLimits, ...options.limits } });
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
  }

  /** @throws ConfigError `database.newer`; StoreError */
  async start(): Promise<void> {
    const { memory, proposals } = this.#options;
    this.#abort = new AbortController();
    await memory.open();
    await proposals.start();
    this.#isStarted = true;
    await this.#prune();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#cancelPrune();
    this.#abort.abort(new Error('The Orchestrator was stopped.'));
    await Promise.allSettled([...this.#running]);
    await this.#options.proposals.stop();
  }

  health(): Health {
    if (!this.#isStarted) return { status: 'stopped' };
    return { status: 'healthy', detail: `${this.#answered} questions answered, ${this.#gate.size} in hand` };
  }

  /**
   * Answers a question.
   * @throws ValidationError as {@link Orchestrator.ask}, and `chat.busy`, `chat.rate`, `chat.overloaded`, which may be tried again;
   * `chat.forgotten` where {@link forget} broke it off
   * @throws StoreError; the reason of `signal`
   */
  async ask(ask: Ask, options: Omit<AskOptions, 'onKept'> = {}): Promise<ChatMessage> {
    await this.#forgetting.get(ask.userId)?.catch(() => {});
    const asking: Asking = { userId: ask.userId, abort: new AbortController() };
    const ends = [this.#abort.signal, asking.abort.signal];
    const signal = AbortSignal.any(options.signal === undefined ? ends : [...ends, options.signal]);
    const { orchestrator } = this.#options;
    let askedId: string | undefined;
    const onKept = async (message: ChatMessage, transaction: SqlTransaction): Promise<void> => {
      askedId ??= message.id;
      await this.#tell(message, askedId, transaction);
    };
    const release = this.#wallClock.hold();
    const running = this.#gate.run(ask, () => {
      const answering = orchestrator.ask(ask, { ...options, signal, onKept });
      asking.answer = answering;
      return answering;
    });
    this.#running.add(running);
    this.#asking.add(asking);
    try {
      const answer = await running;
      this.#answered += 1;
      return answer;
    } finally {
      this.#running.delete(running);
      this.#asking.delete(asking);
      release();
    }
  }

  /**
   * Forgets all that a user and the desk said; questions under way are broken off, those that come meanwhile are asked after it. Proposals
   * stay: they are the record of what was approved. @throws StoreError
   */
  forget(userId: string): Promise<void> {
    const forgetting =
      this.#forgetting.get(userId) ?? this.#forget(userId).finally(() => this.#forgetting.delete(userId));
    this.#forgetting.set(userId, forgetting);
    return forgetting;
  }

  async #forget(userId: string): Promise<void> {
    const theirs = [...this.#asking].filter((asking) => asking.userId === userId);
    for (const { abort } of theirs)
      abort.abort(new ValidationError('chat.forgotten', 'Your conversations were forgotten meanwhile: ask again.'));
    // What has not begun writes nothing any more; what has must have written its last.
    await Promise.allSettled(theirs.map(({ answer }) => answer));
    await this.#options.memory.forget(userId);
  }

  async #tell(message: ChatMessage, askedId: string, transaction: SqlTransaction): Promise<void> {
    const { id, userId } = message;
    const isAnswer = id !== askedId;
    await this.#options.eventBus.publish(
      {
        id: `chat:${id}`,
        type: isAnswer ? 'chat.answered' : 'chat.asked',
        key: userId,
        userId,
        traceId: askedId,
        ...(isAnswer ? { causationId: `chat:${askedId}` } : {}),
        payload: message,
      },
      { transaction },
    );
  }

  async #prune(): Promise<void> {
    try {
      await this.#options.memory.prune();
    } catch (error) {
      this.#logger.warn({ error }, 'old conversations could not be forgotten');
    }
    if (!this.#isStarted) return;
    this.#cancelPrune = this.#wallClock.setTimer(pruneEveryMs, () => void this.#prune());
  }
}
