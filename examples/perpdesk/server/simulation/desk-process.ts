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
import {
  type ApprovalAuthority,
  type Candle,
  Desk,
  type EventBus,
  type ExecutionVenue,
  type Instrument,
  LocalMarketBus,
  type Logger,
  type MarketObservation,
  type MarketStep,
  type RiskGate,
  SeededRandom,
  type Service,
  SortableIdGenerator,
  StaticUserDirectory,
  type TradingSwitch,
  type User,
  type UserDirectory,
} from '@perpdesk/core';
import { type Database, OutboxEventBus } from '@perpdesk/core/database';
import { SqlAuditLog } from '@perpdesk/core/security';
import { IndicatorPipeline, MarketDataService, MarketState } from '@perpdesk/data';
import {
  EquityRecorder,
  FlattenService,
  KillSwitch,
  LocalWorkflowEngine,
  OrderDesk,
  Portfolio,
  PositionCloser,
  PositionGuard,
  TradeService,
  VenueDirectory,
} from '@perpdesk/execution';
import { Brix, BrixService, DurableTradingSwitch, SqlRiskStateStore } from '@perpdesk/risk';
import { required } from '../services.ts';
import { FailingBus } from './failing-bus.ts';
import { ForgetfulOrderDesk, OpenGate, type Sabotage, SleepingGuard } from './sabotage.ts';
import type { ProcessClock, SimulatedTime } from './simulated-time.ts';

/** What the operator re-arms with. */
const rearmToken = 'operator';

/** Options of {@link DeskProcess}. */
export interface DeskProcessOptions {
  readonly time: SimulatedTime;
  readonly clock: ProcessClock;
  /** Makes the ids of one process differ from those of another. */
  readonly seed: string;
  readonly database: Database;
  readonly directory: string;
  readonly users: readonly User[];
  readonly instruments: readonly Instrument[];
  readonly venue: ExecutionVenue;
  readonly authority: ApprovalAuthority;
  readonly busFails: () => boolean;
  /** Called with each authorisation that Brix gives. */
  readonly onApproved: (authorizationId: string) => void;
  /** Agents and War Room as well; without them plans come from elsewhere. */
  readonly agents: boolean;
  /** Who judges and guides, with a model perhaps. Default: agents, War Room and Koda by rules. */
  readonly panel?: (parts: PanelParts) => readonly Service[];
  readonly sabotage?: Sabotage | undefined;
  readonly logger: Logger;
}

/** What agents are made with. */
export interface PanelParts {
  readonly clock: ProcessClock;
  readonly eventBus: EventBus;
  readonly users: UserDirectory;
  readonly state: MarketState;
  readonly logger: Logger;
}

/**
 * One life of a desk: what `createServices` wires, in its order, with a way to its venue that may fail, and with the end of a
 * process at any moment. Another one over the same database and directory is the life after it.
 */
export class DeskProcess {
  readonly clock: ProcessClock;
  readonly eventBus: EventBus;
  readonly portfolio: Portfolio;
  readonly guard: PositionGuard;
  readonly engine: LocalWorkflowEngine;
  readonly orderDesk: OrderDesk;
  readonly trades: TradeService;
  readonly closer: PositionCloser;
  readonly killSwitch: KillSwitch;
  readonly tradingSwitch: DurableTradingSwitch;
  readonly #marketData: MarketDataService;
  readonly #outbox: OutboxEventBus;
  readonly #desk: Desk;
  readonly #time: SimulatedTime;
  #running = false;

  constructor(options: DeskProcessOptions) {
    const { agents, authority, clock, database, logger, sabotage, time, venue } = options;
    this.clock = clock;
    this.#time = time;
    const ids = new SortableIdGenerator({ clock, random: new SeededRandom(options.seed) });
    this.#outbox = new OutboxEventBus({ database, clock, ids, pollMs: 0, logger });
    const eventBus = new FailingBus(this.#outbox, options.busFails);
    this.eventBus = eventBus;
    const users = new StaticUserDirectory({ users: options.users });
    const marketBus = new LocalMarketBus({ clock, logger });
    const state = new MarketState({ clock });
    const marketView = state;
    const pipeline = new IndicatorPipeline();
    this.#marketData = new MarketDataService({
      ...{ clock, marketBus, eventBus, state, pipeline, logger },
      ...(agents ? {} : { timeframes: [] }),
    });
    this.#marketData.list(options.instruments);

