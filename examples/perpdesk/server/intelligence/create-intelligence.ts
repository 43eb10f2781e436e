import {
  AgentService,
  CalibrationBook,
  CalibrationService,
  Koda,
  KodaService,
  Luma,
  Meridian,
  Riven,
  SettledModel,
  SqlCalibrationStore,
  Vanta,
  WarRoom,
  type WarRoomOptions,
  WarRoomService,
} from '@perpdesk/agents';
import {
  type Clock,
  type EventBus,
  type IdGenerator,
  type LanguageModel,
  type Logger,
  type MarketBus,
  type Service,
  SimulatedClock,
  type UserDirectory,
  type WarRoomMode,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';
import type { MarketState, SqlTimeSeriesStore } from '@perpdesk/data';
import type { ChosenModel } from '../language-model.ts';
import { KeptDecisions } from './kept-decisions.ts';
import { ModelStack } from './model-stack.ts';
import { ReplayedModels } from './replayed-models.ts';

/** What the agents are made with. */
export interface IntelligenceSetting {
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly ids: IdGenerator;
  readonly eventBus: EventBus;
  readonly marketBus: MarketBus;
  readonly users: UserDirectory;
  readonly state: MarketState;
  readonly store: SqlTimeSeriesStore;
  readonly database: Database;
  readonly thinking: ChosenModel;
  readonly redactor?: Redactor;
  readonly checkpointer?: NonNullable<WarRoomOptions['checkpointer']>;
  readonly mode: WarRoomMode;
  /** False: no record outlives the process, and only what weighs agents is scored. For studies, of which only the findings are kept. */
  readonly kept: boolean;
  readonly logger: Logger;
}

/**
 * Puts the agents, the War Room and what they think with together. `before` are the services that listen or are asked, and start before
 * those in `after`, who speak.
 */
export function createIntelligence(setting: IntelligenceSetting) {
  const { clock, eventBus, marketBus, users, state, store, database, thinking, logger } = setting;
  const marketView = state;
  const models = stackOf(setting);
  const wallClock = models instanceof ReplayedModels ? models.wallClock : setting.wallClock;
  const { timeoutMs } = thinking;
  const model: LanguageModel | undefined =
    models instanceof ModelStack && clock instanceof SimulatedClock
      ? new SettledModel({ model: models.model, clock: wallClock, deskClock: clock })
      : models?.model;
  // What bounds a model's answer is the time of the machine: the desk's own stands still while somebody thinks.
  const asking = {
    clock: wallClock,
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { modelTimeoutMs: timeoutMs }),
  };
  const riven = new Riven({
    ...{ wallClock, logger },
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
  });
  const agents = [
    new Vanta({ marketView, ...asking }),
    new Luma({ marketView, derivativesView: state, ...asking }),
    new Meridian({ marketView, macroView: state, ...asking }),
  ];
  const koda = new Koda({
    marketView,
    ...(model === undefined
      ? {}
      : { thinking: { model, clock: wallClock, ...(timeoutMs === undefined ? {} : { timeoutMs }) } }),
  });
  const calibration = new CalibrationBook({ clock });
  const warRoom = new WarRoom({
    ...{ agents, marketView, riven, calibration: calibration.daily, mode: setting.mode, wallClock, logger },
    ...(setting.checkpointer === undefined ? {} : { checkpointer: setting.checkpointer }),
  });
  const decisions = setting.kept
    ? new KeptDecisions({
        ...{ database, clock, wallClock, logger },
        ...(setting.redactor === undefined ? {} : { redactor: setting.redactor }),
      })
    : undefined;
  const journal = decisions === undefined ? {} : { journal: decisions.recorder };
  const before: readonly Service[] = [
    ...(decisions === undefined ? [] : [decisions]),
    ...(models === undefined ? [] : [models]),
    new CalibrationService({
      ...{ eventBus, clock, marketView, book: calibration, logger },
      ...(setting.kept ? { store: new SqlCalibrationStore({ database }), candleStore: store } : { turns: false }),
    }),
  ];
  const after: readonly Service[] = [
    new KodaService({ ...journal, koda, eventBus, users, clock, logger }),
    new WarRoomService({
      ...{ ...journal, warRoom, eventBus, marketBus, marketView, clock, logger },
      ...(models === undefined ? {} : { ledger: models.ledger }),
    }),
    ...agents.map((agent) => new AgentService({ ...journal, agent, marketView, eventBus, clock, logger })),
  ];
  return { before, after, agents, warRoom, models, model, calibration, decisions };
}

function stackOf({
  thinking,
  database,
  clock,
  wallClock,
  ids,
  redactor,
  logger,
}: IntelligenceSetting): ModelStack | ReplayedModels | undefined {
  const { models, recorded, budgets } = thinking;
  if (recorded !== undefined && clock instanceof SimulatedClock)
    return new ReplayedModels({ recorded, database, clock, ids, logger });
  if (models === undefined) return undefined;
  return new ModelStack({
    ...{ models, database, clock, wallClock, ids, logger },
    ...(budgets === undefined ? {} : { budgets }),
    ...(redactor === undefined ? {} : { redactor }),
  });
}
