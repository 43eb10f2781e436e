import type { MarketId, TradeDirection } from '@perpdesk/core';
import { fromFloat } from '../decision/usable-quote.ts';
import { Exact, exact, zero } from '../exact/exact.ts';

/** The correlation of two markets' returns, in [−1, 1]; undefined where it is not known, which counts as the worst. */
export type Correlation = (a: MarketId, b: MarketId) => number | undefined;

/** What one holding, resting or pending entry loses at its stop. */
export interface RiskPart {
  readonly market: MarketId;
  readonly direction: TradeDirection;
  readonly risk: Exact;
}

/** What the parts there are make of a new one, before its size is known. */
export interface CorrelatedRisk {
  /** Σᵢ Σⱼ cᵢⱼ·Lᵢ·Lⱼ of the parts there are. */
  readonly squared: Exact;
  /** Σᵢ cᵢ·Lᵢ of the parts there are with the new one. */
  readonly withNew: Exact;
}

/**
 * How two losses go together: 1 in one market and where nothing is known, else ρ for the same direction and −ρ for opposite
 * ones, never below zero. So a hedge lowers nothing below what independent losses would be, and no correlation ever makes the
 * total more than the plain sum.
 */
export function lossCorrelation(a: RiskPart, b: Omit<RiskPart, 'risk'>, correlation: Correlation): Exact {
  if (a.market === b.market) return exact(1);
  const known = correlation(a.market, b.market);
  if (known === undefined || !(known >= -1 && known <= 1)) return exact(1);
  return Exact.max(fromFloat(a.direction === b.direction ? known : -known), 0);
}

/**
 * Portfolio loss at all stops, √(Σᵢ Σⱼ cᵢⱼ·Lᵢ·Lⱼ): the variance-covariance sum of RiskMetrics (J.P. Morgan 1996, §5) with the
 * losses at the stops in the place of single VaRs. With every cᵢⱼ = 1 it is the plain sum.
 */
export function correlatedRisk(
  parts: readonly RiskPart[],
  next: Omit<RiskPart, 'risk'>,
  correlation: Correlation,
): CorrelatedRisk {
  let squared = zero;
  let withNew = zero;
  for (const [index, part] of parts.entries()) {
    squared = squared.plus(part.risk.times(part.risk));
    for (const other of parts.slice(index + 1)) {
      const together = lossCorrelation(part, other, correlation).times(part.risk).times(other.risk);
      squared = squared.plus(together).plus(together);
    }
    withNew = withNew.plus(lossCorrelation(part, next, correlation).times(part.risk));
  }
  return { squared, withNew };
}

/** Portfolio loss at all stops of the parts there are, rounded up at the 12th place. */
export function portfolioLoss(parts: readonly RiskPart[], correlation: Correlation): Exact {
  const [first] = parts;
  return first === undefined ? zero : correlatedRisk(parts, first, correlation).squared.squareRoot('up');
}

/** The total with a new loss, rounded up at the 12th place. */
export const totalWith = ({ squared, withNew }: CorrelatedRisk, loss: Exact): Exact =>
  squared.plus(withNew.times(loss).times(2)).plus(loss.times(loss)).squareRoot('up');

/** The largest new loss whose total stays within `limit`, rounded down; not above zero: no room. */
export function roomWithin({ squared, withNew }: CorrelatedRisk, limit: Exact): Exact {
  const square = limit.times(limit);
  if (!square.greaterThan(squared) || !limit.greaterThan(0)) return zero;
  return square.minus(squared).plus(withNew.times(withNew)).squareRoot('down').minus(withNew);
}
