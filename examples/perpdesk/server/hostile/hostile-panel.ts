import {
  AgentService,
  Koda,
  KodaService,
  Luma,
  Meridian,
  Riven,
  Vanta,
  WarRoom,
  WarRoomService,
} from '@perpdesk/agents';
import type { LanguageModel, SensingAgent, Service, WarRoomMode } from '@perpdesk/core';
import type { PanelParts } from '../simulation/desk-process.ts';

/** The model of each of those who may have one; who has none judges by rules. */
export interface PanelModels {
  readonly vanta?: LanguageModel;
  readonly luma?: LanguageModel;
  readonly meridian?: LanguageModel;
  readonly riven?: LanguageModel;
  readonly koda?: LanguageModel;
}

/** The sensing agents, each with its own model or none, on the desk's clock as the machine's. */
export function sensingAgents({ clock, state }: PanelParts, models: PanelModels): readonly SensingAgent[] {
  const marketView = state;
  const thinking = (model: LanguageModel | undefined) => ({ clock, ...(model === undefined ? {} : { model }) });
  return [
    new Vanta({ marketView, ...thinking(models.vanta) }),
    new Luma({ marketView, derivativesView: state, ...thinking(models.luma) }),
    new Meridian({ marketView, macroView: state, ...thinking(models.meridian) }),
  ];
}

/** All who judge and guide, with models that are hostile. */
export function hostilePanel(parts: PanelParts, models: PanelModels, mode: WarRoomMode): readonly Service[] {
  const { clock, eventBus, logger, state, users } = parts;
  const marketView = state;
  const agents = sensingAgents(parts, models);
  const riven = new Riven({
    ...{ logger, wallClock: clock },
    ...(models.riven === undefined ? {} : { model: models.riven }),
  });
  const warRoom = new WarRoom({ agents, marketView, riven, mode, wallClock: clock, logger });
  const koda = new Koda({
    marketView,
    ...(models.koda === undefined ? {} : { thinking: { model: models.koda, clock } }),
  });
  return [
    new KodaService({ koda, eventBus, users, clock, logger }),
    new WarRoomService({ warRoom, eventBus, marketView, clock, logger }),
    ...agents.map((agent) => new AgentService({ agent, marketView, eventBus, clock, logger })),
  ];
}
