import { describe, expect, it } from 'vitest';
import { userPoliciesSchema } from './user-policies.ts';

const parses = (policies: unknown): boolean => userPoliciesSchema.safeParse(policies).success;
const quiet = (window: unknown) => ({ quietHours: { windows: [window], otherwise: 'ask' } });

describe('userPoliciesSchema', () => {
  it('default: each policy by itself, and none', () => {
    expect(parses({})).toBe(true);
    expect(parses(quiet({ from: '22:00', to: '07:00', days: ['fri', 'sat'] }))).toBe(true);
    expect(parses({ maxTradesPerDay: { trades: 0, otherwise: 'decline' } })).toBe(true);
    const pause = { importance: 'high', beforeMs: 3_600_000, afterMs: 0, otherwise: 'ask' };
    expect(parses({ pauseAroundCatalysts: pause })).toBe(true);
  });

  it.each([
    ['a time that no clock shows', quiet({ from: '24:00', to: '07:00' })],
    ['a window without a length', quiet({ from: '07:00', to: '07:00' })],
    ['no days', quiet({ from: '07:00', to: '08:00', days: [] })],
    ['no windows', { quietHours: { windows: [], otherwise: 'ask' } }],
    ['an outcome that is none', { maxTradesPerDay: { trades: 1, otherwise: 'send' } }],
    ['less than no trades', { maxTradesPerDay: { trades: -1, otherwise: 'ask' } }],
    [
      'a pause of more than a week',
      { pauseAroundCatalysts: { importance: 'low', beforeMs: 604_800_001, afterMs: 0, otherwise: 'ask' } },
    ],
  ])('error: %s', (_, policies) => {
    expect(parses(policies)).toBe(false);
  });
});
