import { fromLogOdds, SeededRandom } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolWorlds } from '../testing/pool-worlds.ts';
import { type PoolWorldResult, runPoolWorld } from '../testing/run-pool-world.ts';
import { fitWeights, type PoolRecord } from './fit-weights.ts';
import { learnPool, pooled, poolRules, priorPool } from './pool.ts';
import { poolLogOdds } from './pool-terms.ts';
import { priorWeights } from './pool-weights.ts';
import { solve } from './solve.ts';

const price = fc.double({ min: 0.005, max: 0.995, noNaN: true });

/** Contracts whose market understates how far they are from a half. */
function biased(count: number, slope: number): PoolRecord[] {
  const random = new SeededRandom('biased');
  return Array.from({ length: count }, (_, index) => {
    const odds = 6 * random.next() - 3;
    const market = fromLogOdds(odds);
    return { inputs: { market }, cameTrue: random.next() < fromLogOdds(slope * odds), group: `g${index}` };
  });
}

describe('poolLogOdds', () => {
  it('default: worked by hand', () => {
    // l_m = ln(0.4/0.6) = −0.405465; base 0.6 of 20 outcomes (s = ½); model 0.5.
    const odds = poolLogOdds({ market: 0.4, baseRate: 0.6, baseCount: 20, model: 0.5 }, priorWeights);
    const l = Math.log(0.4 / 0.6);
    expect(odds).toBeCloseTo(l + 0.1 * 0.5 * (-l - l) + 0.2 * (0 - l), 12);
    expect(pooled({ market: 0.4 }, priorPool)).toBeCloseTo(0.4, 12);
  });

  it('behavior: no source takes it further from the market than the reach, nor to certainty', () => {
    fc.assert(
      fc.property(price, price, price, fc.integer({ min: 0, max: 1e6 }), (market, baseRate, model, baseCount) => {
        const p = pooled({ market, baseRate, baseCount, model }, priorPool);
        expect(Math.abs(p - market)).toBeLessThanOrEqual(priorPool.reach + 1e-12);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThan(1);
      }),
    );
  });

  it('behavior: a surer model never moves it the other way', () => {
    fc.assert(
      fc.property(price, price, price, (market, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(pooled({ market, model: low }, priorPool)).toBeLessThanOrEqual(
          pooled({ market, model: high }, priorPool),
        );
      }),
    );
  });
});

describe('fitWeights', () => {
  it('default: without outcomes it is the prior, with many it finds the bias', () => {
    expect(fitWeights([])).toEqual(priorWeights);
    const { up, down, shift } = fitWeights(biased(4000, 1.4));
    expect(up).toBeCloseTo(1.4, 0);
    expect(down).toBeCloseTo(1.4, 0);
    expect(Math.abs(shift)).toBeLessThan(0.15);
  });

  it('behavior: many records of one event count as one outcome', () => {
    const [first] = biased(1, 1);
    if (first === undefined) throw new Error('no record');
    const once = fitWeights([first]);
    const often = fitWeights(Array.from({ length: 50 }, () => first));
    for (const name of ['up', 'down', 'shift'] as const) expect(often[name]).toBeCloseTo(once[name], 6);
  });

  it('behavior: a source that errs goes to nothing and is never inverted', () => {
    const records = biased(300, 1).map((record) => ({
      ...record,
      inputs: { ...record.inputs, model: record.cameTrue ? 0.02 : 0.98 },
    }));
    expect(fitWeights(records).model).toBe(0);
    const honest = records.map((record) => ({
      ...record,
      inputs: { ...record.inputs, model: record.cameTrue ? 0.98 : 0.02 },
    }));
    expect(fitWeights(honest).model).toBe(0.8);
  });

  it('behavior: solves what it sets up', () => {
    const a = Float64Array.from([4, 2, 2, 3]);
    const [x, y] = solve(a, Float64Array.from([2, 5]));
    expect(x).toBeCloseTo(-0.5, 12);
    expect(y).toBeCloseTo(2, 12);
  });
});

describe('learnPool', () => {
  it('default: reach is earned on outcomes that were not seen', () => {
    const pool = learnPool(biased(1000, 1.6));
    expect(pool.outcomes).toBe(1000);
    expect(pool.gain?.mean).toBeGreaterThan(pool.gain?.error ?? 1);
    expect(pool.reach).toBeCloseTo(0.035 + 0.115 * (1000 / 1200), 12);
  });

  it('behavior: too few outcomes earn nothing, ten contracts of an event are one', () => {
    expect(learnPool([])).toBe(priorPool);
    const few = learnPool(biased(49, 1.6));
    expect([few.reach, few.gain]).toEqual([poolRules.unprovenReach, undefined]);
    const sameEvents = biased(490, 1.6).map((record, index) => ({ ...record, group: `e${Math.floor(index / 10)}` }));
    expect(learnPool(sameEvents)).toMatchObject({ outcomes: 49, gain: undefined });
  });

  it('behavior: where pooling would have made it worse the market is taken at its word', () => {
    const world = poolWorlds.find(({ name }) => name === 'calibrated, base rates of noise');
    const random = new SeededRandom('noise 2');
    const records = Array.from({ length: 600 }, (_, index): PoolRecord => {
      const made = world?.make(random, index, 600);
      if (made === undefined) throw new Error('no such world');
      const { event: group, cameTrue, ...inputs } = made;
      return { group, cameTrue, inputs };
    });
    const pool = learnPool(records);
    expect(pool.gain?.mean).toBeLessThan(-(pool.gain?.error ?? 0));
    expect(pool.reach).toBe(0);
    expect(pooled({ market: 0.3, baseRate: 0.9, baseCount: 500, model: 0.9 }, pool)).toBe(0.3);
  });
});

describe('the pooled probability on made-up markets', () => {
  it('behavior: never worse than the market by more than 0.005 Brier, whatever the sources do', () => {
    const results: PoolWorldResult[] = poolWorlds.map((world) => runPoolWorld(world, { seed: 'pool', contracts: 400 }));
    console.table(
      results.map(({ world, market, pool, excess, reach }) => ({
        world,
        market: market.toFixed(4),
        pool: pool.toFixed(4),
        excess: excess.toFixed(4),
        reach: reach.toFixed(3),
      })),
    );
    for (const { world, excess } of results) expect(excess, world).toBeLessThanOrEqual(0.005);
    const excessOf = (name: string): number => results.find(({ world }) => world === name)?.excess ?? Number.NaN;
    // And it is of use where there is something to learn.
    expect(excessOf('noisy market, good base rates')).toBeLessThan(-0.005);
  }, 60_000);
});
