import { toUsd, type User } from '@perpdesk/core';
import type { ServerOptions } from './options.ts';

/** Whose keys and positions they are. */
export const demoUserId = 'demo';

/** The one user of the demo: trades on paper unless the command line chose venues. */
export const demoUser = ({
  tier,
  autonomy,
  execution,
}: Pick<ServerOptions, 'tier' | 'autonomy' | 'execution'>): User => ({
  id: demoUserId,
  name: 'Demo trader',
  active: true,
  tier,
  autonomy,
  bounds: { maxNotional: toUsd(10_000), minConfidence: 0.6, maxTradesPerDay: 50 },
  limits: {},
  timeZone: 'UTC',
  venues: [...(execution?.venues ?? [])],
  entryPreference: 'ladder',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
});
