import {
  CalibrationBook,
  type ChatParts,
  ConversationMemory,
  deskChatParts,
  freshMid,
  Koda,
  KodaService,
  Orchestrator,
  OrchestratorService,
  type PlopDesk,
  ProposalDesk,
} from '@perpdesk/agents';
import { openCheckpoints } from '@perpdesk/agents/checkpoints';
import {
  type ActionPort,
  type ApprovedOrder,
  type ChatMessage,
  type ExecutionVenue,
  type LanguageModel,
  type Proposal,
  SeededRandom,
  StaticUserDirectory,
  type User,
} from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { Redactor, SqlAuditLog } from '@perpdesk/core/security';
import { VenueDirectory } from '@perpdesk/execution';
import { LimitBook, SqlLimitStore } from '@perpdesk/risk';
import { DeskActions, timelyActions } from '../intelligence/desk-actions.ts';
import { deskStateView } from '../intelligence/desk-state.ts';
import { KnownRounds } from '../intelligence/known-rounds.ts';
import { DeskProcess, type PanelParts } from '../simulation/desk-process.ts';
import { LimitAudit } from '../simulation/limit-audit.ts';
import { RunLog } from '../simulation/run-log.ts';
import { SimulatedTime } from '../simulation/simulated-time.ts';
import { deposit, SimulatedWorld } from '../simulation/simulated-world.ts';
import { VenueAudit } from '../simulation/venue-audit.ts';
import { errorsHeard } from './errors-heard.ts';
import { MinuteMarket } from './minute-market.ts';

/** Options of {@link ChattingDesk}. */
export interface ChattingDeskOptions {
  readonly seed: number;
  readonly users: readonly User[];
  readonly directory: string;
  readonly model?: LanguageModel;
  readonly plop?: PlopDesk;
  /** What the desk's redactor knows. */
  readonly secrets?: readonly string[];
  /** Controls put something else in the place of a part. */
  readonly parts?: (own: ChatParts) => ChatParts;
}

const startAtMs = Date.UTC(2026, 0, 5, 8);

/** A whole desk that people talk to: chat, proposals, trades and their approvals, Brix and a paper venue, on simulated time. */
export class ChattingDesk {
  readonly time = new SimulatedTime(startAtMs);
  readonly log = new RunLog({ nowMs: () => this.time.clock.nowMs(), trace: false });
  /** Proposals that were carried out, as the action port was given them. */
  readonly acted: Proposal[] = [];
  /** Entries that left for the venue. */
  readonly sent: ApprovedOrder['intent'][] = [];
  readonly logged: string[] = [];
  readonly users: readonly User[];
  readonly audit: VenueAudit;
  readonly market: MinuteMarket;
  readonly #options: ChattingDeskOptions;
  readonly #errors = errorsHeard(this.log, (line) => this.logged.push(line));
  world!: SimulatedWorld;
  life!: DeskProcess;
  chat!: OrchestratorService;
  proposals!: ProposalDesk;
  memory!: ConversationMemory;
  limits!: LimitBook;
  database!: Database;
  #paper!: Database;

  constructor(options: ChattingDeskOptions) {
    this.#options = options;
    this.users = structuredClone(options.users);
    const nowMs = (): number => this.time.clock.nowMs();
    this.audit = new VenueAudit({ log: this.log, nowMs, markOf: (id) => this.world.mark(id), deposit });
    this.market = new MinuteMarket({ seed: String(options.seed), startAtMs, markets: ['BTC-PERP', 'ETH-PERP'] });
  }

