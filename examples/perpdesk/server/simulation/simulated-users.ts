import { toRate, toUsd, type User } from '@perpdesk/core';

const shared = {
  active: true,
  limits: {},
  timeZone: 'UTC',
  venues: [] as string[],
  bounds: { maxNotional: toUsd(20_000), minConfidence: 0.6, maxTradesPerDay: 500 },
};

/** Three users who differ in tier, autonomy, and how they enter and leave. */
export const simulatedUsers: readonly User[] = [
  {
    ...shared,
    ...{ id: 'alice', name: 'Alice', tier: 'advanced', autonomy: 'full-auto', pyramiding: true },
    ...{ entryPreference: 'market', aggression: 'aggressive', flattenOnDailyLoss: true },
  },
  {
    ...shared,
    ...{ id: 'bob', name: 'Bob', tier: 'intermediate', autonomy: 'auto-bounded', pyramiding: false },
    ...{ entryPreference: 'ladder', aggression: 'balanced', flattenOnDailyLoss: false },
    exits: {
      trailing: { distance: toRate('0.003'), fromR: 0.5 },
      breakEven: { atR: 0.8, offset: toRate('0.001') },
      maxHoldMs: 600_000,
    },
  },
  {
    ...shared,
    ...{ id: 'carol', name: 'Carol', tier: 'beginner', autonomy: 'suggest', pyramiding: false },
    ...{ entryPreference: 'sniper', aggression: 'aggressive', flattenOnDailyLoss: false },
  },
];
