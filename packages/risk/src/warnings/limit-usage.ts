import { Decimal, type RiskLimits } from '@perpdesk/core';
import type { DailyResult } from '../exposure/daily-loss.ts';
import type { VenueBook } from '../exposure/venue-book.ts';

/** The limits that users are warned of. */
export const warnedLimits = ['daily-loss', 'total-margin', 'portfolio-risk', 'open-positions'] as const;
export type WarnedLimit = (typeof warnedLimits)[number];

/** How much of a limit is in use: 1 is all of it. */
export interface LimitUsage {
  readonly limit: WarnedLimit;
  readonly used: Decimal;
}

/** How much of each limit is in use at one venue. */
export function limitUsages(input: {
  readonly limits: RiskLimits;
  readonly book: VenueBook;
  readonly daily: DailyResult;
  readonly openPositions: number;
}): readonly LimitUsage[] {
  const { limits, book, daily, openPositions } = input;
  const share = (actual: Decimal, limit: Decimal): Decimal =>
    limit.greaterThan(0) ? Decimal.max(actual, 0).dividedBy(limit) : new Decimal(actual.greaterThan(0) ? 1 : 0);
  return [
    { limit: 'daily-loss', used: share(daily.loss, daily.open.times(limits.dailyLoss)) },
    { limit: 'total-margin', used: share(book.margin, book.equity.times(limits.maxTotalMargin)) },
    { limit: 'portfolio-risk', used: share(book.risk, book.equity.times(limits.maxPortfolioRisk)) },
    { limit: 'open-positions', used: new Decimal(openPositions).dividedBy(limits.maxOpenPositions) },
  ];
}
