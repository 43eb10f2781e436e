import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DomainEvent,
  type DomainEventType,
  type EventBus,
  type Guidance,
  type Logger,
  type MacroView,
  MemoryEventBus,
  minus,
  type Order,
  type Position,
  type Signal,
  SimulatedClock,
  StaticUserDirectory,
  toRate,
  toUsd,
  type User,
  type WorkflowEngine,
} from '@perpdesk/core';
import { type Database, OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { testIds } from '@perpdesk/core/testing';
import { PositionCloser } from '../controls/position-closer.ts';
import { PositionGuard, type PositionGuardOptions } from '../guard/position-guard.ts';
import { OrderDesk } from '../orders/order-desk.ts';
import { PaperDesk } from '../paper/paper-desk.ts';
import type { PaperVenue } from '../paper/paper-venue.ts';
import type { PaperVenueOptions } from '../paper/paper-venue-options.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { exampleGuidance, exampleSignal } from '../trade/example-signal.ts';
import { TradeService } from '../trade/trade-service.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { LocalWorkflowEngine } from '../workflow-engine/local-workflow-engine.ts';
import { InterceptedVenue } from './intercepted-venue.ts';
import { TestGate } from './test-gate.ts';

/** 2026-01-05T12:00:00Z, a Monday. */
export const noonMs = Date.UTC(2026, 0, 5, 12);
export const btc = 'BTC-PERP@hyperliquid';
/** Where the one position of most tests is. */
export const place = { userId: 'alice', venue: 'paper', instrumentId: btc } as const;

export const exampleUser = (changes: Partial<User> = {}): User => ({
  id: 'alice',
  name: 'Alice',
  active: true,
  tier: 'intermediate',
  autonomy: 'full-auto',
  bounds: { maxNotional: toUsd(100_000), minConfidence: 0, maxTradesPerDay: 100 },
  limits: {},
  timeZone: 'UTC',
  venues: [],
  entryPreference: 'ladder',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
  ...changes,
});

/** Options of {@link TradingDesk}. */
export interface TradingDeskOptions {
  /** Where its files are; a folder of its own, thrown away at the end, when left out. */
  readonly folder?: string;
  readonly startAtMs?: number;
  readonly user?: Partial<User>;
  /** The economic calendar; default: none. */
  readonly macroView?: (clock: SimulatedClock) => MacroView;
  /** Default: the outbox. */
  readonly bus?: 'outbox' | 'memory';
  readonly paper?: Partial<PaperVenueOptions>;
  readonly guard?: Partial<PositionGuardOptions>;
  /** Opens a database file; for tests that count what is done with it. */
  readonly openFile?: (path: string) => Promise<Database>;
  /** Makes the ids of one life differ from those of another. */
  readonly seed?: string;
  /** Default: the local engine on the desk's database. */
  readonly makeEngine?: (parts: {
    readonly database: Database;
    readonly clock: SimulatedClock;
    readonly logger: Logger;
  }) => DeskEngine;
}

/** A workflow engine that can be closed. */
export type DeskEngine = WorkflowEngine & { close(): Promise<void> };

/**
 * One life of a desk's trading side on real files: engine, guard, portfolio and paper venue on a simulated clock. Another
 * over the same folder is the life after it.
 */
export class TradingDesk {
  readonly folder: string;
  readonly clock: SimulatedClock;
  readonly wallClock = new SimulatedClock({ startAtMs: noonMs });
  readonly market: PaperDesk;
  readonly database: Database;
  readonly eventBus: EventBus;
  readonly gate: TestGate;
  readonly paper: PaperVenue;
  readonly venue: InterceptedVenue;
  readonly venues: VenueDirectory;
  readonly users: StaticUserDirectory;
  readonly portfolio: Portfolio;
  readonly orderDesk: OrderDesk;
  readonly closer: PositionCloser;
  readonly guard: PositionGuard;
  readonly engine: DeskEngine;
  readonly trades: TradeService;
  /** What was logged as an error. */
  readonly errors: string[] = [];
  readonly #closers: (() => Promise<void> | void)[];
  readonly #ownFolder: boolean;
  #started = false;

  private constructor(
    options: TradingDeskOptions,
    made: Pick<TradingDesk, 'folder' | 'market' | 'database' | 'eventBus' | 'paper'> & {
      readonly closers: (() => Promise<void> | void)[];
    },
  ) {
    const { database, eventBus, market } = made;
    const logger: Logger = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (_, message = '') => void this.errors.push(message),
      child: () => logger,
    };
    this.folder = made.folder;
    this.#ownFolder = options.folder === undefined;
    this.market = market;
    this.clock = market.clock;
    this.database = database;
    this.eventBus = eventBus;
    this.paper = made.paper;
    this.#closers = made.closers;
    const { clock } = this;
    this.gate = new TestGate(market.authority, { database, clock: this.clock });
    this.venue = new InterceptedVenue(made.paper);
    this.venues = new VenueDirectory([this.venue]);
    this.users = new StaticUserDirectory({ users: [exampleUser(options.user)] });
    const { users, venues } = this;
    const marketView = market.marketView;
    this.portfolio = new Portfolio({ users, venues, marketView, eventBus, database, clock, logger });
    this.orderDesk = new OrderDesk({ clock, eventBus, riskGate: this.gate, venues, database, logger });
    const { orderDesk, portfolio } = this;
    this.closer = new PositionCloser({ orderDesk, venues, clock });
    const { closer } = this;
    this.guard = new PositionGuard({
      ...{ orderDesk, portfolio, closer, venues, eventBus, clock, database, logger },
      ...options.guard,
    });
    this.engine =
      options.makeEngine?.({ database, clock, logger }) ??
      new LocalWorkflowEngine({ database, clock, leaseMs: 86_400_000, logger });
    this.trades = new TradeService({
      ...{ engine: this.engine, closer, orderDesk, guard: this.guard, accounts: portfolio, users, venues, marketView },
      ...(options.macroView === undefined ? {} : { macroView: options.macroView(clock) }),
      ...{ riskGate: this.gate, eventBus, clock, wallClock: this.wallClock, database, logger },
    });
  }

  static async open(options: TradingDeskOptions = {}): Promise<TradingDesk> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'perpdesk-trading-'));
    const closers: (() => Promise<void> | void)[] = [];
    const open = async (name: string): Promise<Database> => {
      const path = join(folder, name);
      const database = await (options.openFile?.(path) ??
        openDatabase({ url: `sqlite:${path}`, durability: 'normal' }));
      closers.push(() => database.close());
      return database;
    };
    const market = new PaperDesk({ startAtMs: options.startAtMs ?? noonMs });
    const database = await open('desk.db');
    const ids = testIds(options.seed ?? 'desk', market.clock);
    const { clock } = market;
    let eventBus: EventBus = new MemoryEventBus({ clock, ids });
    if (options.bus !== 'memory') {
      const outbox = new OutboxEventBus({ database, clock, ids, pollMs: 0 });
      await outbox.start();
      closers.push(() => outbox.close());
      eventBus = outbox;
    }
    const paper = await market.open(await open('paper.db'), options.paper);
    closers.push(() => paper.stop());
    return new TradingDesk(options, { folder, market, database, eventBus, paper, closers });
  }

  /** Opens and starts. Prices are 60,000 until they are moved. */
  static async run(options: TradingDeskOptions = {}): Promise<TradingDesk> {
    const desk = await TradingDesk.open(options);
    await desk.price(60_000);
    await desk.start();
    return desk;
  }

  async start(): Promise<void> {
    this.#started = true;
    await this.portfolio.start();
    await this.guard.start();
    await this.trades.start();
    await this.clock.idle();
  }

  /** Says that this life has ended as if killed: nothing of it is waited for any more. */
  abandon(): void {
    this.#started = false;
  }

  /** Ends in order and closes the files, which are thrown away with the desk that made them. */
  async stop(options: { readonly keepFiles?: boolean } = {}): Promise<void> {
    if (this.#started) {
      this.#started = false;
      await this.trades.stop();
      await this.engine.close();
      await this.guard.stop();
      await this.portfolio.stop();
    }
    for (const close of this.#closers.splice(0).reverse()) await close();
    if (this.#ownFolder && options.keepFiles !== true) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Moves the price and lets everything settle. */
  async price(price: number, spread = 0): Promise<void> {
    await this.market.quote({ bid: price - spread / 2, ask: price + spread / 2 });
  }

  /** Lets time pass, with a price in each minute of it. */
  async pass(durationMs: number, price = 60_000): Promise<void> {
    const endMs = this.clock.nowMs() + durationMs;
    while (this.clock.nowMs() < endMs) {
      await this.clock.advanceTo(Math.min(endMs, this.clock.nowMs() + 30_000));
      await this.price(price);
    }
  }

  /** Has a signal arrive, as Koda sends it on. */
  async guide(signal: Partial<Signal> = {}, guidance?: Guidance): Promise<Signal> {
    const nowMs = this.clock.nowMs();
    const full = exampleSignal({ createdAtMs: nowMs, expiresAtMs: nowMs + 900_000, ...signal });
    const advice = { ...(guidance ?? exampleGuidance([marketLeg])), signalId: full.id };
    await this.eventBus.publish({
      id: `guidance:${full.id}`,
      type: 'guidance.published',
      key: full.userId,
      userId: full.userId,
      traceId: `trace:${full.id}`,
      payload: { signal: full, guidance: advice },
    });
    await this.clock.idle();
    return full;
  }

  async events<Type extends DomainEventType>(...types: Type[]): Promise<readonly DomainEvent<Type>[]> {
    const stored = await this.eventBus.read({ types, limit: 10_000 });
    return stored.map(({ event }) => event as DomainEvent<Type>);
  }

  /** What happened, by type, in order. */
  async story(...without: DomainEventType[]): Promise<readonly string[]> {
    const stored = await this.eventBus.read({ limit: 10_000 });
    return stored
      .map(({ event }) => event.type)
      .filter((type) => type !== 'account.changed' && !without.includes(type));
  }

  /** What rests at the venue, as text: purpose, what is left of it, trigger or limit. */
  async resting(): Promise<readonly string[]> {
    return (await this.paper.fetchOpenOrders('alice')).map(describeOrder).sort();
  }

  async positionAtVenue(): Promise<Position | undefined> {
    return (await this.paper.fetchPositions('alice'))[0];
  }
}

export const marketLeg: Guidance['legs'][number] = { type: 'market', fraction: toRate(1) };

export const describeOrder = ({ filledSize, price, purpose, size, triggerPrice }: Order): string =>
  `${purpose} ${minus(size, filledSize)} @ ${triggerPrice ?? price}`;
