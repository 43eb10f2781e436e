import { describe, expect, it } from 'vitest';
import { simulateDesk } from './simulate-desk.ts';

describe('simulateDesk', () => {
  it('behavior: a seed replays exactly, also through faults and the end of processes', async () => {
    const digests = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      // The last with agents, War Room and Riven as well.
      const options = { faultyMs: 60_000, agents: seed === 20 };
      const first = await simulateDesk(seed, options);
      expect(await simulateDesk(seed, options)).toEqual(first);
      digests.add(first.digest);
    }
    expect(digests.size).toBe(20);
  }, 300_000);
});
