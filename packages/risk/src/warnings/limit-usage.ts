import type { RiskLimits } from '@perpdesk/core';
import { Exact, exact } from '../exact/exact.ts';
import type { DailyResult } from '../exposure/daily-loss.ts';
import type { DrawdownResult } from '../exposure/drawdown.ts';
import type { VenueBook } from '../exposure/venue-book.ts';
import type { WeeklyResult } from '../exposure/weekly-loss.ts';

/** The limits that users are warned of. */
export const warnedLimits = [
  'daily-loss',
  'weekly-loss',
  'drawdown',
  'losses-in-row',
  'total-margin',
  'portfolio-risk',
  'venue-exposure',
  'open-positions',
] as const;
export type WarnedLimit = (typeof warnedLimits)[number];

/** How much of a limit is in use: 1 is all of it. */
export interface LimitUsage {
  readonly limit: WarnedLimit;
  readonly used: Exact;
  /** The day or week it is of: in a new one it is told anew. */
  readonly period?: string;
}

/** How much of each limit is in use at one venue. Limits that the user does not have are left out. */
export function limitUsages(input: {
  readonly limits: RiskLimits;
  readonly book: VenueBook;
  readonly daily: DailyResult;
  readonly openPositions: number;
  readonly weekly?: WeeklyResult;
  readonly drawdown?: DrawdownResult;
  readonly lossesInRow?: number;
  /** Portfolio loss at all stops. Default: the plain sum of the book. */
  readonly portfolioRisk?: Exact;
}): readonly LimitUsage[] {
  const { limits, book, daily, weekly, drawdown, openPositions } = input;
  const share = (actual: Exact, limit: Exact): Exact =>
    limit.greaterThan(0) ? Exact.max(actual, 0).dividedBy(limit) : exact(actual.greaterThan(0) ? 1 : 0);
  const usages: LimitUsage[] = [
    { limit: 'daily-loss', used: share(daily.loss, daily.open.times(limits.dailyLoss)), period: daily.day },
  ];
  if (limits.weeklyLoss !== undefined && weekly !== undefined) {
    const used = share(weekly.loss, weekly.open.times(limits.weeklyLoss));
    usages.push({ limit: 'weekly-loss', used, period: weekly.week });
  }
  if (limits.maxDrawdown !== undefined && drawdown !== undefined)
    usages.push({ limit: 'drawdown', used: share(drawdown.loss, drawdown.peak.times(limits.maxDrawdown)) });
  if (limits.maxLossesInRow !== undefined && input.lossesInRow !== undefined)
    usages.push({ limit: 'losses-in-row', used: exact(input.lossesInRow).dividedBy(limits.maxLossesInRow) });
  usages.push(
    { limit: 'total-margin', used: share(book.margin, book.equity.times(limits.maxTotalMargin)) },
    {
      limit: 'portfolio-risk',
      used: share(input.portfolioRisk ?? book.risk, book.equity.times(limits.maxPortfolioRisk)),
    },
  );
  if (limits.maxVenueNotional !== undefined)
    usages.push({ limit: 'venue-exposure', used: share(book.notional, exact(limits.maxVenueNotional)) });
  usages.push({ limit: 'open-positions', used: exact(openPositions).dividedBy(limits.maxOpenPositions) });
  return usages;
}