  async open(): Promise<void> {
    const { directory, model, plop, secrets = [], seed } = this.#options;
    const { time, users, audit } = this;
    this.database = await openDatabase({ url: 'sqlite::memory:' });
    this.#paper = await openDatabase({ url: 'sqlite::memory:' });
    const database = this.database;
    const instruments = await this.market.instruments();
    this.world = new SimulatedWorld({ time, seed: String(seed), database: this.#paper, instruments });
    const clock = time.process();
    const nowMs = (): number => clock.nowMs();
    const limitAudit = new LimitAudit({
      ...{ log: this.log, audit, nowMs, users, dayOpen: deposit },
      markOf: (id) => this.world.mark(id),
    });
    const venue = watched(this.world.venue, (order) => {
      audit.sent(order);
      if (order.intent.reduceOnly) return;
      this.sent.push(order.intent);
      limitAudit.judge(order.intent);
    });
    let parts: PanelParts | undefined;
    const { logger } = this.#errors;
    this.life = new DeskProcess({
      ...{ time, clock, database, directory, venue, users, instruments, logger, agents: false, seed: String(seed) },
      ...{ authority: this.world.authority, busFails: () => false, onApproved: (id) => audit.approved(id) },
      panel: (given) => {
        parts = given;
        const { clock, eventBus, logger, state: marketView, users } = given;
        return [new KodaService({ koda: new Koda({ marketView }), eventBus, users, clock, logger })];
      },
    });
    if (parts === undefined) throw new Error('The desk has no parts.');
    const { eventBus, portfolio, orderDesk, guard, closer, tradingSwitch, trades } = this.life;
    const { state: marketView } = parts;
    const directoryOfUsers = new StaticUserDirectory({ users });
    const venues = new VenueDirectory([venue]);
    const known = new KnownRounds({ eventBus });
    const auditLog = new SqlAuditLog({ database, clock, logger });
    this.limits = new LimitBook({
      clock,
      store: new SqlLimitStore({ database }),
      auditLog,
      reauthenticate: () => false,
    });
    const state = deskStateView({
      ...{ marketView, known, venues, trades, tradingSwitch, accounts: portfolio, users: directoryOfUsers },
      ...{ calibration: new CalibrationBook({ clock }), limitBook: this.limits },
    });
    const acts = new DeskActions({
      ...{ users: directoryOfUsers, venues, marketView, portfolio, orderDesk, guard, closer, tradingSwitch, clock },
      limitBook: this.limits,
    });
    const real = timelyActions(acts, clock);
    const actions: ActionPort = {
      act: (proposal) => {
        this.acted.push(proposal);
        return real.act(proposal);
      },
    };
    const random = new SeededRandom(`chat:${seed}`);
    const redactor = new Redactor({ secrets });
    const shared = { clock, wallClock: clock, redactor };
    const talking = deskChatParts({
      ...shared,
      ...(model === undefined ? {} : { model }),
      ...(plop === undefined ? {} : { plop }),
    });
    this.memory = new ConversationMemory({ database, clock, random });
    this.proposals = new ProposalDesk({
      ...{ database, eventBus, actions, random, redactor, logger, wallClock: clock },
      mid: freshMid(state.shared),
    });
    const orchestrator = new Orchestrator({
      ...shared,
      ...{ state, random, logger, memory: this.memory, proposals: this.proposals },
      parts: this.#options.parts?.(talking) ?? talking,
      checkpointer: await openCheckpoints({ database, clock, retention: { threads: 'chat:' } }),
    });
    this.chat = new OrchestratorService({
      ...{ orchestrator, eventBus, logger, memory: this.memory, proposals: this.proposals, wallClock: clock },
      limits: { burst: 1_000_000, perMinute: 1_000_000 },
    });
    await this.world.venue.start();
    for (const { id } of users) this.world.venue.watch(id, (update) => audit.hear(id, update));
    await this.minute();
    await this.passes(Promise.all([this.life.start(), known.start()]));
    await this.passes(Promise.all([auditLog.start(), this.limits.open(), this.chat.start()]));
    await this.minute();
  }

  /** Asks on somebody's behalf. `drafts` takes what is shown meanwhile. */
  ask(
    userId: string,
    text: string,
    { conversationId, onText }: { readonly conversationId?: string; readonly onText?: (text: string) => void } = {},
  ): Promise<ChatMessage> {
    const ask = { userId, text, ...(conversationId === undefined ? {} : { conversationId }) };
    return this.chat.ask(ask, onText === undefined ? {} : { onText });
  }

  /** The next minute of the market. */
  async minute(): Promise<void> {
    const next = await this.market.next();
    await this.time.clock.advanceTo(Math.max(next.atMs, this.time.clock.nowMs()));
    await this.world.take(next);
    await this.time.clock.idle();
    await this.life.take(next);
    await this.time.clock.idle();
  }

  /** Lets time pass, a tenth of a second after another, until something has come. */
  async passes<Result>(work: Promise<Result>): Promise<Result> {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    for (let waited = 0; !over && waited < 600; waited += 1) await this.time.clock.advanceBy(100);
    if (!over) throw new Error('What was waited for did not come in a minute.');
    return ended;
  }

  async close(): Promise<void> {
    this.#errors.end();
    this.life?.kill();
    await this.database?.close();
    await this.#paper?.close();
  }
}

/** A venue, and somebody who sees what is sent to it. */
function watched(venue: ExecutionVenue, onSend: (order: ApprovedOrder) => void): ExecutionVenue {
  return new Proxy(venue, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (name === 'place' || name === 'amend') onSend(given[0] as ApprovedOrder);
        if (name === 'placeAll') for (const order of given[0] as readonly ApprovedOrder[]) onSend(order);
        return Reflect.apply(member, target, given);
      };
    },
  });
}
