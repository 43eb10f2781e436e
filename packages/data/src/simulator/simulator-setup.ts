import { ConfigError, type MarketId, ValidationError } from '@perpdesk/core';
import { modelStateSize } from './model-state.ts';
import { type SimulatedMarket, type SimulatedVenue, simulatedMarkets, simulatedVenues } from './simulated-market.ts';
import { type SimulatorState, simulatorStateSchema } from './simulator-state.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Options of the market simulator. */
export interface MarketSimulatorOptions {
  /** The same seed gives the same bytes. Default `perpdesk`. With `resume`: what was saved, or left out. */
  readonly seed?: string | number;
  /** The first step, ms UTC, on a whole minute. Default 2026-01-05 00:00. Ignored with `resume`. */
  readonly startAtMs?: number;
  /** Days of history before the first step. Default 60. */
  readonly backfillDays?: number;
  /** Days of 1m bars in the history. Default 2; more cost time where they are taken in, hardly here. */
  readonly minuteDays?: number;
  /** Default BTC, ETH, SOL, XRP and DOGE. */
  readonly markets?: readonly MarketId[];
  /** Default hyperliquid (the reference), binance and bybit. */
  readonly venues?: readonly string[];
  /** Goes on from a saved state, as JSON gave it back. */
  readonly resume?: unknown;
}

/** The options with their defaults, checked. */
export interface SimulatorSetup {
  readonly seed: string;
  readonly startMinute: number;
  readonly backfillDays: number;
  readonly minuteDays: number;
  readonly markets: readonly SimulatedMarket[];
  readonly venues: readonly SimulatedVenue[];
  readonly resume: SimulatorState | undefined;
}

/** @throws ValidationError `simulator.start`, `simulator.backfill`; ConfigError `simulator.market`, `simulator.venue`, `simulator.resume` */
export function simulatorSetup(options: MarketSimulatorOptions): SimulatorSetup {
  const resume = readState(options.resume);
  const backfillDays = options.backfillDays ?? resume?.backfillDays ?? 60;
  const startAtMs = options.startAtMs ?? Date.UTC(2026, 0, 5);
  if (!Number.isInteger(startAtMs / minuteMs)) {
    throw new ValidationError('simulator.start', `The simulator starts on a whole minute, ${startAtMs} is none.`);
  }
  if (!(Number.isInteger(backfillDays) && backfillDays >= 1 && (backfillDays + 1) * dayMs < startAtMs)) {
    throw new ValidationError(
      'simulator.backfill',
      `The backfill is a number of whole days from 1 on, got ${backfillDays}.`,
    );
  }
  const setup: SimulatorSetup = {
    seed: String(options.seed ?? resume?.seed ?? 'perpdesk'),
    startMinute: startAtMs / minuteMs,
    backfillDays,
    minuteDays: options.minuteDays ?? 2,
    markets: chosenMarkets(options.markets ?? resume?.markets),
    venues: chosenVenues(options.venues ?? resume?.venues),
    resume,
  };
  if (resume !== undefined) checkSame(setup, resume);
  return setup;
}

function readState(resume: unknown): SimulatorState | undefined {
  if (resume === undefined) return undefined;
  const parsed = simulatorStateSchema.safeParse(resume);
  if (parsed.success) return parsed.data;
  throw new ConfigError('simulator.resume', 'The saved simulation is not one of this version of the simulator.', {
    cause: parsed.error,
  });
}

function checkSame(setup: SimulatorSetup, saved: SimulatorState): void {
  const { seed, backfillDays, markets, venues } = setup;
  const asked = JSON.stringify([seed, backfillDays, markets.map(({ base }) => base), venues.map(({ name }) => name)]);
  const kept = JSON.stringify([saved.seed, saved.backfillDays, saved.markets, saved.venues]);
  if (asked !== kept) {
    throw new ConfigError('simulator.resume', `The saved simulation is of ${kept}, asked for is ${asked}.`);
  }
  const size = modelStateSize(markets.length, venues.length);
  if ([saved.present, ...saved.checkpoints].some((snapshot) => snapshot.numbers.length !== size)) {
    throw new ConfigError('simulator.resume', 'The saved simulation is of another version of the simulator.');
  }
}

function chosenMarkets(names: readonly string[] | undefined): readonly SimulatedMarket[] {
  if (names === undefined) return simulatedMarkets;
  return names.map((name) => {
    const known = simulatedMarkets.find((market) => market.base === name.replace(/-PERP$/, ''));
    if (known !== undefined) return known;
    const there = simulatedMarkets.map((market) => `${market.base}-PERP`).join(', ');
    throw new ConfigError('simulator.market', `The simulator has no ${name}; it has ${there}.`);
  });
}

function chosenVenues(names: readonly string[] | undefined): readonly SimulatedVenue[] {
  if (names === undefined) return simulatedVenues;
  return names.map((name) => {
    const known = simulatedVenues.find((venue) => venue.name === name);
    if (known !== undefined) return known;
    const there = simulatedVenues.map((venue) => venue.name).join(', ');
    throw new ConfigError('simulator.venue', `The simulator has no venue ${name}; it has ${there}.`);
  });
}
