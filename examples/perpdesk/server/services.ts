import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
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
import type {
  Clock,
  EventBus,
  IdGenerator,
  Logger,
  MacroSource,
  MarketBus,
  PredictionSource,
  Service,
  UserDirectory,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { FileCheckpointSink, HmacApprovalAuthority, SqlAuditLog } from '@perpdesk/core/security';
import {
  DiscoveryScan,
  IndicatorPipeline,
  MacroCalendar,
  MarketDataService,
  MarketState,
  type MarketStateOptions,
  PredictionWatch,
  RetentionService,
  SqlTimeSeriesStore,
} from '@perpdesk/data';
import {
  EquityRecorder,
  FlattenService,
  KillSwitch,
  LocalWorkflowEngine,
  OrderDesk,
  PaperVenue,
  Portfolio,
  PositionCloser,
  PositionGuard,
  TradeService,
  VenueDirectory,
} from '@perpdesk/execution';
import { Brix, BrixService, DurableTradingSwitch, type Reauthenticate, SqlRiskStateStore } from '@perpdesk/risk';
import type { ChosenModel } from './language-model.ts';

/** What the services are made with. */
export interface ServiceSetting {
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly ids: IdGenerator;
  readonly eventBus: EventBus;
  readonly marketBus: MarketBus;
  readonly users: UserDirectory;
  readonly databases: { readonly desk: Database; readonly market: Database; readonly paper: Database };
  readonly directory: string;
  /** Signs the audit log's checkpoints. */
  readonly auditKey: KeyObject;
  readonly thinking: ChosenModel;
  /** What whoever may re-arm what was halted authenticates with. */
  readonly rearmToken: string;
  /** What only a desk on live market data has. */
  readonly live?: LiveSetting;
  readonly logger: Logger;
}

/** What is particular to live market data. */
export interface LiveSetting {
  /** How old prices may be, whose instruments agents speak of. */
  readonly market: Pick<MarketStateOptions, 'freshness' | 'preferredVenues'>;
  /** Where economic dates and figures come from. */
  readonly macroSources: readonly MacroSource[];
  /** Prediction markets that are looked through. Closed by whoever made them. */
  readonly predictionSources: readonly PredictionSource[];
}

/** Services without which the desk must not run: without them a position could stand unguarded. */
export const required = ['trading-switch', 'audit', 'paper', 'portfolio', 'brix', 'positions', 'workflow'] as const;

/** One process owns its data directory, and simulated hours pass in seconds: a lease that is renewed seldom costs nothing. */
const leaseMs = 86_400_000;

/** Wires all parts of the desk. The services are in the order they start: who listens before who speaks. */
export function createServices(setting: ServiceSetting) {
  const { clock, wallClock, ids, eventBus, marketBus, users, databases, directory, live, logger } = setting;
  const database = databases.desk;

  const state = new MarketState({ clock, ...live?.market });
  const marketView = state;
  const store = new SqlTimeSeriesStore({ database: databases.market });
  const marketData = new MarketDataService({
    clock,
    marketBus,
    eventBus,
    state,
    pipeline: new IndicatorPipeline(),
    store,
    logger,
  });

  const auditLog = new SqlAuditLog({
    database,
    clock,
    checkpoints: {
      sink: new FileCheckpointSink({ path: join(directory, 'audit-checkpoints.jsonl') }),
      privateKey: setting.auditKey,
    },
    logger,
  });
  const reauthenticate: Reauthenticate = ({ token }) => token === setting.rearmToken;
  const tradingSwitch = new DurableTradingSwitch({ clock, directory, database, eventBus, reauthenticate, logger });
  const authority = new HmacApprovalAuthority({ clock, ids });
  const paper = new PaperVenue({
    clock,
    database: databases.paper,
    marketBus,
    marketView,
    derivativesView: state,
    verifier: authority.verifier(),
    onMismatch: (mismatch) => tradingSwitch.set('operator', 'halted', mismatch.message),
    logger,
  });
  const venues = new VenueDirectory([paper]);
  const portfolio = new Portfolio({ users, venues, marketView, eventBus, database, clock, logger });
  const brix = new Brix({
    clock,
    users,
    accounts: portfolio,
    marketView,
    venues: (name) => venues.get(name),
    authority,
    tradingSwitch,
    store: new SqlRiskStateStore({ database }),
    auditLog,
    reauthenticate,
    logger,
  });
  const equity = new EquityRecorder({ users, venues, accounts: portfolio, database, clock, logger });
  const orderDesk = new OrderDesk({ clock, eventBus, riskGate: brix, venues, database, logger });
  const closer = new PositionCloser({ orderDesk, venues });
  const killSwitch = new KillSwitch({ tradingSwitch, accounts: portfolio, orderDesk, closer, logger });
  const guard = new PositionGuard({
    ...{ orderDesk, portfolio, closer, venues, eventBus, clock, database, logger },
    fundingRate: (id) => state.funding(id, 1).at(-1),
  });
  const engine = new LocalWorkflowEngine({ database, clock, leaseMs, logger });
  const trades = new TradeService({
    engine,
    closer,
    orderDesk,
    guard,
    accounts: portfolio,
    users,
    venues,
    marketView,
    riskGate: brix,
    eventBus,
    clock,
    wallClock,
    database,
    logger,
  });

  const { model, timeoutMs } = setting.thinking;
  // What bounds a model's answer is the time of the machine: the desk's own stands still while somebody thinks.
  const thinking = {
    clock: wallClock,
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { modelTimeoutMs: timeoutMs }),
  };
  const riven = new Riven({
    logger,
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
  });
  const agents = [
    new Vanta({ marketView, ...thinking }),
    new Luma({ marketView, derivativesView: state, ...thinking }),
    new Meridian({ marketView, macroView: state, ...thinking }),
  ];
  const warRoom = new WarRoom({ agents, marketView, riven, wallClock, logger });

  const services: readonly Service[] = [
    tradingSwitch,
    auditLog,
    paper,
    portfolio,
    new BrixService({ brix, eventBus, clock, logger }),
    guard,
    new FlattenService({ killSwitch, eventBus, logger }),
    trades,
    equity,
    new KodaService({ koda: new Koda({ marketView }), eventBus, users, clock, logger }),
    new WarRoomService({ warRoom, eventBus, marketView, clock, logger }),
    ...agents.map((agent) => new AgentService({ agent, marketView, eventBus, clock, logger })),
    marketData,
    ...(live === undefined
      ? []
      : [
          new MacroCalendar({ clock, sources: live.macroSources, desk: marketData, logger }),
          new RetentionService({ database: databases.market, clock, logger }),
          ...predictionServices(live.predictionSources, { clock, store, logger }),
        ]),
  ];
  return { services, store, state, marketData, paper, portfolio, trades, closer, killSwitch, tradingSwitch };
}

/** Looks for contracts worth a look and keeps what their quotes do. */
function predictionServices(
  sources: readonly PredictionSource[],
  shared: { readonly clock: Clock; readonly store: SqlTimeSeriesStore; readonly logger: Logger },
): readonly Service[] {
  const watch = new PredictionWatch({ ...shared, sources, mostWatched: 60 });
  const { clock, logger } = shared;
  return [
    watch,
    new DiscoveryScan({ clock, logger, sources, mostFound: 20, found: (contract) => watch.watch(contract) }),
  ];
}
