import type { PredictionContract, PredictionHistory } from '@perpdesk/core';
import type { PoolView } from './agent.ts';
import type { PoolRecord } from './pool/fit-weights.ts';
import { learnPool, type Pool, priorPool } from './pool/pool.ts';
import type { PlopStore } from './store/plop-store.ts';

/** Options of {@link PlopCalibration}. */
export interface PlopCalibrationOptions {
  /** Where assessments and their outcomes are. */
  readonly store: PlopStore;
  /** Resolved contracts that were never assessed: they teach how the market itself is off. */
  readonly history?: Pick<PredictionHistory, 'resolved'>;
}

type Venue = PredictionContract['venue'];

/** Outcomes that a pool is learnt from, the newest; older ones tell of another market. */
const mostOutcomes = 1_000;
/** How long before closing the mid of a contract that was not assessed is taken: a day. */
const horizonMs = 86_400_000;

/**
 * Learns, venue by venue, how market, base rates and model are to be pooled, from what came out. It keeps nothing of its own: all it
 * knows is read from the store, so that a restart goes on where it stood.
 */
export class PlopCalibration implements PoolView {
  readonly #options: PlopCalibrationOptions;
  readonly #pools = new Map<Venue, Pool>();

  constructor(options: PlopCalibrationOptions) {
    this.#options = options;
  }

  /** The pool as it was learnt last; that before any outcome where nothing was. */
  poolOf(venue: Venue): Pool {
    return this.#pools.get(venue) ?? priorPool;
  }

  /** Learns anew from all outcomes of a venue. @throws StoreError */
  async learn(venue: Venue): Promise<Pool> {
    const { store, history } = this.#options;
    const scored = await store.settled({ venue, limit: mostOutcomes });
    const assessed = new Set(scored.map(({ assessment }) => assessment.contractId));
    const others = (await history?.resolved({ venue, limit: mostOutcomes })) ?? [];
    const bare = others.flatMap(({ contract, mids }): readonly PoolRecord[] => {
      const market = mids.get(horizonMs);
      if (market === undefined || contract.resolution === 'void' || assessed.has(contract.id)) return [];
      const group = contract.event ?? contract.id;
      return [{ inputs: { market }, cameTrue: contract.resolution === 'yes', group }];
    });
    const own = scored.map(
      ({ assessment, outcome }): PoolRecord => ({
        inputs: assessment.inputs,
        cameTrue: outcome === 'yes',
        group: assessment.event ?? assessment.contractId,
      }),
    );
    const pool = learnPool([...bare.reverse(), ...own].slice(-mostOutcomes));
    this.#pools.set(venue, pool);
    return pool;
  }
}
