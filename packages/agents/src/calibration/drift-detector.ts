import * as z from 'zod';

/** When drift is told. Set once, from reasons; false alarms are measured in docs/calibration.md. */
export const driftDefaults = {
  /** Scores are averaged over a day, all markets together: within it they hang together, from day to day hardly. */
  blockMs: 86_400_000,
  /** A block of fewer scores goes on into the next day. */
  leastScores: 10,
  /** Blocks that must be known before a block is judged. */
  leastBlocks: 10,
  /** Half of the shift that is looked for, in standard deviations of a block: one of a whole deviation is found soonest. */
  slack: 0.5,
  /** Where the sum rings. */
  limit: 6,
} as const;

export const driftStateSchema = z.object({
  /** Blocks that make up its own past: how many, their mean, and the sum of squared distances from it. */
  blocks: z.int(),
  mean: z.number(),
  squares: z.number(),
  /** The alarm's sum, 0 and up. */
  sum: z.number(),
  /** The blocks since the sum was last 0, and what they add up to; of an alarm, since it rang. */
  recentBlocks: z.int(),
  recentTotal: z.number(),
  drifted: z.boolean(),
  /** The block that is being filled. */
  block: z.object({ fromMs: z.int(), count: z.int(), total: z.number() }).exactOptional(),
});
/** What a {@link stepDrift} remembers. JSON-safe. */
export type DriftState = z.infer<typeof driftStateSchema>;

/** Nothing seen. */
export const noDrift: DriftState = {
  blocks: 0,
  mean: 0,
  squares: 0,
  sum: 0,
  recentBlocks: 0,
  recentTotal: 0,
  drifted: false,
};

/** An alarm, or its end. */
export interface DriftChange {
  readonly state: 'drifted' | 'recovered';
  /** The end of the block that showed it. */
  readonly atMs: number;
  readonly usual: number;
  readonly recent: number;
  readonly statistic: number;
}

/**
 * Takes one excess (an agent's Brier score less the base rates') into the alarm. Averages over days go into a cumulative sum of
 * how far each lies above what is usual of its own past, in standard deviations, less half a one; it rings at 6. Mean and
 * deviation are those of all days before (D. M. Hawkins, "Self-starting CUSUM charts for location and scale", The
 * Statistician 36, 1987), so that no calm year of training is needed first. While it rings its past stands still: the new
 * level is not taken for usual; it ends when the sum has come back to 0.
 */
export function stepDrift(
  state: DriftState,
  { atMs, excess }: { readonly atMs: number; readonly excess: number },
): { readonly state: DriftState; readonly change?: DriftChange } {
  const { blockMs, leastScores } = driftDefaults;
  const { block } = state;
  const isFull = block !== undefined && atMs >= block.fromMs + blockMs && block.count >= leastScores;
  const begun = { fromMs: Math.floor(atMs / blockMs) * blockMs, count: 1, total: excess };
  if (block === undefined) return { state: { ...state, block: begun } };
  if (!isFull) {
    return { state: { ...state, block: { ...block, count: block.count + 1, total: block.total + excess } } };
  }
  const judged = judgeBlock(state, block.total / block.count, block.fromMs + blockMs);
  return { ...judged, state: { ...judged.state, block: begun } };
}

function judgeBlock(
  state: DriftState,
  value: number,
  atMs: number,
): { readonly state: DriftState; readonly change?: DriftChange } {
  const { slack, limit, leastBlocks } = driftDefaults;
  const { blocks, drifted } = state;
  if (blocks < leastBlocks) return { state: withBlock(state, value) };
  const raised = state.sum + deviationsAbove(state, value) - slack;
  // The sum of an alarm is bounded, so that its end does not take as long as the trouble did.
  const sum = Math.max(0, Math.min(raised, 2 * limit));
  const begins = state.sum === 0 && !drifted;
  const recentBlocks = begins ? 1 : state.recentBlocks + 1;
  const recentTotal = begins ? value : state.recentTotal + value;
  const found = { usual: state.mean, recent: recentTotal / recentBlocks, statistic: sum, atMs };
  if (!drifted && sum >= limit) {
    return {
      state: { ...state, sum, drifted: true, recentBlocks: 0, recentTotal: 0 },
      change: { ...found, state: 'drifted' },
    };
  }
  const next = { ...state, sum, recentBlocks, recentTotal };
  if (!drifted) return { state: withBlock(next, value) };
  if (sum > 0) return { state: next };
  return { state: { ...next, drifted: false }, change: { ...found, state: 'recovered' } };
}

/** Welford's way of adding to a mean and a sum of squares. */
function withBlock(state: DriftState, value: number): DriftState {
  const blocks = state.blocks + 1;
  const mean = state.mean + (value - state.mean) / blocks;
  return { ...state, blocks, mean, squares: state.squares + (value - state.mean) * (value - mean) };
}

/**
 * How far a block lies above its past, as a standard normal deviate: Student's t of its distance, turned into a normal one by
 * D. L. Wallace, "Bounds on normal approximations to Student's and the chi-square distributions", Annals of Mathematical
 * Statistics 30, 1959. Of a past without any variation: 0 where it is no different, else beyond all doubt.
 */
function deviationsAbove({ blocks, mean, squares }: DriftState, value: number): number {
  const freedom = blocks - 1;
  const deviation = Math.sqrt(squares / freedom);
  const distance = value - mean;
  if (!(deviation > 1e-12)) return Math.abs(distance) <= 1e-12 ? 0 : Math.sign(distance) * beyondDoubt;
  const t = (Math.sqrt(blocks / (blocks + 1)) * distance) / deviation;
  const size = ((8 * freedom + 1) / (8 * freedom + 3)) * Math.sqrt(freedom * Math.log1p(t ** 2 / freedom));
  return Math.sign(t) * Math.min(size, beyondDoubt);
}

/** No single day may ring by itself. */
const beyondDoubt = 4;
