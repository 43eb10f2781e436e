import { randomBytes } from 'node:crypto';
import {
  ConfigError,
  Desk,
  type DomainEventType,
  type EventBus,
  LocalMarketBus,
  type Logger,
  type MarketBus,
  type MarketView,
  SeededRandom,
  type ServiceHealth,
  SimulatedClock,
  SortableIdGenerator,
  StaticUserDirectory,
  SystemClock,
  SystemRandom,
} from '@perpdesk/core';
import type { Status } from '@perpdesk/core/api';
import { type Database, OutboxEventBus } from '@perpdesk/core/database';
import { openSigningKeyFile } from '@perpdesk/core/security';
import { LivePlayer, MarketPlayer, PublishedMacroSource } from '@perpdesk/data';
import type { KillSwitch, Portfolio, PositionCloser, TradeService } from '@perpdesk/execution';
import type { DurableTradingSwitch } from '@perpdesk/risk';
import { demoUser } from './demo-user.ts';
import { chooseModel, type Environment } from './language-model.ts';
import type { ServerOptions, SourceKind } from './options.ts';
import { predictionSources } from './prediction-sources.ts';
import { type ReachedVenues, reachVenues, venueEndpoints } from './reach-venues.ts';
import { openDeskDatabase, openMarketDatabase, openPaperDatabase, takeRunDirectory } from './run-directory.ts';
import { type RunReport, RunTally, writeUp } from './run-report.ts';
import { createServices, type LiveSetting, required } from './services.ts';
import { chooseSource } from './source.ts';
import { findingsOf, logFindings, logHoles, noFindings } from './source-findings.ts';

/** A desk that is up: what the HTTP side reads and acts through, and its life. */
export interface RunningDesk {
  /** What the market data is and who thinks, one plain sentence each. */
  readonly notice: string;
  readonly userId: string;
  readonly venueNames: readonly string[];
  readonly eventBus: EventBus;
  readonly marketBus: MarketBus;
  readonly marketView: MarketView;
  readonly portfolio: Portfolio;
  readonly trades: TradeService;
  readonly closer: PositionCloser;
  readonly killSwitch: KillSwitch;
  status(): Status;
  /** How far it is, for a terminal. */
  progress(): string;
  /** Plays the source; resolves at its end or after `halt`. */
  run(): Promise<void>;
  /** Plays no further, lets what is in flight settle for a moment, and gives the report of the run. Once. */
  halt(): Promise<RunReport>;
  /** Ends everything in order, once. */
  stop(): Promise<void>;
}

/** What a desk is made with, besides what the command line says. */
export interface DeskSetting {
  readonly logger: Logger;
  readonly environment: Environment;
}

/** What may be lost with the power, not with the process: each is made again from market data, and none moves money. */
const relaxedTypes: readonly DomainEventType[] = [
  'candle.closed',
  'candle.skipped',
  'opinion.published',
  'agent.abstained',
  'round.opened',
  'turn.completed',
  'round.concluded',
];

/** Live prices of the markets watched change many times a second: one that is older than 15 s was missed. */
const liveSetting = ({ venues }: ServerOptions, predictionSources: LiveSetting['predictionSources']): LiveSetting => ({
  market: { freshness: { tickerMs: 15_000, bookMs: 15_000 }, preferredVenues: venues },
  macroSources: [new PublishedMacroSource()],
  predictionSources,
});

/** How long a halt waits for a turn or an order under way: a model that hangs must not keep Ctrl-C waiting. */
const settleWithinMs = 400;

/**
 * Puts the whole desk together in one process and starts it.
 * @throws ConfigError for what the operator has to change.
 */
