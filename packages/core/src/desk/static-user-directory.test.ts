import { describe, expect, it } from 'vitest';
import { toUsd } from '../decimal.ts';
import type { User } from '../domain/user.ts';
import { StaticUserDirectory } from './static-user-directory.ts';

const user = (id: string, active = true): User => ({
  id,
  name: id,
  active,
  tier: 'beginner',
  autonomy: 'suggest',
  bounds: { maxNotional: toUsd(1_000), minConfidence: 0.6, maxTradesPerDay: 5 },
  limits: {},
  timeZone: 'UTC',
  venues: [],
  entryPreference: 'ladder',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
});

describe('StaticUserDirectory', () => {
  it('default: active users come in the order given, any is found by id', async () => {
    const directory = new StaticUserDirectory({ users: [user('zoe'), user('bob', false), user('ann')] });
    expect((await directory.active()).map(({ id }) => id)).toEqual(['zoe', 'ann']);
    expect((await directory.get('bob'))?.active).toBe(false);
    expect(await directory.get('eve')).toBeUndefined();
  });

  it('error: two users of an id, or one that is not valid, is refused with its name', () => {
    expect(() => new StaticUserDirectory({ users: [user('ann'), user('ann')] })).toThrow(
      expect.objectContaining({ code: 'user.duplicate' }),
    );
    expect(
      () =>
        new StaticUserDirectory({ users: [{ ...user('ann'), bounds: { ...user('ann').bounds, minConfidence: 2 } }] }),
    ).toThrow(
      expect.objectContaining({
        code: 'user.invalid',
        message: expect.stringContaining('"ann" is not valid: bounds.minConfidence'),
      }),
    );
  });
});
