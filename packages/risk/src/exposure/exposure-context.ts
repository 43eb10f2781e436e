import type { RiskLimits } from '@perpdesk/core';
import type { Exact } from '../exact/exact.ts';
import type { CorrelatedRisk } from './correlated-risk.ts';
import type { VenueBook } from './venue-book.ts';

/** What one more position or order is measured against: the figures that do not depend on its size. */
export interface ExposureContext {
  readonly limits: RiskLimits;
  readonly book: VenueBook;
  /** The price its notional is reckoned at: the worst that it may be. */
  readonly entry: Exact;
  /** Loss per unit at the stop (or liquidation), without fees. */
  readonly unitLoss: Exact;
  /** Taker fees per unit of entry and of leaving at the stop. */
  readonly unitFees: Exact;
  /** Both together, where they were added up already. */
  readonly unitCost?: Exact | undefined;
  /** Margin that is held, pending or resting in the instrument already. */
  readonly instrumentMargin: Exact;
  /** True while the user has had no trade filled at venues of this kind. */
  readonly firstTrade: boolean;
  /** In [0.5, 1], from the confidence as the user scores it. */
  readonly confidenceFactor: Exact;
  /** Largest notional of one order: the user's and the operator's, the smaller. */
  readonly maxOrderNotional?: Exact | undefined;
  /** The size that it buys, where that was reckoned already. */
  readonly maxOrderSize?: Exact | undefined;
  /** Where correlations are known: what the risks there are make of a new one. Absent: risks add up. */
  readonly correlated?: CorrelatedRisk | undefined;
  /** What the operator's cap over all users leaves. */
  readonly operatorRoom?: Exact | undefined;
}
