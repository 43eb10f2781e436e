import { type PoolInputs, poolTerms } from './pool-terms.ts';
import { type PoolWeights, weightNames, weightPriors } from './pool-weights.ts';
import { solve } from './solve.ts';

/** What was said of a contract, and what came of it. */
export interface PoolRecord {
  readonly inputs: PoolInputs;
  readonly cameTrue: boolean;
  /** Records of one group count as one in all: what is decided by one outcome is one fact. The event, else the contract. */
  readonly group: string;
}

/** Records as columns: what a fit goes over again and again. */
interface Rows {
  readonly count: number;
  /** Five terms a row, one row after the other. */
  readonly terms: Float64Array;
  readonly outcomes: Float64Array;
  readonly weights: Float64Array;
}

const size = weightNames.length;
const priors = weightNames.map((name) => weightPriors[name]);
const mostSteps = 25;
const settled = 1e-7;

/**
 * The weights that explain the outcomes best, held by their priors (maximum a posteriori of a logistic regression with Gaussian priors, by
 * Newton's method). Without records: the priors. Each group has the weight of one record. A weight that would leave its bounds is
 * set at the bound and the others are fitted again.
 */
export function fitWeights(records: readonly PoolRecord[]): PoolWeights {
  const rows = rowsOf(records);
  const held = new Map<number, number>();
  let fitted = newton(rows, held);
  for (let round = 0; round < size; round += 1) {
    for (const [index, prior] of priors.entries()) {
      const value = fitted[index] ?? prior.mean;
      if (value < prior.least || value > prior.most) held.set(index, value < prior.least ? prior.least : prior.most);
    }
    const isInside = priors.every((_, index) => !held.has(index) || fitted[index] === held.get(index));
    if (isInside) break;
    fitted = newton(rows, held);
  }
  const [up = 1, down = 1, shift = 0, base = 0, model = 0] = fitted;
  return { up, down, shift, base, model };
}

function rowsOf(records: readonly PoolRecord[]): Rows {
  const sizes = new Map<string, number>();
  for (const { group } of records) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const count = records.length;
  const rows = {
    count,
    terms: new Float64Array(count * size),
    outcomes: new Float64Array(count),
    weights: new Float64Array(count),
  };
  for (const [index, { inputs, cameTrue, group }] of records.entries()) {
    rows.terms.set(poolTerms(inputs), index * size);
    rows.outcomes[index] = cameTrue ? 1 : 0;
    rows.weights[index] = 1 / (sizes.get(group) ?? 1);
  }
  return rows;
}

function newton(rows: Rows, held: ReadonlyMap<number, number>): readonly number[] {
  let weights = priors.map(({ mean }, index) => held.get(index) ?? mean);
  const free = priors.map((_, index) => !held.has(index));
  let at = slopes(rows, weights, free);
  for (let step = 0; step < mostSteps; step += 1) {
    const move = solve(at.hessian, at.gradient);
    // Far from the optimum a whole step may overshoot: it is halved until the loss falls.
    let share = 1;
    let next = weights;
    let there = at;
    do {
      const by = share;
      next = weights.map((value, index) => value - by * (move[index] ?? 0));
      there = slopes(rows, next, free);
      share /= 2;
    } while (!(there.loss <= at.loss) && share > 1e-6);
    if (!(there.loss <= at.loss)) break;
    const moved = Math.max(...next.map((value, index) => Math.abs(value - (weights[index] ?? value))));
    weights = next;
    at = there;
    if (moved < settled) break;
  }
  return weights;
}

interface Slopes {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** Row by row; of a weight that is held only 1 on the diagonal, so that it does not move. */
  readonly hessian: Float64Array;
}

/** The negative log posterior, and its gradient and Hessian. */
function slopes(
  { count, terms, outcomes, weights: counts }: Rows,
  weights: readonly number[],
  free: readonly boolean[],
): Slopes {
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  let loss = 0;
  for (let index = 0; index < count; index += 1) {
    const start = index * size;
    let odds = 0;
    for (let i = 0; i < size; i += 1) odds += (terms[start + i] ?? 0) * (weights[i] ?? 0);
    const outcome = outcomes[index] ?? 0;
    const weight = counts[index] ?? 0;
    const far = Math.exp(-Math.abs(odds));
    const said = odds >= 0 ? 1 / (1 + far) : far / (1 + far);
    // −ln of the outcome's probability, without overflow.
    loss += weight * (Math.log1p(far) + Math.max(0, outcome === 1 ? -odds : odds));
    const slope = weight * (said - outcome);
    const bend = weight * said * (1 - said);
    for (let i = 0; i < size; i += 1) {
      const term = terms[start + i] ?? 0;
      gradient[i] = (gradient[i] ?? 0) + slope * term;
      for (let j = 0; j <= i; j += 1)
        hessian[i * size + j] = (hessian[i * size + j] ?? 0) + bend * term * (terms[start + j] ?? 0);
    }
  }
  for (const [i, { mean, deviation }] of priors.entries()) {
    const distance = (weights[i] ?? mean) - mean;
    loss += (distance / deviation) ** 2 / 2;
    gradient[i] = free[i] ? (gradient[i] ?? 0) + distance / deviation ** 2 : 0;
    for (let j = 0; j < i; j += 1) {
      const mixed = free[i] && free[j] ? (hessian[i * size + j] ?? 0) : 0;
      hessian[i * size + j] = mixed;
      hessian[j * size + i] = mixed;
    }
    hessian[i * size + i] = free[i] ? (hessian[i * size + i] ?? 0) + 1 / deviation ** 2 : 1;
  }
  return { loss, gradient, hessian };
}
