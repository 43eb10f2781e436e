import type { PredictionQuote } from '../domain/prediction-market.ts';
import { logOdds } from './log-odds.ts';
import { mean } from './statistics.ts';

const hourMs = 3_600_000;

/** How the YES mid moved. */
export interface QuoteDrift {
  /** The mid of the last quote. */
  readonly mid: number;
  readonly spread: number;
  /** Change of the mid over the last so many ms, in probability; undefined where the quotes do not reach back so far. */
  readonly changes: ReadonlyMap<number, number | undefined>;
  /**
   * Standard deviation of the mid's change per hour, in probability: the root of the sum of squared changes over the time
   * they took, taken about zero. Undefined of fewer than three quotes or no time.
   */
  readonly hourlyVolatility: number | undefined;
  /** Change of the mid's log-odds over the same windows. */
  readonly logOddsChanges: ReadonlyMap<number, number | undefined>;
  /** The same deviation per hour in log-odds, which does not shrink near 0 and 1 as that of prices does. */
  readonly hourlyLogOddsVolatility: number | undefined;
  /** How long the quotes reach back, ms. */
  readonly spanMs: number;
  readonly quotes: number;
}

/**
 * What a contract's quotes, oldest first, say of its drift as of `atMs`. The mid before a window is the last one said by its start.
 * Quotes beside an empty side have no mid and are passed over.
 * @param windowsMs for instance an hour, six, a day.
 * @returns undefined where there is no quote by then.
 */
export function quoteDrift(
  quotes: readonly PredictionQuote[],
  atMs: number,
  windowsMs: readonly number[] = [hourMs, 6 * hourMs, 24 * hourMs],
): QuoteDrift | undefined {
  const known = quotes.filter(({ bid, ask, receivedAtMs }) => receivedAtMs <= atMs && bid > 0 && ask < 1);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const mid = midOf(last);
  const changes = new Map<number, number | undefined>();
  const logOddsChanges = new Map<number, number | undefined>();
  for (const windowMs of windowsMs) {
    const before = known.findLast(({ receivedAtMs }) => receivedAtMs <= atMs - windowMs);
    changes.set(windowMs, before && mid - midOf(before));
    logOddsChanges.set(windowMs, before && logOdds(mid) - logOdds(midOf(before)));
  }
  const spanMs = last.receivedAtMs - first.receivedAtMs;
  return {
    mid,
    spread: last.ask - last.bid,
    changes,
    hourlyVolatility: hourlyDeviation(known.map(midOf), spanMs),
    logOddsChanges,
    hourlyLogOddsVolatility: hourlyDeviation(
      known.map((quote) => logOdds(midOf(quote))),
      spanMs,
    ),
    spanMs,
    quotes: known.length,
  };
}

const midOf = ({ bid, ask }: PredictionQuote): number => (bid + ask) / 2;

function hourlyDeviation(values: readonly number[], spanMs: number): number | undefined {
  const squares = values.slice(1).map((value, index) => (value - (values[index] ?? value)) ** 2);
  const meanSquare = mean(squares);
  if (meanSquare === undefined || squares.length < 2 || spanMs <= 0) return undefined;
  return Math.sqrt((meanSquare * squares.length * hourMs) / spanMs);
}