    const auditLog = new SqlAuditLog({ database, clock, logger });
    const reauthenticate = ({ token }: { readonly token?: string }): boolean => token === rearmToken;
    const { directory } = options;
    this.tradingSwitch = new DurableTradingSwitch({ clock, directory, database, eventBus, reauthenticate, logger });
    const tradingSwitch: TradingSwitch = {
      state: (scopes) => this.tradingSwitch.state(scopes),
      set: (...given) => time.solid(() => this.tradingSwitch.set(...given)),
    };
    const venues = new VenueDirectory([venue]);
    this.portfolio = new Portfolio({ users, venues, marketView, eventBus, database, clock, logger });
    const { portfolio } = this;
    const brix = new Brix({
      ...{ clock, users, accounts: portfolio, marketView, authority, tradingSwitch, auditLog, reauthenticate, logger },
      venues: (name) => venues.get(name),
      store: new SqlRiskStateStore({ database }),
    });
    const riskGate =
      sabotage === 'no-gate' ? new OpenGate(brix, authority) : new WitnessedGate(brix, options.onApproved);
    const equity = new EquityRecorder({ users, venues, accounts: portfolio, database, clock, logger });
    const parts = { clock, eventBus, riskGate, venues, database, logger };
    this.orderDesk = sabotage === 'random-ids' ? new ForgetfulOrderDesk(parts, options) : new OrderDesk(parts);
    const { orderDesk } = this;
    this.closer = new PositionCloser({ orderDesk, venues, clock });
    const { closer } = this;
    this.killSwitch = new KillSwitch({ tradingSwitch, accounts: portfolio, orderDesk, closer, logger });
    const guardParts = {
      ...{ orderDesk, portfolio, closer, venues, eventBus, clock, database, logger },
      fundingRate: (id: Instrument['id']) => state.funding(id, 1).at(-1),
    };
    this.guard = sabotage === 'no-guard' ? new SleepingGuard(guardParts) : new PositionGuard(guardParts);
    const { guard, killSwitch } = this;
    this.engine = new LocalWorkflowEngine({ database, clock, leaseMs: 86_400_000, logger });
    const { engine } = this;
    this.trades = new TradeService({
      ...{ engine, closer, orderDesk, guard, accounts: portfolio, users, venues, marketView, riskGate: brix },
      ...{ eventBus, clock, wallClock: clock, database, logger },
    });

    const services: readonly Service[] = [
      this.tradingSwitch,
      auditLog,
      { name: 'paper', start: async () => {}, stop: async () => {}, health: () => ({ status: 'healthy' }) },
      portfolio,
      new BrixService({ brix, eventBus, clock, logger }),
      guard,
      new FlattenService({ killSwitch, eventBus, logger }),
      this.trades,
      equity,
      ...(options.panel ?? (agents ? ruledPanel : kodaAlone))({ clock, eventBus, users, logger, state }),
      this.#marketData,
    ];
    this.#desk = new Desk({ services, required, eventBus, clock, logger });
  }

  /** True once it has started: before it only listens to the market. */
  get running(): boolean {
    return this.#running && !this.clock.ended;
  }

  /** Fills state and indicators with what was before. */
  async warm(
    history: readonly (readonly Candle[])[],
    background: readonly (readonly MarketObservation[])[],
  ): Promise<void> {
    await this.#marketData.warm(history, background);
  }

  /** @throws PerpDeskError when a service that is required does not start. */
  async start(): Promise<void> {
    await this.#outbox.start();
    await this.#desk.start();
    this.#running = true;
  }

  /** Takes in a step of the market. Resolves when it was taken in, not when it was worked off. */
  async take(step: MarketStep): Promise<void> {
    if (this.running) await this.#marketData.ingest(step);
    else this.#marketData.absorb(step);
  }

  /** Lifts the halt of a scope. */
  async rearm(scope: Parameters<TradingSwitch['set']>[0]): Promise<void> {
    await this.#time.solid(() => this.tradingSwitch.set(scope, 'active', 'the reason is gone', { token: rearmToken }));
  }

  /** Ends it where it stands. */
  kill(): void {
    this.clock.end();
  }
}

function kodaAlone({ clock, eventBus, logger, state: marketView, users }: PanelParts): readonly Service[] {
  return [new KodaService({ koda: new Koda({ marketView }), eventBus, users, clock, logger })];
}

function ruledPanel(parts: PanelParts): readonly Service[] {
  const { clock, eventBus, logger, state } = parts;
  const marketView = state;
  const analysts = [
    new Vanta({ marketView, clock }),
    new Luma({ marketView, derivativesView: state, clock }),
    new Meridian({ marketView, macroView: state, clock }),
  ];
  const warRoom = new WarRoom({ agents: analysts, marketView, riven: new Riven({ logger }), wallClock: clock, logger });
  return [
    ...kodaAlone(parts),
    new WarRoomService({ warRoom, eventBus, marketView, clock, logger }),
    ...analysts.map((agent) => new AgentService({ agent, marketView, eventBus, clock, logger })),
  ];
}

/** Brix, each of whose authorisations somebody else writes down too. */
class WitnessedGate implements RiskGate {
  readonly filter: RiskGate['filter'];
  readonly release: RiskGate['release'];
  readonly #gate: RiskGate;
  readonly #onApproved: (authorizationId: string) => void;

  constructor(gate: RiskGate, onApproved: (authorizationId: string) => void) {
    this.#gate = gate;
    this.#onApproved = onApproved;
    this.filter = gate.filter.bind(gate);
    this.release = gate.release.bind(gate);
  }

  async authorize(...asked: Parameters<RiskGate['authorize']>): ReturnType<RiskGate['authorize']> {
    const decision = await this.#gate.authorize(...asked);
    if (decision.outcome === 'approved') this.#onApproved(decision.order.authorization.id);
    return decision;
  }
}
