import { type Autonomy, type Tier, toUsd, type User } from '@perpdesk/core';

/** The one user of the demo: trades on paper. */
export const demoUser = ({ tier, autonomy }: { readonly tier: Tier; readonly autonomy: Autonomy }): User => ({
  id: 'demo',
  name: 'Demo trader',
  active: true,
  tier,
  autonomy,
  bounds: { maxNotional: toUsd(10_000), minConfidence: 0.6, maxTradesPerDay: 50 },
  limits: {},
  timeZone: 'UTC',
  venues: [],
  entryPreference: 'ladder',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
});
