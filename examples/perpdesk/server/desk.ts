import { randomBytes } from 'node:crypto';
import { openCheckpoints } from '@perpdesk/agents/checkpoints';
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
  type User,
} from '@perpdesk/core';
import type { Status } from '@perpdesk/core/api';
import { type Database, OutboxEventBus } from '@perpdesk/core/database';
import { openSigningKeyFile, Redactor, redactingLogger } from '@perpdesk/core/security';
import { LivePlayer, MarketPlayer, PublishedMacroSource } from '@perpdesk/data';
import type { Portfolio } from '@perpdesk/execution';
import { type DurableTradingSwitch, type LimitBook, limitsFor } from '@perpdesk/risk';
import { demoUser } from './demo-user.ts';
import { LiveTrading, venueBudgets } from './execution/live-trading.ts';
import type { ServedDesk } from './http/served-desk.ts';
import { modelSpend } from './intelligence/model-spend.ts';
import { recordedThinking } from './intelligence/replayed-models.ts';
import { reviews } from './intelligence/review-decision.ts';
import { trackRecords } from './intelligence/track-records.ts';
import { type ChosenModel, chooseModel, type Environment } from './language-model.ts';
import type { ServerOptions, SourceKind } from './options.ts';
import { DayRecorder } from './parity/day-recorder.ts';
import { ActReplay, type DeskActs, readActs, recordedActs } from './parity/recorded-acts.ts';
import { copyStart, type RecordedDay } from './parity/recorded-day.ts';
import { predictionSources } from './prediction-sources.ts';
import { openFeed, type ReachedVenues, reachVenues, venueEndpoints, watchedMarkets } from './reach-venues.ts';
import {
  forgetRecordedDesk,
  openDeskDatabase,
  openMarketDatabase,
  openPaperDatabase,
  openRecordedDesk,
  takeRunDirectory,
} from './run-directory.ts';
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
  readonly trades: DeskActs['trades'];
  readonly closer: DeskActs['closer'];
  readonly killSwitch: DeskActs['killSwitch'];
  readonly chat: ServedDesk['chat'];
  readonly review: ServedDesk['review'];
  status(): Status;
  predictions: ServedDesk['predictions'];
  trackRecords: ServedDesk['trackRecords'];
  modelSpend: ServedDesk['modelSpend'];
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
  /** A recorded run that is run again, in place of the source that the command line names. */
  readonly day?: RecordedDay;
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
export async function startDesk(
  options: ServerOptions,
  { logger: lines, environment, day }: DeskSetting,
): Promise<RunningDesk> {
  const wallClock = new SystemClock();
  // Learns the keys that leave the vault.
  const redactor = new Redactor();
  const logger = redactingLogger(lines, redactor);
  const chosenModel = chooseModel(environment);
  const budgets = venueBudgets(options.execution, wallClock);
  const feedSetting = { clock: wallClock, logger, endpoints: venueEndpoints(environment), budgets };
  const reached = await reachIfWanted(options, feedSetting);
  const kind = sourceKind(options, reached);
  const taken = takeRunDirectory(kind, options);
  const directory = day === undefined ? taken : copyStart(day, taken);
  const predictions = kind === 'live' ? predictionSources(environment, { clock: wallClock, logger }) : [];
  const databases: Database[] = [];
  let trading: LiveTrading | undefined;
  const open = async (opening: Promise<Database>): Promise<Database> => {
    const database = await opening;
    databases.unshift(database);
    return database;
  };
  const close = async (): Promise<void> => {
    await reached?.stop();
    for (const source of predictions) await source.close();
    await trading?.close();
    for (const database of databases) await database.close();
    forgetRecordedDesk(directory);
    directory.release();
  };
  try {
    const simulatedClock = new SimulatedClock();
    const clock = kind === 'live' ? wallClock : simulatedClock;
    const recorder =
      options.record === true
        ? new DayRecorder({ directory: directory.path, fresh: directory.fresh, clock, wallClock, logger })
        : undefined;
    const market = await open(openMarketDatabase(directory, logger));
    const chosen =
      day === undefined
        ? await chooseSource(options, reached, directory, market)
        : { source: day.source, notice: `Running ${day.files.path} again.` };
    const database = await open(openDeskDatabase(directory, logger));
    const paper = await open(openPaperDatabase(directory, logger));
    // A desk that goes on must not make the ids of its first run again.
    const random = directory.fresh && kind !== 'live' ? new SeededRandom(options.seed) : new SystemRandom();
    const ids = new SortableIdGenerator({ clock, random });
    const eventBus = new OutboxEventBus({ database, clock, ids, relaxedTypes, logger });
    const { modelsDirectory } = options;
    const thinking: ChosenModel =
      modelsDirectory === undefined
        ? chosenModel
        : await recordedThinking(await open(openRecordedDesk(modelsDirectory, directory, logger)), { ids, logger });
    const marketBus = new LocalMarketBus({ clock, logger });
    const user = demoUser(options);
    if (options.execution !== undefined)
      trading = await LiveTrading.open({
        ...{ ...feedSetting, choice: options.execution, userId: user.id, directory: directory.path, market },
        ...{ environment, redactor, feeds: reached?.feeds ?? [], markets: watchedMarkets(options) },
        openFeed: (venue) => openFeed(venue, options, feedSetting),
      });
    const venueNames = [...user.venues, 'paper'];
    const [mainVenue = 'paper'] = venueNames;
    // Whoever starts the process in its data directory is its operator; nobody else is given this.
    const rearmToken = randomBytes(32).toString('base64url');
    const checkpointer =
      kind === 'live' && thinking.models !== undefined
        ? await openCheckpoints({ database, clock: wallClock })
        : undefined;
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
      ...(checkpointer === undefined ? {} : { checkpointer }),
      redactor,
      ...(kind === 'live' ? { live: liveSetting(options, predictions) } : {}),
      // What a live run learnt of the calendar is among its recorded steps.
      ...(day?.settings.source === 'live' ? { live: { ...liveSetting(options, []), macroSources: [] } } : {}),
      ...(day?.settings.source === 'live' ? { approvalClock: clock } : {}),
      ...(recorder === undefined ? {} : { recorder }),
      ...(trading === undefined ? {} : { trading }),
      rearmToken,
      logger,
    });
    const { actions, chat, intelligence, trades, closer, killSwitch } = parts;
    const acts: DeskActs =
      recorder === undefined ? parts : { ...recordedActs({ trades, closer, killSwitch }, recorder), actions };
    const repeated = day && new ActReplay({ recorded: readActs(day.files.acts), acts, clock: simulatedClock, logger });
    const afterStep = async (): Promise<void> => {
      if (day?.settings.source === 'live') await parts.marketData.announce();
      repeated?.stepped();
    };
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
            ...(day === undefined ? {} : { settleMs: 0, onStep: afterStep }),
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
    await parts.limitBook.open();
    const [last] = await eventBus.read({ order: 'descending', limit: 1 });
    const { venues, seed, tier, autonomy } = options;
    recorder?.begin({
      ...{ source: kind, venues: [...venues], seed, tier, autonomy, rearm: options.rearm },
      afterPosition: last?.position ?? 0,
    });
    await player.prepare();
    const unsubscribes = [tally.follow(eventBus), logHoles(logger, eventBus)];
    if (directory.fresh) tally.begin([], clock.nowMs());
    await desk.start();
    if (options.rearm) await rearm(parts.tradingSwitch, rearmToken);
    if (options.resetLimits) await resetLimits(parts.limitBook, user, rearmToken);
    await settle();
    repeated?.due();
    // A desk that goes on has by now told what its last run had not come to tell: that belongs to it.
    const held = parts.portfolio.positions(user.id);
    if (!directory.fresh) tally.begin(held, clock.nowMs());
    const beginning = {
      account: parts.portfolio.account(user.id, mainVenue)?.value,
      positionsOpen: held.length,
      wallMs: wallClock.nowMs(),
    };
    const notice = `${trading === undefined ? '' : `${trading.notice} `}${chosen.notice} ${thinking.notice}`;

    return {
      notice,
      userId: user.id,
      venueNames,
      eventBus,
      marketBus,
      marketView: parts.state,
      portfolio: parts.portfolio,
      trades: acts.trades,
      closer: acts.closer,
      killSwitch: acts.killSwitch,
      chat,
      review: reviews(intelligence, eventBus),
      predictions: () => parts.predictions.plop?.ranking() ?? [],
      trackRecords: () => trackRecords(intelligence.calibration, [...intelligence.agents.map(({ name }) => name)]),
      modelSpend: () => modelSpend(intelligence.models?.ledger, wallClock.nowMs()),
      status: () => ({
        source: kind,
        notice,
        ...(options.speed === 'max' || kind === 'live' ? {} : { speed: options.speed }),
        atMs: clock.nowMs(),
        money: moneyOf(options),
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
        const equity = parts.portfolio.account(user.id, mainVenue)?.value.equity ?? '—';
        const open = parts.portfolio.positions(user.id).length;
        return `${new Date(clock.nowMs()).toISOString().slice(0, 16)}Z  ${candles} candles  ${tally.count('round.concluded')} rounds  ${tally.count('recommendation.published')} plans  ${open} open  equity ${Number(equity).toFixed(2)}`;
      },
      run: async () => {
        if (chosen.recording !== undefined) logFindings(logger, chosen.recording);
        await player.run();
        if (day !== undefined && day.endMs > simulatedClock.nowMs()) await simulatedClock.advanceTo(day.endMs);
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
          venue: mainVenue,
          beginning,
          atMs: clock.nowMs(),
          wallMs: wallClock.nowMs(),
        });
      }),
      stop: once(async () => {
        await player.stop();
        await recorder?.end(clock.nowMs());
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

const moneyOf = ({ execution }: ServerOptions): Status['money'] => {
  if (execution === undefined) return 'paper';
  return execution.network === 'mainnet' ? 'live' : 'testnet';
};

const sourceKind = ({ source }: ServerOptions, reached: ReachedVenues | undefined): SourceKind =>
  source === 'auto' ? (reached === undefined ? 'simulated' : 'live') : source;

const feedHealth = (reached: ReachedVenues | undefined): readonly ServiceHealth[] =>
  (reached?.feeds ?? []).map((feed) => ({ service: feed.name, health: feed.health() }));

/** Lifts every halt, as the one who starts the desk asked for on the command line. */
async function rearm(tradingSwitch: DurableTradingSwitch, token: string): Promise<void> {
  for (const scope of tradingSwitch.records().keys())
    await tradingSwitch.set(scope, 'active', 're-armed by --rearm', { token });
}

/** Has the limits of the user's tier hold again in a minute, as the one who starts the desk asked for on the command line. */
async function resetLimits(limitBook: LimitBook, user: User, token: string): Promise<void> {
  const wanted = limitsFor(user);
  await limitBook.change({ user, wanted, actor: 'operator', reason: 'reset by --reset-limits', token });
}

function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= act());
}
