import { mean, type PredictionQuote } from '@perpdesk/core';

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
  const changes = new Map(
    windowsMs.map((windowMs) => {
      const before = known.findLast(({ receivedAtMs }) => receivedAtMs <= atMs - windowMs);
      return [windowMs, before === undefined ? undefined : mid - midOf(before)];
    }),
  );
  const spanMs = last.receivedAtMs - first.receivedAtMs;
  const squares = known.slice(1).map((quote, index) => (midOf(quote) - midOf(known[index] ?? quote)) ** 2);
  const meanSquare = mean(squares);
  return {
    mid,
    spread: last.ask - last.bid,
    changes,
    hourlyVolatility:
      meanSquare === undefined || squares.length < 2 || spanMs <= 0
        ? undefined
        : Math.sqrt((meanSquare * squares.length * hourMs) / spanMs),
    spanMs,
    quotes: known.length,
  };
}

const midOf = ({ bid, ask }: PredictionQuote): number => (bid + ask) / 2;
