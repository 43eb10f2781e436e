import { SeededRandom, ValidationError } from '@perpdesk/core';

/** Options of {@link blockMeanInterval}. */
export interface BlockBootstrapOptions {
  /** The same seed gives the same interval. */
  readonly seed: string | number;
  /** How often blocks are drawn anew. Default 2,000, at least 100. */
  readonly resamples?: number;
  /** How much of the distribution the interval covers, between 0 and 1. Default 0.95. */
  readonly coverage?: number;
  /** What is drawn as one piece, ms. Default a day. */
  readonly blockMs?: number;
}

/** A value and when it belongs to. */
export interface TimedValue {
  readonly atMs: number;
  readonly value: number;
}

/** A mean with where it lies. */
export interface MeanInterval {
  readonly mean: number;
  readonly interval: readonly [low: number, high: number];
  /** Pieces that were drawn from; below some twenty the interval is too narrow. */
  readonly blocks: number;
}

/**
 * The mean of values that hang together in time, with an interval: whole days are drawn with replacement (H. R. Künsch, "The
 * jackknife and the bootstrap for general stationary observations", Annals of Statistics 17, 1989), so that scores whose
 * horizons overlap, and markets that move together, do not count as so many independent ones. Percentiles of the means drawn
 * (B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979). Undefined of none.
 * @throws ValidationError `bootstrap.options` for options out of range
 */
export function blockMeanInterval(
  values: readonly TimedValue[],
  options: BlockBootstrapOptions,
): MeanInterval | undefined {
  const { resamples = 2_000, coverage = 0.95, blockMs = 86_400_000 } = options;
  if (!(Number.isInteger(resamples) && resamples >= 100) || !(coverage > 0 && coverage < 1) || !(blockMs > 0)) {
    throw new ValidationError(
      'bootstrap.options',
      `It takes at least 100 resamples, a coverage between 0 and 1 and blocks above 0 ms, got ${resamples}, ${coverage}, ${blockMs}.`,
    );
  }
  const blocks = blocksOf(values, blockMs);
  if (blocks.length === 0) return undefined;
  const random = new SeededRandom(options.seed);
  const means = Float64Array.from({ length: resamples }, () => {
    let [count, total] = [0, 0];
    for (let draw = 0; draw < blocks.length; draw += 1) {
      const block = blocks[Math.floor(random.next() * blocks.length)];
      count += block?.count ?? 0;
      total += block?.total ?? 0;
    }
    return total / count;
  }).sort();
  let total = 0;
  for (const { value } of values) total += value;
  return {
    mean: total / values.length,
    interval: [quantileOf(means, (1 - coverage) / 2), quantileOf(means, (1 + coverage) / 2)],
    blocks: blocks.length,
  };
}

function blocksOf(values: readonly TimedValue[], blockMs: number): readonly { count: number; total: number }[] {
  const blocks = new Map<number, { count: number; total: number }>();
  for (const { atMs, value } of values) {
    const index = Math.floor(atMs / blockMs);
    const block = blocks.get(index) ?? { count: 0, total: 0 };
    block.count += 1;
    block.total += value;
    blocks.set(index, block);
  }
  return [...blocks.values()];
}

/** Linear interpolation between order statistics. */
function quantileOf(ascending: Float64Array, probability: number): number {
  const place = probability * (ascending.length - 1);
  const low = ascending[Math.floor(place)] ?? Number.NaN;
  const high = ascending[Math.ceil(place)] ?? Number.NaN;
  return low + (place - Math.floor(place)) * (high - low);
}
