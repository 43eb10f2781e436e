import {
  type Account,
  type AccountView,
  type Clock,
  Desk,
  type DomainEvent,
  type EventBus,
  type Fill,
  type IdGenerator,
  LocalMarketBus,
  type Logger,
  type MarketBus,
  MemoryEventBus,
  minus,
  plus,
  type Random,
  type Recommendation,
  SeededRandom,
  type Service,
  SimulatedClock,
  SortableIdGenerator,
  SystemClock,
  silentLogger,
  type Usd,
  ValidationError,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { DeskTally } from './desk-tally.ts';

/** A value of one parameter of a run. */
export type ParameterValue = string | number | boolean;

/** What the desk of a backtest is made with. Everything in it is of this run alone and ends with it. */
export interface BacktestContext {
  /** Moved by the player alone: a data port that reads as of it can not look ahead. */
  readonly clock: SimulatedClock;
  /** The machine's: for deadlines of machines' work, never for decisions. */
  readonly wallClock: Clock;
  readonly random: Random;
  readonly ids: IdGenerator;
  /** In memory. */
  readonly eventBus: EventBus;
  readonly marketBus: MarketBus;
  /** An empty SQLite database in memory, opened when it is first asked for; another name is another database. */
  database(name?: string): Promise<Database>;
  readonly logger: Logger;
  readonly seed: string;
  /** Steps up to this only warm up, ms UTC; steps after `toMs` are not played. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** What varies between the runs of a sweep. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** Plays market data into the services; `MarketPlayer` of @perpdesk/data is one. */
export interface BacktestPlayer {
  /** Warms the services up and sets the clock to the first step. Called before they start. */
  prepare(): Promise<void>;
  /** Resolves when everything was played. */
  run(): Promise<unknown>;
  stop(): Promise<void>;
}

/** A desk to backtest: the very services that trade, and what drives them. */
export interface BacktestDesk {
  /** In the order of starting. */
  readonly services: readonly Service[];
  /** Names of services without which nothing is run. Default: all. */
  readonly required?: readonly string[];
  readonly player: BacktestPlayer;
  /** Whose accounts are followed; the portfolio. */
  readonly accounts: AccountView;
  readonly userId: string;
  /** Default `paper`. */
  readonly venue?: string;
  /** Lets go of what the desk holds besides its services. */
  dispose?(): Promise<void>;
}

/** Makes the desk of a run. A module that exports it can be swept, see {@link sweep}. */
export type CreateBacktestDesk = (context: BacktestContext) => BacktestDesk | Promise<BacktestDesk>;

/** Options of {@link runBacktest}. */
export interface RunBacktestOptions {
  readonly createServices: CreateBacktestDesk;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Default `backtest`. */
  readonly seed?: string;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** How often equity is written down, ms of simulated time. Default an hour. */
  readonly equityEveryMs?: number;
  /**
   * How many events services can read back. A day's must fit: about 1,500 for each market on five timeframes. Fewer make reading
   * faster. Default 100,000.
   */
  readonly journalSize?: number;
  /** Whether the run has a digest. It takes about a tenth of the time; one of many that nobody compares needs none. Default true. */
  readonly digest?: boolean;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

/** A position from its opening to its end, in decimals, as the desk told it. */
export type DeskTrade = Extract<DomainEvent, { type: 'position.closed' }>['payload'] & { readonly closedAtMs: number };

/** How a desk did. equityEnd = equityStart + pnl − fees + funding, to the last decimal. */
export interface DeskBacktest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly equityStart: Usd;
  readonly equityEnd: Usd;
  /** Realised and unrealised, before fees and funding. */
  readonly pnl: Usd;
  readonly fees: Usd;
  /** Received minus paid. */
  readonly funding: Usd;
  /** Equity over time, both ends included. */
  readonly equity: readonly { readonly atMs: number; readonly equity: Usd }[];
  readonly recommendations: readonly Recommendation[];
  readonly fills: readonly Fill[];
  readonly trades: readonly DeskTrade[];
  /** How many events there were of each type. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rejections: Readonly<Record<string, number>>;
  /** SHA-256 over the journal: the same data, seed and code give the same. Absent where none was asked for. */
  readonly digest?: string;
}

const hourMs = 3_600_000;

/**
 * Replays market data through a whole desk, on the path on which it trades: agents, Brix, workflow, paper venue. Time moves
 * only once everything in flight is worked off, so that nothing sees what comes later, and a run repeats to the byte.
 * @throws PerpDeskError when a required service does not start, whatever the source throws, ValidationError
 * `backtest.no-account` when the desk knows no account of its user, the signal's reason when aborted.
 * @example
 * const { equityEnd, trades, digest } = await runBacktest({ createServices, fromMs, toMs });
 */
export async function runBacktest(options: RunBacktestOptions): Promise<DeskBacktest> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await play(options, (close) => closers.unshift(close));
  } finally {
    for (const close of closers) await close();
  }
}

