import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  SimulatedClock,
  SortableIdGenerator,
  StaticUserDirectory,
  SystemClock,
  SystemRandom,
} from '@perpdesk/core';
import type { Status } from '@perpdesk/core/api';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { openSigningKeyFile } from '@perpdesk/core/security';
import { MarketPlayer } from '@perpdesk/data';
import type { KillSwitch, Portfolio, PositionCloser, TradeService } from '@perpdesk/execution';
import { type DataDirectory, takeDataDirectory } from './data-directory.ts';
import { demoUser } from './demo-user.ts';
import type { ServerOptions } from './options.ts';
import { type RunReport, RunTally, tallied, writeUp } from './run-report.ts';
import { createServices, required } from './services.ts';
import { chooseSource } from './source.ts';

/** A desk that is up: what the HTTP side reads and acts through, and its life. */
export interface RunningDesk {
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
  /** Plays the source; resolves at its end or after `stop`. */
  run(): Promise<void>;
  /** Ends everything in order, once, and gives the report of the run. */
  stop(): Promise<RunReport>;
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

/**
 * Puts the whole desk together in one process and starts it.
 * @throws ConfigError for what the operator has to change.
 */
export async function startDesk(options: ServerOptions, logger: Logger): Promise<RunningDesk> {
  const wallClock = new SystemClock();
  const directory = takeRunDirectory(options);
  const [deskDatabase, marketDatabase, paperDatabase] = await openAll(directory, logger);
  const closeDatabases = async (): Promise<void> => {
    for (const database of [marketDatabase, paperDatabase, deskDatabase]) await database.close();
    directory.release();
  };
  try {
    const chosen = await chooseSource(options, marketDatabase);
    const clock = new SimulatedClock();
    const random = options.source === 'live' ? new SystemRandom() : new SeededRandom(options.seed);
    const ids = new SortableIdGenerator({ clock, random });
    const eventBus = new OutboxEventBus({ database: deskDatabase, clock, ids, relaxedTypes, logger });
    const marketBus = new LocalMarketBus({ clock, logger });
    const user = demoUser(options);
    const parts = createServices({
      clock,
      wallClock,
      ids,
      eventBus,
      marketBus,
      users: new StaticUserDirectory({ users: [user] }),
      databases: { desk: deskDatabase, market: marketDatabase, paper: paperDatabase },
      directory: directory.path,
      auditKey: await openSigningKeyFile(directory.file('audit-signing.key')),
      environment: process.env,
      logger,
    });
    const player = new MarketPlayer({
      source: chosen.source,
      service: parts.marketData,
      clock,
      speed: options.speed,
      wallClock,
      ...(chosen.onStep === undefined ? {} : { onStep: chosen.onStep }),
    });
    const tally = new RunTally();
    const desk = new Desk({ services: parts.services, required, eventBus, clock, logger });
    await eventBus.start();
    await parts.store.start();
    await player.prepare();
    const unfollow = tally.follow(eventBus, tallied);
    await desk.start();
    await clock.idle();
    const startedAtMs = wallClock.nowMs();
    const equityStart = parts.portfolio.account(user.id, 'paper')?.value.deposits ?? '0';

    return {
      notice: chosen.notice,
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
        source: options.source,
        notice: chosen.notice,
        ...(options.speed === 'max' ? {} : { speed: options.speed }),
        atMs: clock.nowMs(),
        money: 'paper',
        tradingState: parts.tradingSwitch.state([`user:${user.id}`]),
        user: { id: user.id, name: user.name, tier: user.tier, autonomy: user.autonomy },
        services: desk.health().map(({ service, health }) => ({
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
        await player.run();
      },
      stop: once(async () => {
        await player.stop();
        await clock.idle();
        const report = writeUp({
          source: options.source,
          tally,
          counts: parts.marketData.counts(),
          gaps: chosen.gaps(),
          markets: [...new Set(parts.state.instruments().map((instrument) => instrument.market))],
          portfolio: parts.portfolio,
          userId: user.id,
          equityStart,
          durationMs: wallClock.nowMs() - startedAtMs,
        });
        unfollow();
        await desk.stop();
        await eventBus.close();
        await closeDatabases();
        return report;
      }),
    };
  } catch (error) {
    await closeDatabases();
    throw error;
  }
}

/** A replay begins anew in a directory of its own; a simulated desk goes on in its data directory. */
function takeRunDirectory(options: ServerOptions): DataDirectory {
  if (options.source !== 'replay') return takeDataDirectory(options.dataDirectory ?? '.perpdesk');
  if (options.dataDirectory === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'perpdesk-replay-'));
    const directory = takeDataDirectory(path);
    return { ...directory, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  const directory = takeDataDirectory(options.dataDirectory);
  if (existsSync(directory.file('desk.db'))) {
    directory.release();
    throw new ConfigError(
      'data-directory.used',
      `${directory.path} holds a desk already, and a replay begins anew: choose an empty --data-dir.`,
    );
  }
  return directory;
}

async function openAll(directory: DataDirectory, logger: Logger) {
  const open = (name: string, durability: 'full' | 'normal') =>
    openDatabase({ url: `sqlite:${directory.file(name)}`, durability, logger });
  try {
    // The paper venue has a file of its own: it plays the venue, whose ledger does not commit with ours.
    return await Promise.all([open('desk.db', 'full'), open('market.db', 'normal'), open('paper.db', 'full')]);
  } catch (error) {
    directory.release();
    throw error;
  }
}

function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= act());
}
