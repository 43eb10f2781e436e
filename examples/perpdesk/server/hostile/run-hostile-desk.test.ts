import { describe, expect, it } from 'vitest';
import { type HostileResult, runHostileDesk } from './run-hostile-desk.ts';
import { runInProcess } from './run-in-process.ts';

const waitMs = 180_000;
const report = ({ last, violations }: HostileResult): string =>
  [...violations.map(({ kind, message }) => `${kind}: ${message}`), ...last].join('\n');

// A sample; the whole is `pnpm campaign hostile-model`.
describe('runHostileDesk', () => {
  it.each([
    ['models that answer what harms most', 1],
    ['a model alone that fails in every way', 5],
  ])(
    'default: with %s every order is within limits, every round ends and every cause is told',
    async (_, seed) => {
      const result = await runHostileDesk(seed, { quarters: 3 });
      expect(result.violations, report(result)).toEqual([]);
      expect(result.held).toBe(12);
      expect(result.longestRoundMs).toBeLessThanOrEqual(30_000);
      expect(result.calls.some(({ mustFail }) => mustFail)).toBe(true);
    },
    waitMs,
  );

  it.each([
    ['grounding', 4, 'made up', 6],
    ['schema', 12, 'an agent lost by its model', 6],
    ['brix', 12, 'unapproved order', 2],
  ] as const)(
    'error: without %s it is noticed',
    async (without, seed, kind, quarters) => {
      const { violations } = await runInProcess(seed, { quarters, without, until: kind });
      expect(violations.map((violation) => violation.kind)).toContain(kind);
    },
    waitMs,
  );
});
