import { ConfigError, type MarketSource } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { MarketSimulator, type ReplayReport, ReplaySource, SqlSourceStateStore } from '@perpdesk/data';
import { type ServerOptions, symbolMarkets } from './options.ts';
import type { ReachedVenues } from './reach-venues.ts';
import type { RunDirectory } from './run-directory.ts';

/** Where the desk's market data comes from. */
export interface ChosenSource {
  readonly source: MarketSource;
  /** Called after each step that the desk has taken in: keeps where the source stands, so that a restart goes on there. */
  readonly onStep?: () => Promise<void>;
  /** One plain sentence. */
  readonly notice: string;
  /** What was found in a recording's files; nothing for others. */
  readonly recording?: ReplayReport;
}

/** Two minutes before a quarter of an hour: at 60× the first round is held two seconds after the start. */
const simulationStartsAtMs = Date.UTC(2026, 0, 5, 0, 13);

/**
 * Opens the source of a run. Venues that were reached are the source of a live one.
 * @throws ConfigError for a source that can not be read, or `data-directory.used`.
 */
export async function chooseSource(
  options: ServerOptions,
  reached: ReachedVenues | undefined,
  directory: RunDirectory,
  database: Database,
): Promise<ChosenSource> {
  if (options.source === 'replay') return openReplay(options);
  return reached === undefined
    ? openSimulator(options, directory, database)
    : openLive(reached, directory, database, options.execution === undefined ? '; orders go to a paper account' : '');
}

async function openLive(
  reached: ReachedVenues,
  directory: RunDirectory,
  database: Database,
  orders: string,
): Promise<ChosenSource> {
  const states = new SqlSourceStateStore({ database });
  await states.start();
  if (!directory.fresh && (await states.load('live')) === undefined) throw otherDesk(directory, 'a live market');
  const { feeds, missing, source } = reached;
  const names = feeds.map(({ venue }) => venue);
  await states.save('live', { atMs: 0, state: names });
  const without = missing.length === 0 ? '' : ` (no answer from ${missing.join(', ')})`;
  const of = names.length === 0 ? 'no venue yet' : names.join(', ');
  return { source, notice: `Live public market data of ${of}${without}${orders}.` };
}

const otherDesk = (directory: RunDirectory, wanted: string): ConfigError =>
  new ConfigError(
    'data-directory.used',
    `${directory.path} holds a desk of another kind, whose positions are not of ${wanted}: choose another --data-dir, or the --source it was made with.`,
  );

async function openReplay(options: ServerOptions): Promise<ChosenSource> {
  const { replayDirectory = '.', fromMs, toMs } = options;
  const markets = symbolMarkets(options);
  const source = new ReplaySource({
    directory: replayDirectory,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(markets === undefined ? {} : { markets }),
  });
  // Read now, so that what is wrong with the files is said before anything starts.
  await source.instruments();
  return { source, notice: `Replaying ${replayDirectory} at ${speedText(options)}.`, recording: source.report() };
}

async function openSimulator(
  options: ServerOptions,
  directory: RunDirectory,
  database: Database,
): Promise<ChosenSource> {
  const states = new SqlSourceStateStore({ database });
  await states.start();
  const saved = await states.load('simulator');
  if (saved === undefined && !directory.fresh) throw otherDesk(directory, 'this simulated market');
  const simulator = makeSimulator(options, saved?.state, directory.path);
  const save = (): Promise<void> => {
    const state = simulator.state();
    return states.save('simulator', { atMs: state.atMs, state });
  };
  // At once: a desk that is killed before its first step must go on here, not be taken for a replay's.
  await save();
  const kind = options.source === 'auto' ? 'No venue answered, so this is a' : 'A';
  return {
    source: simulator,
    onStep: save,
    notice: `${kind} simulated market (seed "${options.seed}") at ${speedText(options)}; no price in it is real.`,
  };
}

function makeSimulator(options: ServerOptions, resume: unknown, path: string): MarketSimulator {
  const markets = symbolMarkets(options);
  try {
    return new MarketSimulator({
      seed: options.seed,
      startAtMs: simulationStartsAtMs,
      ...(markets === undefined ? {} : { markets }),
      ...(resume === undefined ? {} : { resume }),
    });
  } catch (cause) {
    if (!ConfigError.is(cause) || cause.code !== 'simulator.resume') throw cause;
    throw new ConfigError(
      cause.code,
      `${path} holds another simulation. ${cause.message} Choose another --data-dir, or the seed and symbols it was made with.`,
      { cause },
    );
  }
}

const speedText = ({ speed }: ServerOptions): string => (speed === 'max' ? 'full speed' : `${speed}×`);
