import { ConfigError, type MarketId, type MarketSource } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { MarketSimulator, type ReplayReport, ReplaySource, SqlSourceStateStore } from '@perpdesk/data';
import type { ServerOptions } from './options.ts';
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
 * Opens the source that was asked for.
 * @throws ConfigError for a source that can not be read, `source.not-live`, or `data-directory.used`.
 */
export async function chooseSource(
  options: ServerOptions,
  directory: RunDirectory,
  database: Database,
): Promise<ChosenSource> {
  switch (options.source) {
    case 'live':
      throw new ConfigError('source.not-live', 'Live feeds are not there yet: use --source simulated or --replay DIR.');
    case 'replay':
      return openReplay(options);
    case 'simulated':
      return openSimulator(options, directory, database);
  }
}

async function openReplay(options: ServerOptions): Promise<ChosenSource> {
  const { replayDirectory = '.', fromMs, toMs } = options;
  const markets = marketIds(options);
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
  if (saved === undefined && !directory.fresh)
    throw new ConfigError(
      'data-directory.used',
      `${directory.path} holds the desk of a replay, which does not go on: choose another --data-dir.`,
    );
  const simulator = makeSimulator(options, saved?.state, directory.path);
  const save = (): Promise<void> => {
    const state = simulator.state();
    return states.save('simulator', { atMs: state.atMs, state });
  };
  // At once: a desk that is killed before its first step must go on here, not be taken for a replay's.
  await save();
  const kind = options.sourceByDefault ? 'Live feeds are not there yet, so this is a' : 'A';
  return {
    source: simulator,
    onStep: save,
    notice: `${kind} simulated market (seed "${options.seed}") at ${speedText(options)}; no price in it is real.`,
  };
}

function makeSimulator(options: ServerOptions, resume: unknown, path: string): MarketSimulator {
  const markets = marketIds(options);
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

const marketIds = ({ symbols }: ServerOptions): readonly MarketId[] | undefined =>
  symbols?.map((symbol) => `${symbol}-PERP`);
