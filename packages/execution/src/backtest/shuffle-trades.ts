import { type Random, ValidationError } from '@perpdesk/core';

/** Options of {@link shuffleTrades}. */
export interface ShuffleTradesOptions {
  /** What each trade made, dollars, in the order it happened. */
  readonly netPnls: readonly number[];
  /** Dollars before the first. */
  readonly equityStart: number;
  readonly random: Random;
  /** Default 1,000. */
  readonly runs?: number;
  /**
   * `permute` (default) puts the same trades in another order: only the way there changes, not the end. `bootstrap` draws as
   * many with replacement: the end varies too.
   */
  readonly method?: 'permute' | 'bootstrap';
  /** Shares of the runs to report, ascending, in [0, 1]. Default 0.05, 0.25, 0.5, 0.75, 0.95. */
  readonly quantiles?: readonly number[];
}

/** A value that a share of the runs stayed at or below. */
export interface Quantile {
  readonly share: number;
  readonly value: number;
}

/** What other orders of the same trades would have come to. */
export interface ShuffledTrades {
  readonly runs: number;
  /** Of the peak, over equity after each trade. */
  readonly maxDrawdown: readonly Quantile[];
  readonly equityEnd: readonly Quantile[];
  /** The share of runs in which equity was used up. Such a run ends there. */
  readonly ruined: number;
  /** The share of runs whose drawdown was at least as deep as that of the order that happened: near 0, it was unlucky. */
  readonly asDeep: number;
}

/**
 * Monte-Carlo of the order of trades: how deep drawdowns could have been with the same trades. Trades add up in dollars, they
 * are not scaled to the equity of the moment; and they are taken to be independent, which streaks of a regime are not.
 * Fisher-Yates shuffle (D. E. Knuth, TAOCP 2, 3.4.2, algorithm P).
 * @throws ValidationError `shuffle.invalid`
 */
export function shuffleTrades(options: ShuffleTradesOptions): ShuffledTrades {
  const { netPnls, equityStart, random, runs = 1000, method = 'permute' } = options;
  const { quantiles = [0.05, 0.25, 0.5, 0.75, 0.95] } = options;
  if (!(equityStart > 0 && Number.isSafeInteger(runs) && runs > 0) || !netPnls.every(Number.isFinite))
    throw new ValidationError('shuffle.invalid', `${runs} runs from ${equityStart} dollars can not be made.`);
  if (!quantiles.every((share) => share >= 0 && share <= 1))
    throw new ValidationError('shuffle.invalid', `Shares lie in [0, 1], got ${quantiles.join(', ')}.`);
  const happened = pathOf(netPnls, equityStart).maxDrawdown;
  const drawdowns = new Float64Array(runs);
  const ends = new Float64Array(runs);
  const order = Float64Array.from(netPnls);
  let ruined = 0;
  let asDeep = 0;
  for (let run = 0; run < runs; run += 1) {
    if (method === 'permute') shuffle(order, random);
    else for (let i = 0; i < order.length; i += 1) order[i] = netPnls[below(order.length, random)] as number;
    const path = pathOf(order, equityStart);
    drawdowns[run] = path.maxDrawdown;
    ends[run] = path.equity;
    if (path.equity <= 0) ruined += 1;
    if (path.maxDrawdown >= happened) asDeep += 1;
  }
  const of = (values: Float64Array): Quantile[] => {
    values.sort();
    // The smallest value that at least this share of the runs does not pass.
    return quantiles.map((share) => ({ share, value: values[Math.max(0, Math.ceil(share * runs) - 1)] as number }));
  };
  return { runs, maxDrawdown: of(drawdowns), equityEnd: of(ends), ruined: ruined / runs, asDeep: asDeep / runs };
}

function pathOf(
  netPnls: ArrayLike<number>,
  equityStart: number,
): { readonly equity: number; readonly maxDrawdown: number } {
  let equity = equityStart;
  let peak = equityStart;
  let maxDrawdown = 0;
  for (let i = 0; i < netPnls.length && equity > 0; i += 1) {
    equity += netPnls[i] as number;
    peak = Math.max(peak, equity);
    maxDrawdown = Math.max(maxDrawdown, (peak - equity) / peak);
  }
  return { equity, maxDrawdown };
}

function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = below(last + 1, random);
    const kept = values[last] as number;
    values[last] = values[other] as number;
    values[other] = kept;
  }
}

const below = (count: number, random: Random): number => Math.floor(random.next() * count);
