import { toUsd, type User } from '@perpdesk/core';

/** Whose account the bot trades: the tier sets the limits that Brix holds it to. */
export const trader: User = {
  id: 'ada',
  name: 'Ada',
  active: true,
  tier: 'beginner',
  autonomy: 'full-auto',
  bounds: { maxNotional: toUsd(5_000), minConfidence: 0.6, maxTradesPerDay: 5 },
  limits: {},
  timeZone: 'UTC',
  venues: [],
  entryPreference: 'market',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
};