async function play(options: RunBacktestOptions, onClose: (close: () => Promise<void>) => void): Promise<DeskBacktest> {
  const { equityEveryMs = hourMs, signal } = options;
  const context = await createContext(options, onClose);
  const { clock, wallClock, eventBus, logger } = context;
  const made = await options.createServices(context);
  onClose(async () => made.dispose?.());
  const required = made.required ?? made.services.map(({ name }) => name);
  // On the wall clock: a service that hangs while it stops is given up, though simulated time stands still.
  const desk = new Desk({ services: made.services, required, eventBus, clock: wallClock, logger });
  onClose(() => desk.stop());
  onClose(() => made.player.stop());
  const abort = (): void => void made.player.stop();
  signal?.addEventListener('abort', abort, { once: true });
  onClose(async () => signal?.removeEventListener('abort', abort));

  signal?.throwIfAborted();
  await made.player.prepare();
  const tally = new DeskTally(eventBus, { digest: options.digest ?? true });
  onClose(async () => tally.stop());
  await desk.start();
  await clock.idle();
  const account = (): Account => {
    const value = made.accounts.account(made.userId, made.venue ?? 'paper')?.value;
    if (value !== undefined) return value;
    throw new ValidationError('backtest.no-account', `The desk knows no account of "${made.userId}".`);
  };
  const before = account();
  const fromMs = clock.nowMs();
  const equity = [{ atMs: fromMs, equity: before.equity }];
  const note = (): void => {
    clock.setTimer(equityEveryMs - (clock.nowMs() % equityEveryMs), () => {
      equity.push({ atMs: clock.nowMs(), equity: account().equity });
      note();
    });
  };
  note();
  await made.player.run();
  signal?.throwIfAborted();
  const after = account();
  const toMs = clock.nowMs();
  if (equity.at(-1)?.atMs !== toMs) equity.push({ atMs: toMs, equity: after.equity });
  const result = ({ realizedPnl, unrealizedPnl }: Account): Usd => plus(realizedPnl, unrealizedPnl);
  return {
    fromMs,
    toMs,
    equityStart: before.equity,
    equityEnd: after.equity,
    pnl: minus(result(after), result(before)),
    fees: minus(after.fees, before.fees),
    funding: minus(after.funding, before.funding),
    equity,
    ...tally.findings(),
  };
}

/** What a run begins with: time, chance, buses and databases of its own. */
async function createContext(
  { seed = 'backtest', parameters = {}, logger = silentLogger, fromMs, toMs, journalSize }: RunBacktestOptions,
  onClose: (close: () => Promise<void>) => void,
): Promise<BacktestContext> {
  const { openDatabase } = await import('@perpdesk/core/database');
  const clock = new SimulatedClock();
  const random = new SeededRandom(seed);
  const ids = new SortableIdGenerator({ clock, random });
  const eventBus = new MemoryEventBus({ clock, ids, logger, ...(journalSize === undefined ? {} : { journalSize }) });
  const databases = new Map<string, Promise<Database>>();
  onClose(async () => {
    for (const opening of databases.values()) await (await opening).close();
  });
  onClose(() => eventBus.close());
  return {
    clock,
    wallClock: new SystemClock(),
    random,
    ids,
    eventBus,
    marketBus: new LocalMarketBus({ clock, logger }),
    database: (name = 'desk') => {
      const known = databases.get(name) ?? openDatabase({ url: 'sqlite::memory:', logger });
      databases.set(name, known);
      return known;
    },
    logger,
    seed,
    parameters,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}
