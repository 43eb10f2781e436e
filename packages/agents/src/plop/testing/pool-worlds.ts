import { fromLogOdds, logOdds, type Random } from '@perpdesk/core';
import { clamp } from '../../features/measures.ts';
import type { PoolInputs } from '../pool/pool-terms.ts';

/** A contract of a made-up market: what its sources say, and what comes of it. */
export interface MadeUpContract extends PoolInputs {
  readonly event: string;
  readonly cameTrue: boolean;
}

/** A made-up world of prediction markets. */
export interface PoolWorld {
  readonly name: string;
  /** Fewer contracts than asked for, where few is the point. */
  readonly most?: number;
  make(random: Random, index: number, count: number): MadeUpContract;
}

const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
const cents = (price: number): number => clamp(Math.round(price * 100) / 100, 0.01, 0.99);
/** True probabilities as they lie in such markets: most far from a half. */
const truth = (random: Random): number => fromLogOdds(1.6 * gaussian(random));

interface Parts {
  readonly market?: (p: number, random: Random) => number;
  readonly base?: (p: number, random: Random) => Pick<PoolInputs, 'baseRate' | 'baseCount'>;
  readonly model?: (p: number, mid: number, cameTrue: boolean, random: Random, share: number) => number;
  readonly most?: number;
  /** Contracts that are decided by one outcome. */
  readonly perEvent?: number;
}

function world(name: string, { market, base, model, most, perEvent = 1 }: Parts): PoolWorld {
  let shared = 0.5;
  let drawn = 0;
  return {
    name,
    ...(most === undefined ? {} : { most }),
    make: (random, index, count) => {
      const own = truth(random);
      // The contracts of one event ask the same question of one draw.
      if (index % perEvent === 0) {
        shared = own;
        drawn = random.next();
      }
      const p = shared;
      const cameTrue = drawn < p;
      const mid = cents(market?.(p, random) ?? p);
      return {
        event: `event ${Math.floor(index / perEvent)}`,
        cameTrue,
        market: mid,
        ...base?.(p, random),
        ...(model === undefined ? {} : { model: clamp(model(p, mid, cameTrue, random, index / count), 0.001, 0.999) }),
      };
    },
  };
}

/** Favourites too cheap, long shots too dear: prices pressed towards a half in log-odds. */
const favouriteLongshot = (p: number): number => fromLogOdds(0.75 * logOdds(p));
const noisy =
  (deviation: number) =>
  (p: number, random: Random): number =>
    fromLogOdds(logOdds(p) + deviation * gaussian(random));
/** Says the opposite of what it believes true, as surely as it can. */
const contrary = (p: number, mid: number): number => (p > mid ? 0.001 : 0.999);

/** Calibrated and miscalibrated markets, with sources that help, err and lie. */
export const poolWorlds: readonly PoolWorld[] = [
  world('calibrated', {}),
  world('calibrated, model of noise', { model: (_, __, ___, random) => random.next() }),
  world('calibrated, model repeats the market', { model: (_, mid) => mid }),
  world('calibrated, sure model', { model: (_, mid) => (mid > 0.5 ? 0.999 : 0.001) }),
  world('calibrated, contrary model', { model: contrary }),
  world('calibrated, model that knows the outcome and denies it', { model: (_, __, came) => (came ? 0.001 : 0.999) }),
  world('calibrated, base rates of noise', { base: (_, random) => ({ baseRate: random.next(), baseCount: 200 }) }),
  world('calibrated, few outcomes, contrary model', { most: 40, model: contrary }),
  world('calibrated, few outcomes, base rates of noise', {
    most: 40,
    base: (_, random) => ({ baseRate: random.next(), baseCount: 200 }),
  }),
  world('calibrated, ten contracts an event, model of noise', { perEvent: 10, model: (_, __, ___, r) => r.next() }),
  world('favourite-longshot bias', { market: favouriteLongshot }),
  world('favourite-longshot bias, few outcomes', { most: 40, market: favouriteLongshot }),
  world('favourite-longshot bias, contrary model', { market: favouriteLongshot, model: contrary }),
  world('reversed bias', { market: (p) => fromLogOdds(1.3 * logOdds(p)) }),
  world('long shots alone too dear', { market: (p) => (p < 0.3 ? p + 0.05 : p) }),
  world('YES too dear by 4 points', { market: (p) => p + 0.04 }),
  world('YES too dear by 4 points, few outcomes, contrary model', {
    most: 40,
    market: (p) => p + 0.04,
    model: contrary,
  }),
  world('noisy market', { market: noisy(0.5) }),
  world('noisy market, informed model', {
    market: noisy(0.5),
    model: (p, _, __, random) => fromLogOdds(logOdds(p) + 0.5 * gaussian(random)),
  }),
  world('noisy market, good base rates', {
    market: noisy(0.8),
    base: (p, random) => ({ baseRate: fromLogOdds(logOdds(p) + 0.4 * gaussian(random)), baseCount: 60 }),
  }),
  world('noisy market, contrary model', { market: noisy(0.5), model: contrary }),
  world('noisy market, model turns contrary half way', {
    market: noisy(0.5),
    model: (p, mid, _, random, share) =>
      share < 0.5 ? fromLogOdds(logOdds(p) + 0.5 * gaussian(random)) : contrary(p, mid),
  }),
];
