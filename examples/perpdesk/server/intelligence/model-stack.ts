import {
  DeskModel,
  type ModelBudgets,
  SqlAnswerStore,
  SqlModelJournal,
  SqlModelLedger,
  TracedModel,
} from '@perpdesk/agents';
import {
  type Clock,
  type Health,
  type IdGenerator,
  type LanguageModel,
  type Logger,
  type Release,
  type Service,
  SystemRandom,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';

/** What a desk's models stand on. */
export interface ModelStackSetting {
  readonly models: readonly [LanguageModel, ...LanguageModel[]];
  readonly budgets?: ModelBudgets;
  readonly database: Database;
  /** By which the journal is dated. */
  readonly clock: Clock;
  /** What bounds an answer. */
  readonly wallClock: Clock;
  readonly ids: IdGenerator;
  readonly redactor?: Redactor;
  readonly logger: Logger;
}

const dayMs = 86_400_000;
/** What was asked is kept for so long; an answer that may be given again, and what was spent, for as long as they can matter. */
const keptMs = { journal: 90 * dayMs, answers: 7 * dayMs, ledger: 400 * dayMs } as const;

/** What a user's questions may take of what the desk may spend on a day, so that nobody asks the agents' money away. */
const chatShare = 0.25;

/** Budgets of chats: those of the desk, and of each user a share of its day. */
function chatBudgets(budgets: ModelBudgets = {}): ModelBudgets {
  const { day } = budgets;
  if (day === undefined || budgets.user !== undefined) return budgets;
  return {
    ...budgets,
    user: Object.fromEntries(Object.entries(day).map(([measure, most]) => [measure, most * chatShare])),
  };
}

/** The models of a desk with what belongs around them, as a part that opens and prunes its tables and ends after who asks. */
export class ModelStack implements Service {
  readonly name = 'models';
  readonly model: DeskModel;
  /** The same models for chats, under guards of their own: what users write can not have the agents' guards leave a model alone. */
  readonly chatModel: DeskModel;
  readonly ledger: SqlModelLedger;
  readonly journal: SqlModelJournal;
  readonly #answers: SqlAnswerStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancel: Release | undefined;

  constructor(setting: ModelStackSetting) {
    const { models, budgets, database, clock, wallClock, ids, redactor, logger } = setting;
    this.ledger = new SqlModelLedger({ database });
    this.journal = new SqlModelJournal({ database });
    this.#answers = new SqlAnswerStore({ database });
    this.#clock = wallClock;
    this.#logger = logger;
    const common = {
      ...{
        models: models.map((model) => new TracedModel({ model })),
        clock: wallClock,
        deskClock: clock,
        random: new SystemRandom(),
        ids,
        logger,
      },
      ...{ ledger: this.ledger, journal: this.journal },
      ...(redactor === undefined ? {} : { redactor }),
    };
    this.model = new DeskModel({
      ...{ ...common, answers: this.#answers },
      ...(budgets === undefined ? {} : { budgets }),
    });
    this.chatModel = new DeskModel({ ...common, budgets: chatBudgets(budgets) });
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    for (const store of [this.ledger, this.journal, this.#answers]) await store.open();
    this.#prune();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await Promise.all([this.model.flush(), this.chatModel.flush()]);
  }

  health(): Health {
    if (this.#cancel === undefined) return { status: 'stopped' };
    const unrecorded = this.model.unrecorded + this.chatModel.unrecorded;
    return unrecorded === 0
      ? { status: 'healthy' }
      : { status: 'degraded', detail: `${unrecorded} questions to models could not be written down.` };
  }

  /** Lets go of what chats of a user asked models. @throws StoreError */
  async forgetChats(userId: string): Promise<void> {
    await this.chatModel.flush();
    await this.journal.prune({ userId, agent: 'orchestrator' });
  }

  #prune(): void {
    this.#cancel = this.#clock.setTimer(dayMs, () => this.#prune());
    const nowMs = this.#clock.nowMs();
    Promise.all([
      this.journal.prune({ beforeMs: nowMs - keptMs.journal }),
      this.#answers.prune({ expiredMs: nowMs, keptMs: nowMs - keptMs.answers }),
      this.ledger.prune(nowMs - keptMs.ledger),
    ]).catch((error: unknown) =>
      this.#logger.warn({ error }, 'what models were asked long ago could not be let go of'),
    );
  }
}
