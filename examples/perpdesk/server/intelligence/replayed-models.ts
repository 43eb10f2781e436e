import { type ModelLedger, RecordingModel, SettledModel, SqlModelJournal, TimedReplayModel } from '@perpdesk/agents';
import {
  type Clock,
  ConfigError,
  type Health,
  type IdGenerator,
  type Logger,
  type RoundCost,
  type Service,
  type SimulatedClock,
  SystemClock,
} from '@perpdesk/core';
import { type Database, OutboxEventBus } from '@perpdesk/core/database';

/** What the models of an earlier run answered, and what they cost. */
export interface RecordedModels {
  /** Of the earlier run; closed by whoever opened it. */
  readonly journal: SqlModelJournal;
  readonly costs: ReadonlyMap<string, RoundCost>;
}

/**
 * What agents think with whose models' answers are in the database of an earlier run.
 * @throws ConfigError `replay-models.none` when it asked none. @throws StoreError
 */
export async function recordedThinking(
  database: Database,
  { ids, logger }: { readonly ids: IdGenerator; readonly logger: Logger },
): Promise<{ readonly recorded: RecordedModels; readonly notice: string }> {
  const journal = new SqlModelJournal({ database });
  await journal.open();
  if ((await journal.read({ limit: 1 })).length === 0)
    throw new ConfigError('replay-models.none', 'No model was asked in the run that --replay-models names.');
  const eventBus = new OutboxEventBus({ database, clock: new SystemClock(), ids, logger });
  await eventBus.start();
  const costs = new Map<string, RoundCost>();
  for (let afterPosition = 0; ; ) {
    const page = await eventBus.read({ types: ['round.concluded'], afterPosition, limit: 1000 });
    for (const { event, position } of page) {
      if (event.type === 'round.concluded' && event.payload.cost !== undefined)
        costs.set(event.payload.round.key, event.payload.cost);
      afterPosition = position;
    }
    if (page.length === 0) break;
  }
  await eventBus.close();
  return { recorded: { journal, costs }, notice: 'Models answer as they did in an earlier run.' };
}

/** What replayed models stand on. */
export interface ReplayedModelsSetting {
  readonly recorded: RecordedModels;
  /** Where this run's own journal is. */
  readonly database: Database;
  readonly clock: SimulatedClock;
  readonly ids: IdGenerator;
  readonly logger: Logger;
}

const nothing = { calls: 0, failedCalls: 0, inputTokens: 0, outputTokens: 0, usd: 0, modelMs: 0 } as const;

/**
 * The models of a run that is replayed: they answer what they answered then, as late as then, and what rounds cost is what they cost then. No
 * network is used, and what was never asked is left to the rules.
 */
export class ReplayedModels implements Service {
  readonly name = 'models';
  readonly model: SettledModel;
  readonly chatModel = undefined;
  /** By which answers come: all that bounds them runs on it. */
  readonly wallClock: Clock;
  readonly journal: SqlModelJournal;
  readonly ledger: Pick<ModelLedger, 'spent'>;
  readonly #replay: TimedReplayModel;
  readonly #recording: RecordingModel;
  #isOpen = false;

  constructor({ recorded, database, clock, ids, logger }: ReplayedModelsSetting) {
    this.#replay = new TimedReplayModel({ journal: recorded.journal, deskClock: clock });
    this.wallClock = this.#replay.clock;
    this.journal = new SqlModelJournal({ database });
    const { wallClock, journal } = this;
    this.#recording = new RecordingModel({ model: this.#replay, ...{ journal, clock, wallClock, ids, logger } });
    // Whom its guard left alone then, the journal says.
    const failures = Number.POSITIVE_INFINITY;
    this.model = new SettledModel({ model: this.#recording, clock: wallClock, deskClock: clock, failures });
    this.ledger = {
      spent: async (query) => {
        const cost = 'roundKey' in query ? recorded.costs.get(query.roundKey) : undefined;
        return cost === undefined ? nothing : { ...nothing, ...cost, calls: 1 };
      },
    };
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    await this.journal.open();
    this.#isOpen = true;
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    await this.#recording.flush();
  }

  health(): Health {
    if (!this.#isOpen) return { status: 'stopped' };
    const { notRecorded } = this.#replay;
    return notRecorded === 0
      ? { status: 'healthy' }
      : {
          status: 'degraded',
          detail: `${notRecorded} questions were not asked in the recorded run: rules answered them.`,
        };
  }
}
