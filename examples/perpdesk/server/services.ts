import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { WarRoomOptions } from '@perpdesk/agents';
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
  WarRoomMode,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { FileCheckpointSink, HmacApprovalAuthority, type Redactor, SqlAuditLog } from '@perpdesk/core/security';
import {
  IndicatorPipeline,
  MacroCalendar,
  MarketDataService,
  MarketState,
  type MarketStateOptions,
  RetentionService,
  SqlTimeSeriesStore,
} from '@perpdesk/data';
import {
  DeadMansSwitchService,
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
  type VenueBaseOptions,
  VenueDirectory,
  VenueRouter,
} from '@perpdesk/execution';
import {
  Brix,
  BrixService,
  DurableTradingSwitch,
  LimitBook,
  MemoryRiskStateStore,
  type Reauthenticate,
  SharedLease,
  SqlLimitStore,
  SqlRiskStateStore,
} from '@perpdesk/risk';
import type { LiveTrading } from './execution/live-trading.ts';
import { createChat } from './intelligence/create-chat.ts';
import { createIntelligence } from './intelligence/create-intelligence.ts';
import { createPredictions } from './intelligence/create-predictions.ts';
import type { ChosenModel } from './language-model.ts';
import type { DayRecorder } from './parity/day-recorder.ts';
import { RecordedMarketData } from './parity/recorded-market-data.ts';
import { rankVenues } from './rank-venues.ts';

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
  /** Signs the audit log's checkpoints; without it there are none. */
  readonly auditKey?: KeyObject;
  readonly thinking: ChosenModel;
  /** Masks keys in what is written down of questions to models. */
  readonly redactor?: Redactor;
  /** What whoever may re-arm what was halted authenticates with. */
  readonly rearmToken: string;
  /** What only a desk on live market data has. */
  readonly live?: LiveSetting;
  /** The venues orders go to; without it they go to paper. */
  readonly trading?: LiveTrading;
  /** Writes down what the desk is given. */
  readonly recorder?: DayRecorder;
  /** Keeps what was said in a round whose turns are paid for, so that a start goes on with it. Default: it is held anew. */
  readonly checkpointer?: NonNullable<WarRoomOptions['checkpointer']>;
  /** What approvals expire by. Default: the wall clock. */
  readonly approvalClock?: Clock;
  /** What only a desk on a past that nobody comes back to may do without. */
  readonly study?: StudySetting;
  readonly logger: Logger;
}

/** How a desk is wired that alone acts on its account, and of which only the findings are kept. */
export interface StudySetting {
  /** Default `handoff`. */
  readonly mode?: WarRoomMode;
  /** How often positions are compared with a venue on which nobody else acts, ms. Default 60,000. */
  readonly sweepMs?: number;
  /** How often positions with exit rules are looked at, ms. Default 1,000. */
  readonly exitCheckMs?: number;
  /** How often the equity of accounts is written down, ms. Default 300,000. */
  readonly equityEveryMs?: number;
  /** How often Brix looks at the use of limits, ms. Default 60,000. */
  readonly limitCheckMs?: number;
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
  const { recorder, approvalClock = wallClock, study } = setting;
  // Agents read what is in memory; what a study's bars and indicators were, its recording says.
  const kept = study === undefined ? { store } : {};
  const ofMarket = { clock, marketBus, eventBus, state, pipeline: new IndicatorPipeline(), ...kept, logger };
  const marketData =
    recorder === undefined ? new MarketDataService(ofMarket) : new RecordedMarketData({ ...ofMarket, recorder });

