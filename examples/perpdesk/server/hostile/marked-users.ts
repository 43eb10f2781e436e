import { toRate, toUsd, type User } from '@perpdesk/core';

/** A user whose id and name are found wherever they get. */
export const markedUser = (name: 'ada' | 'bob', change: Partial<User> = {}): User => ({
  ...{ id: `u-${name}-${marks[name]}`, name: `Name${marks[name]}`, active: true, tier: 'intermediate' },
  ...{ autonomy: 'suggest', pyramiding: true, entryPreference: 'market', aggression: 'aggressive' },
  ...{
    flattenOnDailyLoss: false,
    limits: { maxLeverage: 4, dailyLoss: toRate('0.12'), maxOrderNotional: toUsd(amounts[name]) },
    timeZone: 'UTC',
    venues: [],
  },
  bounds: { maxNotional: toUsd(20_000), minConfidence: 0.6, maxTradesPerDay: 500 },
  ...change,
});

const marks = { ada: 'qxadaq', bob: 'qxbobq' } as const;
/** The word that stands in everything that is a user's own. */
export const markOf = (userId: string): string => (userId.includes(marks.ada) ? marks.ada : marks.bob);

/** An amount that a user alone has, as it is kept and as it is shown. */
const amounts = { ada: 13_579, bob: 24_681 } as const;
export const amountsOf = (userId: string): readonly string[] => {
  const amount = amounts[markOf(userId) === marks.ada ? 'ada' : 'bob'];
  return [String(amount), amount.toLocaleString('en-US')];
};
