import { ConfigError, type MarketId, type MarketSource } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { MarketSimulator, ReplaySource, SqlSourceStateStore } from '@perpdesk/data';
import type { ServerOptions } from './options.ts';

/** Where the desk's market data comes from. */
export interface ChosenSource {
  readonly source: MarketSource;
  /** Called after each step that the desk has taken in: keeps where the source stands, so that a restart goes on there. */
  readonly onStep?: () => Promise<void>;
  /** One plain sentence. */
  readonly notice: string;
  /** Holes and partial bars of a recording, as found in its files; nothing for others. */
  readonly gaps: () => readonly object[];
}

/**
 * Opens the source that was asked for.
 * @throws ConfigError for a source that can not be read, or `source.not-live`.
 */
export async function chooseSource(options: ServerOptions, database: Database): Promise<ChosenSource> {
  switch (options.source) {
    case 'live':
      throw new ConfigError('source.not-live', 'Live feeds are not there yet: use --source simulated or --replay DIR.');
    case 'replay':
      return openReplay(options);
    case 'simulated':
      return openSimulator(options, database);
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
  return {
    source,
    notice: `Replaying ${replayDirectory} at ${options.speed === 'max' ? 'full speed' : `${options.speed}×`}.`,
    gaps: () => source.report().gaps,
  };
}

async function openSimulator(options: ServerOptions, database: Database): Promise<ChosenSource> {
  const states = new SqlSourceStateStore({ database });
  await states.start();
  const saved = await states.load('simulator');
  const markets = marketIds(options);
  const simulator = new MarketSimulator({
    seed: options.seed,
    ...(markets === undefined ? {} : { markets }),
    ...(saved === undefined ? {} : { resume: saved.state }),
  });
  return {
    source: simulator,
    onStep: async () => {
      const state = simulator.state();
      await states.save('simulator', { atMs: state.atMs, state });
    },
    notice: `${options.sourceByDefault ? 'Live feeds are not there yet, so this is a' : 'A'} simulated market (seed "${options.seed}") at ${options.speed === 'max' ? 'full speed' : `${options.speed}×`}; no price in it is real.`,
    gaps: () => [],
  };
}

const marketIds = ({ symbols }: ServerOptions): readonly MarketId[] | undefined =>
  symbols?.map((symbol) => `${symbol}-PERP`);
