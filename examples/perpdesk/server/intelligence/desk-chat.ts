import {
  type Conversation,
  ConversationMemory,
  deskChatParts,
  Orchestrator,
  OrchestratorService,
  type PlopDesk,
  ProposalDesk,
} from '@perpdesk/agents';
import { openCheckpoints } from '@perpdesk/agents/checkpoints';
import {
  type ActionPort,
  autonomyOf,
  type ChatMessage,
  type Clock,
  type DeskStateView,
  type EventBus,
  type Health,
  type InstrumentId,
  type LanguageModel,
  type Logger,
  type Proposal,
  type Service,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';

/** What the desk's side of chats is made with. */
export interface ChatSetting {
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly eventBus: EventBus;
  readonly database: Database;
  readonly state: DeskStateView;
  readonly actions: ActionPort;
  /** The fresh mid of an instrument: what a proposed order is held against. */
  readonly mid: (instrumentId: InstrumentId) => number | undefined;
  /** Without one questions are placed by rules and answered by templates. */
  readonly model?: LanguageModel;
  /** Lets go of what models were asked for a user. */
  readonly forgetAsked?: (userId: string) => Promise<void>;
  readonly plop?: PlopDesk;
  readonly redactor?: Redactor;
  readonly logger: Logger;
}

/** A desk's chat: questions and answers, what they propose, and what their user decides. All of it is of one user at a time. */
export class DeskChat implements Service {
  readonly name = 'chat';
  readonly #setting: ChatSetting;
  readonly #memory: ConversationMemory;
  readonly #proposals: ProposalDesk;
  readonly #service: OrchestratorService;
  #orchestrator: Promise<Orchestrator> | undefined;

  constructor(setting: ChatSetting) {
    const { clock, wallClock, eventBus, database, actions, mid, redactor, logger } = setting;
    this.#setting = setting;
    this.#memory = new ConversationMemory({ database, clock });
    this.#proposals = new ProposalDesk({
      ...{ database, eventBus, actions, wallClock, logger, mid },
      ...(redactor === undefined ? {} : { redactor }),
    });
    // What a conversation waits with is known to the Orchestrator, which hears of this decision too: it is told after whoever was there before.
    this.#proposals.onDecided(async () => void (await this.#open()));
    const orchestrator = {
      ask: async (...asked: Parameters<Orchestrator['ask']>) => (await this.#open()).ask(...asked),
    };
    this.#service = new OrchestratorService({
      ...{ orchestrator, memory: this.#memory, proposals: this.#proposals, eventBus, wallClock, logger },
    });
  }

  /** Opens its tables and asks after what was approved and never came to an outcome. @throws ConfigError `database.newer`; StoreError */
  start(): Promise<void> {
    return this.#service.start();
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  health(): Health {
    return this.#service.health();
  }

  /** Answers a question. @throws as `OrchestratorService.ask` */
  ask(...asked: Parameters<OrchestratorService['ask']>): Promise<ChatMessage> {
    return this.#service.ask(...asked);
  }

  /** Forgets all that a user and the desk said, and what models were asked of it. Proposals and events stay. @throws StoreError */
  async forget(userId: string): Promise<void> {
    await this.#service.forget(userId);
    await this.#setting.forgetAsked?.(userId);
  }

  /** A user's conversations, the one with the newest message first. @throws StoreError */
  conversations(userId: string): Promise<readonly Conversation[]> {
    return this.#memory.list(userId);
  }

  /** The last messages of a user's conversation, oldest first. @throws ValidationError `chat.unknown`; StoreError */
  conversation(userId: string, id: string, limit: number): Promise<readonly ChatMessage[]> {
    return this.#memory.read(userId, id, limit);
  }

  /** A user's proposals, newest first. @throws StoreError */
  proposals(userId: string): Promise<readonly Proposal[]> {
    return this.#proposals.list(userId);
  }

  /** @throws as `ProposalDesk.approve` */
  approve(userId: string, proposalId: string, contentHash: string): Promise<Proposal> {
    return this.#proposals.approve(userId, proposalId, contentHash);
  }

  /** @throws as `ProposalDesk.decline` */
  decline(userId: string, proposalId: string, reason?: string): Promise<Proposal> {
    return this.#proposals.decline(userId, proposalId, reason);
  }

  /** Opened with the first question or decision: a desk that nobody talks to loads no LangGraph. What failed is tried again. */
  #open(): Promise<Orchestrator> {
    this.#orchestrator ??= this.#opened().catch((error: unknown) => {
      this.#orchestrator = undefined;
      throw error;
    });
    return this.#orchestrator;
  }

  async #opened(): Promise<Orchestrator> {
    const { clock, wallClock, database, state, model, plop, redactor, logger } = this.#setting;
    const masking = redactor === undefined ? {} : { redactor };
    const checkpointer = await openCheckpoints({ database, clock, retention: { threads: 'chat:' } });
    return new Orchestrator({
      ...{ state, checkpointer, clock, wallClock, logger, ...masking },
      ...{ memory: this.#memory, proposals: this.#proposals },
      parts: deskChatParts({
        ...{ clock, wallClock, ...masking },
        ...(model === undefined ? {} : { model }),
        ...(plop === undefined ? {} : { plop }),
      }),
      autonomyOf: (user) => autonomyOf(user, 'orchestrator'),
    });
  }
}
