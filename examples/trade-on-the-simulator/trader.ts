import { toUsd, type User } from '@perpdesk/core';

/** Who trades, on which venue, and within which limits. */
export const trader: User = {
  id: 'ada',
  name: 'Ada',
  active: true,
  tier: 'intermediate',
  autonomy: 'suggest',
  bounds: { maxNotional: toUsd(5_000), minConfidence: 0.6, maxTradesPerDay: 5 },
  limits: {},
  timeZone: 'UTC',
  venues: ['hyperliquid'],
  entryPreference: 'market',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
};

/** Whose account it is. */
export const walletAddress = '0x1111111111111111111111111111111111111111';
/** The key that trades for the wallet and can not withdraw. Known to everybody: it is worth nothing outside of this example. */
export const agent = {
  address: '0x37da28c050e3c0a1c0ac3be97913ec038783da4c',
  privateKey: '0x0000000000000000000000000000000000000000000000000000000000000016',
};
