import { ConfigError, type MarketId, type MarketSource, type MarketStep, SimulatedClock } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { MarketSimulator, ReplaySource, SourceStateStore } from '@perpdesk/data';
import type { ServerOptions } from './options.ts';

/** Where the desk's market data comes from, and the clock that stands at its beginning. */
export interface ChosenSource {
  readonly source: MarketSource;
  readonly clock: SimulatedClock;
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
  await source.instruments();
  const first = await firstStep(source);
  if (first === undefined) throw new ConfigError('replay.empty', `There is nothing to replay in ${replayDirectory} within what was asked for.`);
  return {
    source,
    clock: new SimulatedClock({ startAtMs: first.atMs }),
    notice: `Replaying ${replayDirectory} at ${options.speed === 'max' ? 'full speed' : `${options.speed}×`}.`,
    gaps: () => source.report().gaps,
  };
}

async function firstStep(source: MarketSource): Promise<MarketStep | undefined> {
  for await (const step of source.steps()) return step;
  return undefined;
}

async function openSimulator(options: ServerOptions, database: Database): Promise<ChosenSource> {
  const states = new SourceStateStore({ database });
  const resume = await states.read('simulator');
  const markets = marketIds(options);
  const simulator = new MarketSimulator({
    seed: options.seed,
    ...(markets === undefined ? {} : { markets }),
    ...(resume === undefined ? {} : { resume }),
  });
  const startAtMs = simulator.state().atMs;
  return {
    source: remembering(simulator, states),
    clock: new SimulatedClock({ startAtMs }),
    notice: `${options.sourceByDefault ? 'Live feeds are not there yet, so this is a' : 'A'} simulated market (seed "${options.seed}") at ${options.speed === 'max' ? 'full speed' : `${options.speed}×`}; no price in it is real.`,
    gaps: () => [],
  };
}

/** The simulator, its state kept after every step that the desk has taken in, so that a restart goes on there. */
function remembering(simulator: MarketSimulator, states: SourceStateStore): MarketSource {
  return {
    name: simulator.name,
    instruments: (options) => simulator.instruments(options),
    history: (options) => simulator.history(options),
    background: (options) => simulator.background(options),
    async *steps(options) {
      for await (const step of simulator.steps(options)) {
        yield step;
        await states.write('simulator', simulator.state());
      }
    },
  };
}

const marketIds = ({ symbols }: ServerOptions): readonly MarketId[] | undefined => symbols?.map((symbol) => `${symbol}-PERP`);
