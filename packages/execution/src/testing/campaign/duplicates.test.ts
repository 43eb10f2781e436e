import { describe, expect, it } from 'vitest';
import { duplicateCase } from './duplicate-case.ts';
import { runDuplicateCase } from './run-duplicate-case.ts';
import { runDuplicates } from './run-duplicates.ts';

/** What `pnpm campaign duplicates` runs 10,000 of. */
describe('lost answers, through the whole way of an order', () => {
  it('default: no duplicate exposure, nothing unknown told as rejected, all found out', {
    timeout: 120_000,
  }, async () => {
    const runs = await runDuplicates({ seed: 'sample', runs: 40 });
    expect(runs.flatMap(({ seed, cell, violations }) => violations.map((why) => `${seed} ${cell}: ${why}`))).toEqual(
      [],
    );
    // The sample has something in it: faults struck, outcomes were unknown and blocked new risk, processes ended.
    expect(new Set(runs.map(({ verb }) => verb)).size).toBe(10);
    expect(new Set(runs.map(({ fault }) => fault)).size).toBe(8);
    expect(runs.filter(({ struck }) => struck.length > 0).length).toBeGreaterThan(35);
    expect(runs.flatMap(({ resolutions }) => resolutions).length).toBeGreaterThan(20);
    expect(runs.reduce((sum, { blocked }) => sum + blocked, 0)).toBeGreaterThan(20);
    expect(runs.reduce((sum, { restarts }) => sum + restarts, 0)).toBeGreaterThan(5);
  });

  it('behavior: a seed repeats to the byte', { timeout: 60_000 }, async () => {
    for (const index of [1, 4, 13]) {
      const first = await runDuplicateCase(duplicateCase('repeat', index));
      const second = await runDuplicateCase(duplicateCase('repeat', index));
      expect(second.digest).toBe(first.digest);
    }
  });

  it('behavior: over loopback sockets on real time, too', { timeout: 60_000 }, async () => {
    // An amendment and a cancellation whose answers are lost: what needs no authorisation to run out.
    for (const index of [5, 8])
      expect((await runDuplicateCase(duplicateCase('sample', index), 'real')).violations).toEqual([]);
  });

  it.each(['random-ids', 'unknown-is-rejected'] as const)(
    'error: with %s the checker finds what went wrong',
    { timeout: 60_000 },
    async (sabotage) => {
      const runs = await runDuplicates({ seed: 'sample', runs: 12, sabotage });
      const found = runs.flatMap(({ violations }) => violations).join('\n');
      expect(found).toMatch(/live orders at once|filled \d+ of|may fill/);
      if (sabotage === 'unknown-is-rejected') expect(found).toMatch(/told as order.invalid, but the exchange took it/);
    },
  );
});
