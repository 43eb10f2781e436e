import { type AccountView, Decimal, isFresh, type Recommendation, toSize, type User } from '@perpdesk/core';
import type { VenueRouter } from '@perpdesk/execution';
import type { BrixOptions } from '@perpdesk/risk';

/** What a plan is routed for before Brix has sized it: this share of equity at the stop. */
const riskShare = 0.01;

/** Ranks a user's venues for a plan by what its entry would cost there, at about the size Brix will give it. */
export const rankVenues =
  (router: VenueRouter, accounts: Pick<AccountView, 'account'>): NonNullable<BrixOptions['rankVenues']> =>
  (user: User, { direction, entry, market, stopLoss }: Recommendation) => {
    const equity = user.venues.reduce((most, venue) => {
      const account = accounts.account(user.id, venue);
      return isFresh(account) ? Decimal.max(most, account.value.equity) : most;
    }, new Decimal(0));
    const distance = new Decimal(entry).minus(stopLoss).abs();
    if (!equity.greaterThan(0) || distance.isZero()) return [];
    const size = toSize(equity.times(riskShare).dividedBy(distance).toSignificantDigits(6));
    const side = direction === 'long' ? 'buy' : 'sell';
    return router.rank({ userId: user.id, market, side, size, venues: user.venues });
  };
