import { describe, expect, it } from 'vitest';
import { type SimulationResult, simulateDesk } from './simulate-desk.ts';

/** Of a run that did not go as it must: what did not hold, and what happened last. */
const report = ({ last, seed, violations }: SimulationResult): string =>
  [`seed ${seed}`, ...violations.map(({ kind, message }) => `${kind}: ${message}`), ...last].join('\n');
const waitMs = 180_000;

// A sample; the whole is `pnpm campaign desk-simulation`.
describe('simulateDesk', () => {
  // Seeds in which something did not hold once.
  it.each([5, 13, 28, 210])(
    'default: whatever goes wrong on the way to the venue, what must hold holds and all settles (seed %i)',
    async (seed) => {
      const result = await simulateDesk(seed, { faultyMs: 240_000 });
      expect(result.violations, report(result)).toEqual([]);
      expect(result.trades).toBeGreaterThan(1);
      expect(result.faults.size).toBeGreaterThan(2);
    },
    waitMs,
  );

  it.each([
    ['an id of its own for each try', 'random-ids', 1, 'duplicate exposure', 480_000],
    ['no guard', 'no-guard', 1, 'unprotected', 360_000],
    ['nobody asks Brix', 'no-gate', 1, 'unapproved order', 360_000],
  ] as const)(
    'error: %s is noticed',
    async (_, sabotage, seed, kind, faultyMs) => {
      const { violations } = await simulateDesk(seed, { sabotage, faultyMs, until: kind });
      expect(violations.map((violation) => violation.kind)).toContain(kind);
    },
    waitMs,
  );
});
