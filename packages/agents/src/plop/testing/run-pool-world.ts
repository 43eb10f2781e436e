import { SeededRandom } from '@perpdesk/core';
import type { PoolRecord } from '../pool/fit-weights.ts';
import { learnPool, type Pool, pooled, priorPool } from '../pool/pool.ts';
import type { PoolWorld } from './pool-worlds.ts';

/** What a world's pool came to. */
export interface PoolWorldResult {
  readonly world: string;
  readonly contracts: number;
  /** Brier score of the mids. */
  readonly market: number;
  /** Brier score of the pooled probabilities. */
  readonly pool: number;
  /** Pool less market: above 0 is worse. */
  readonly excess: number;
  /** Of the last pool. */
  readonly reach: number;
  readonly modelWeight: number;
}

/** Outcomes between two fits, as a desk learns: early at every one, later as many as change little. */
const refitAfter = (known: number): number => Math.max(1, Math.floor(known / 10));
/** The store hands out no more than this. */
const mostRecords = 1000;

/**
 * Lets contracts come one after the other, each judged by what was learnt of those before it, and scores pool and market. In a world of few
 * outcomes everything is forgotten after as many, and begins anew.
 */
export function runPoolWorld(
  world: PoolWorld,
  { seed, contracts }: { readonly seed: string; readonly contracts: number },
): PoolWorldResult {
  const random = new SeededRandom(`${seed} ${world.name}`);
  const life = Math.min(world.most ?? contracts, contracts);
  let records: PoolRecord[] = [];
  let pool: Pool = priorPool;
  let fittedAt = 0;
  let [marketSum, poolSum] = [0, 0];
  for (let index = 0; index < contracts; index += 1) {
    if (index % life === 0) {
      records = [];
      pool = priorPool;
      fittedAt = 0;
    }
    const { event, cameTrue, ...inputs } = world.make(random, index, contracts);
    const isNewEvent = records.at(-1)?.group !== event;
    if (isNewEvent && records.length - fittedAt >= refitAfter(records.length)) {
      pool = learnPool(records.slice(-mostRecords));
      fittedAt = records.length;
    }
    const outcome = cameTrue ? 1 : 0;
    marketSum += (inputs.market - outcome) ** 2;
    poolSum += (pooled(inputs, pool) - outcome) ** 2;
    records.push({ inputs, cameTrue, group: event });
  }
  return {
    world: world.name,
    contracts,
    market: marketSum / contracts,
    pool: poolSum / contracts,
    excess: (poolSum - marketSum) / contracts,
    reach: pool.reach,
    modelWeight: pool.weights.model,
  };
}