  const auditLog = new SqlAuditLog({
    database,
    clock,
    ...(setting.auditKey === undefined
      ? {}
      : {
          checkpoints: {
            sink: new FileCheckpointSink({ path: join(directory, 'audit-checkpoints.jsonl') }),
            privateKey: setting.auditKey,
          },
        }),
    logger,
  });
  const reauthenticate: Reauthenticate = ({ token }) => token === setting.rearmToken;
  const tradingSwitch = new DurableTradingSwitch({ clock, directory, database, eventBus, reauthenticate, logger });
  const authority = new HmacApprovalAuthority({ clock, ids });
  const atWire: Pick<VenueBaseOptions, 'verifier' | 'onMismatch' | 'mayLeave'> = {
    verifier: authority.verifier(),
    onMismatch: (mismatch) => tradingSwitch.set('operator', 'halted', mismatch.message),
    mayLeave: (intent) => brix.mayLeave(intent),
  };
  const paper = new PaperVenue({
    clock,
    database: databases.paper,
    marketBus,
    marketView,
    derivativesView: state,
    ...atWire,
    logger,
  });
  const onConnected = (): Promise<void> => portfolio.reconcile();
  const links = setting.trading?.links({ ...atWire, marketData, database, onConnected }) ?? [];
  const venues = new VenueDirectory([paper, ...links.map(({ venue }) => venue)]);
  // A real account outlives this process and may be traded by another one: what that one halts must reach this one.
  const lease = links.length === 0 ? undefined : new SharedLease({ clock: wallClock, source: tradingSwitch, logger });
  const limitBook = new LimitBook({ clock, store: new SqlLimitStore({ database }), auditLog, reauthenticate });
  const portfolio = new Portfolio({ users, venues, marketView, eventBus, database, clock, logger });
  const brix = new Brix({
    clock,
    users,
    accounts: portfolio,
    marketView,
    venues: (name) => venues.get(name),
    authority,
    tradingSwitch,
    store: study === undefined ? new SqlRiskStateStore({ database }) : new MemoryRiskStateStore(),
    rankVenues: rankVenues(new VenueRouter({ venues, marketView, derivativesView: state }), portfolio),
    auditLog,
    reauthenticate,
    limitBook,
    ...(lease === undefined ? {} : { lease: () => lease.held() }),
    logger,
  });
  const equity = new EquityRecorder({
    ...{ users, venues, accounts: portfolio, database, clock, logger },
    ...(study?.equityEveryMs === undefined ? {} : { everyMs: study.equityEveryMs }),
  });
  const orderDesk = new OrderDesk({ clock, eventBus, riskGate: brix, venues, database, logger });
  const closer = new PositionCloser({ orderDesk, venues, clock });
  const killSwitch = new KillSwitch({ tradingSwitch, accounts: portfolio, orderDesk, closer, logger });
  const guard = new PositionGuard({
    ...{ orderDesk, portfolio, closer, venues, eventBus, clock, database, logger },
    fundingRate: (id) => state.funding(id, 1).at(-1),
    ...(study?.sweepMs === undefined ? {} : { sweepMs: study.sweepMs }),
    ...(study?.exitCheckMs === undefined ? {} : { exitCheckMs: study.exitCheckMs }),
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
    macroView: state,
    riskGate: brix,
    eventBus,
    clock,
    wallClock: approvalClock,
    database,
    logger,
  });

  const intelligence = createIntelligence({
    ...{ clock, wallClock, ids, eventBus, marketBus, users, state, store, database, logger },
    thinking: setting.thinking,
    ...(setting.redactor === undefined ? {} : { redactor: setting.redactor }),
    ...(setting.checkpointer === undefined ? {} : { checkpointer: setting.checkpointer }),
    mode: study?.mode ?? 'handoff',
    kept: study === undefined,
  });

  const predictions = createPredictions({
    ...{ clock, wallClock, eventBus, store, logger },
    sources: live?.predictionSources ?? [],
    databases: { desk: database, market: databases.market },
    ...(intelligence.model === undefined ? {} : { model: intelligence.model }),
  });

  const chat = createChat({
    ...{ clock, wallClock, eventBus, users, database, marketView, venues, portfolio, orderDesk, guard, closer, trades },
    ...{ tradingSwitch, limitBook, intelligence, logger },
    ...(predictions.plop === undefined ? {} : { plop: predictions.plop }),
    ...(setting.redactor === undefined ? {} : { redactor: setting.redactor }),
    ...(recorder === undefined ? {} : { recorder }),
  });

  const services: readonly Service[] = [
    tradingSwitch,
    auditLog,
    ...intelligence.before,
    ...(lease === undefined ? [] : [lease]),
    paper,
    ...links,
    portfolio,
    new BrixService({ ...{ brix, eventBus, clock, logger }, checkEveryMs: study?.limitCheckMs ?? 60_000 }),
    guard,
    new FlattenService({ killSwitch, eventBus, logger }),
    trades,
    ...(links.length === 0 ? [] : [new DeadMansSwitchService({ users, venues, accounts: portfolio, clock, logger })]),
    equity,
    ...intelligence.after,
    marketData,
    ...(live === undefined
      ? []
      : [
          new MacroCalendar({ clock, sources: live.macroSources, desk: marketData, logger }),
          new RetentionService({ database: databases.market, clock, logger }),
          ...predictions.services,
        ]),
    // Nobody talks to a study.
    ...(study === undefined ? chat.services : []),
  ];
  return {
    ...{ services, store, state, limitBook, marketData, paper, portfolio, trades, closer, killSwitch, tradingSwitch },
    ...{ brix, orderDesk, intelligence, predictions, chat: chat.chat, actions: chat.actions },
  };
}
