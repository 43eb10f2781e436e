import type { PredictionContract } from '../domain/prediction-market.ts';

/** How often comparable contracts came out YES. */
export interface BaseRate {
  readonly yes: number;
  readonly no: number;
  /** (yes + 1/2) / (yes + no + 1): never nothing and never certain. The mean of the posterior under Jeffreys' prior. */
  readonly rate: number;
  /** The 90 % Wilson score interval (E. B. Wilson, 1927) of yes out of yes + no; 0 and 1 without any. */
  readonly low: number;
  readonly high: number;
}

/** 90 % of a normal distribution lies within so many standard deviations. */
const z90 = 1.6448536269514722;

/**
 * The base rate among contracts that are resolved, without those that were void, and without the contract itself and its own
 * event's: what is decided by one outcome is one fact, not several.
 * @param comparable which of them count; default: those of the same series.
 */
export function baseRate(
  contract: PredictionContract,
  resolved: Iterable<PredictionContract>,
  comparable: (other: PredictionContract) => boolean = (other) =>
    contract.series !== undefined && other.series === contract.series && other.venue === contract.venue,
): BaseRate {
  let yes = 0;
  let no = 0;
  const seen = new Set([contract.id]);
  for (const other of resolved) {
    if (seen.has(other.id) || (contract.event !== undefined && other.event === contract.event)) continue;
    if (!comparable(other)) continue;
    seen.add(other.id);
    if (other.resolution === 'yes') yes += 1;
    if (other.resolution === 'no') no += 1;
  }
  const count = yes + no;
  return { yes, no, rate: (yes + 0.5) / (count + 1), ...wilson(yes, count) };
}

function wilson(yes: number, count: number): { readonly low: number; readonly high: number } {
  if (count === 0) return { low: 0, high: 1 };
  const share = yes / count;
  const widening = z90 ** 2 / count;
  const centre = share + widening / 2;
  const reach = z90 * Math.sqrt((share * (1 - share)) / count + widening / (4 * count));
  return {
    low: Math.max(0, (centre - reach) / (1 + widening)),
    high: Math.min(1, (centre + reach) / (1 + widening)),
  };
}
