import { describe, expect, it } from 'vitest';
import { playIsolation } from './isolation.ts';

const waitMs = 180_000;

// A sample; the whole is `pnpm campaign isolation`.
describe('playIsolation', () => {
  it(
    'default: two users chat, approve and trade at once, and nothing of one is the other’s',
    async () => {
      const result = await playIsolation(1, { acts: 120 });
      expect(result.violations).toEqual([]);
      expect(result.chats).toBeGreaterThan(60);
      expect(result.prompts).toBeGreaterThan(10);
      expect(result.refusedAcross).toBeGreaterThan(20);
      expect(result.fills).toBeGreaterThan(0);
    },
    waitMs,
  );

  it.each(['state', 'history'] as const)(
    'error: users that are mixed up by their %s are noticed',
    async (mixUp) => {
      const { violations } = await playIsolation(1, { acts: 60, mixUp, until: 'crossed' });
      expect(violations.map(({ kind }) => kind)).toContain('crossed');
    },
    waitMs,
  );
});