export async function startDesk(options: ServerOptions, { logger, environment }: DeskSetting): Promise<RunningDesk> {
  const wallClock = new SystemClock();
  const thinking = chooseModel(environment);
  const reached = await reachIfWanted(options, { clock: wallClock, logger, endpoints: venueEndpoints(environment) });
  const kind = sourceKind(options, reached);
  const directory = takeRunDirectory(kind, options);
  const predictions = kind === 'live' ? predictionSources(environment, { clock: wallClock, logger }) : [];
  const databases: Database[] = [];
  const open = async (opening: Promise<Database>): Promise<Database> => {
    const database = await opening;
    databases.unshift(database);
    return database;
  };
  const close = async (): Promise<void> => {
    await reached?.stop();
    for (const source of predictions) await source.close();
    for (const database of databases) await database.close();
    directory.release();
  };
  try {
    const market = await open(openMarketDatabase(directory, logger));
    const chosen = await chooseSource(options, reached, directory, market);
    const database = await open(openDeskDatabase(directory, logger));
    const paper = await open(openPaperDatabase(directory, logger));
    const simulatedClock = new SimulatedClock();
    const clock = kind === 'live' ? wallClock : simulatedClock;
    // A desk that goes on must not make the ids of its first run again.
    const random = directory.fresh && kind !== 'live' ? new SeededRandom(options.seed) : new SystemRandom();
    const ids = new SortableIdGenerator({ clock, random });
    const eventBus = new OutboxEventBus({ database, clock, ids, relaxedTypes, logger });
    const marketBus = new LocalMarketBus({ clock, logger });
    const user = demoUser(options);
    // Whoever starts the process in its data directory is its operator; nobody else is given this.
    const rearmToken = randomBytes(32).toString('base64url');
    const parts = createServices({
      clock,
      wallClock,
      ids,
      eventBus,
      marketBus,
      users: new StaticUserDirectory({ users: [user] }),
      databases: { desk: database, market, paper },
      directory: directory.path,
      auditKey: await openSigningKeyFile(directory.file('audit-signing.key')),
      thinking,
      ...(kind === 'live' ? { live: liveSetting(options, predictions) } : {}),
      rearmToken,
      logger,
    });
    const player =
      kind === 'live'
        ? new LivePlayer({ source: chosen.source, service: parts.marketData })
        : new MarketPlayer({
            source: chosen.source,
            service: parts.marketData,
            clock: simulatedClock,
            speed: options.speed,
            wallClock,
            ...(options.toMs === undefined ? {} : { toMs: options.toMs }),
            ...(chosen.onStep === undefined ? {} : { onStep: chosen.onStep }),
          });
    /** On a clock that stands still meanwhile, what is in flight is worked off; nothing waits for the machine's. */
    const settle = async (): Promise<void> => {
      if (clock === simulatedClock) await simulatedClock.idle();
    };
    const tally = new RunTally();
    // On the wall clock: a service that hangs while it stops is given up, though simulated time stands still.
    const desk = new Desk({ services: parts.services, required, eventBus, clock: wallClock, logger });
    await eventBus.start();
    await parts.store.start();
    await player.prepare();
    const unsubscribes = [tally.follow(eventBus), logHoles(logger, eventBus)];
    if (directory.fresh) tally.begin([], clock.nowMs());
    await desk.start();
    if (options.rearm) await rearm(parts.tradingSwitch, rearmToken);
    await settle();
    // A desk that goes on has by now told what its last run had not come to tell: that belongs to it.
    const held = parts.portfolio.positions(user.id);
    if (!directory.fresh) tally.begin(held, clock.nowMs());
    const beginning = {
      account: parts.portfolio.account(user.id, 'paper')?.value,
      positionsOpen: held.length,
      wallMs: wallClock.nowMs(),
    };
    const notice = `${chosen.notice} ${thinking.notice}`;

    return {
      notice,
      userId: user.id,
      venueNames: [parts.paper.name],
      eventBus,
      marketBus,
      marketView: parts.state,
      portfolio: parts.portfolio,
      trades: parts.trades,
      closer: parts.closer,
      killSwitch: parts.killSwitch,
      status: () => ({
        source: kind,
        notice,
        ...(options.speed === 'max' || kind === 'live' ? {} : { speed: options.speed }),
        atMs: clock.nowMs(),
        money: 'paper',
        tradingState: parts.tradingSwitch.state([`user:${user.id}`]),
        user: { id: user.id, name: user.name, tier: user.tier, autonomy: user.autonomy },
        services: [...desk.health(), ...feedHealth(reached)].map(({ service, health }) => ({
          name: service,
          status: health.status,
          ...('detail' in health && health.detail !== undefined ? { detail: health.detail } : {}),
        })),
      }),
      progress: () => {
        const { candles } = parts.marketData.counts();
        const equity = parts.portfolio.account(user.id, 'paper')?.value.equity ?? '—';
        const open = parts.portfolio.positions(user.id).length;
        return `${new Date(clock.nowMs()).toISOString().slice(0, 16)}Z  ${candles} candles  ${tally.count('round.concluded')} rounds  ${tally.count('recommendation.published')} plans  ${open} open  equity ${Number(equity).toFixed(2)}`;
      },
      run: async () => {
        if (chosen.recording !== undefined) logFindings(logger, chosen.recording);
        await player.run();
      },
      halt: once(async () => {
        await player.stop();
        await Promise.race([settle(), wallClock.sleep(settleWithinMs)]);
        return writeUp({
          source: kind,
          tally,
          counts: parts.marketData.counts(),
          findings: chosen.recording === undefined ? noFindings : findingsOf(chosen.recording),
          markets: [...new Set(parts.state.instruments().map((instrument) => instrument.market))],
          portfolio: parts.portfolio,
          userId: user.id,
          beginning,
          atMs: clock.nowMs(),
          wallMs: wallClock.nowMs(),
        });
      }),
      stop: once(async () => {
        await player.stop();
        for (const unsubscribe of unsubscribes) unsubscribe();
        await desk.stop();
        await eventBus.close();
        await close();
      }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Connects to the venues where live data was asked for, or nothing else was. */
async function reachIfWanted(
  options: ServerOptions,
  setting: Parameters<typeof reachVenues>[1],
): Promise<ReachedVenues | undefined> {
  if (options.source === 'live') return reachVenues(options, setting);
  if (options.source !== 'auto') return undefined;
  try {
    return await reachVenues(options, setting);
  } catch (error) {
    if (!ConfigError.is(error) || error.code !== 'feeds.unreachable') throw error;
    return undefined;
  }
}

const sourceKind = ({ source }: ServerOptions, reached: ReachedVenues | undefined): SourceKind =>
  source === 'auto' ? (reached === undefined ? 'simulated' : 'live') : source;

const feedHealth = (reached: ReachedVenues | undefined): readonly ServiceHealth[] =>
  (reached?.feeds ?? []).map((feed) => ({ service: feed.name, health: feed.health() }));

/** Lifts every halt, as the one who starts the desk asked for on the command line. */
async function rearm(tradingSwitch: DurableTradingSwitch, token: string): Promise<void> {
  for (const scope of tradingSwitch.records().keys())
    await tradingSwitch.set(scope, 'active', 're-armed by --rearm', { token });
}

function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= act());
}
