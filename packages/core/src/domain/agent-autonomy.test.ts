import { describe, expect, it } from 'vitest';
import { autonomyOf } from './agent-autonomy.ts';
import type { Autonomy } from './user.ts';

const levels: readonly Autonomy[] = ['monitor', 'suggest', 'auto-bounded', 'full-auto'];

describe('autonomyOf', () => {
  it("default: the user's own level where nothing is set for the agent", () => {
    expect(levels.map((autonomy) => autonomyOf({ autonomy }, 'riven'))).toEqual(levels);
    expect(autonomyOf({ autonomy: 'full-auto', agentAutonomy: { orchestrator: 'monitor' } }, 'riven')).toBe(
      'full-auto',
    );
  });

  it('behavior: the stricter of the two, whichever it is', () => {
    for (const [own, autonomy] of levels.entries())
      for (const [set, riven] of levels.entries())
        expect(autonomyOf({ autonomy, agentAutonomy: { riven } }, 'riven')).toBe(levels[Math.min(own, set)]);
  });

  it('behavior: names that every object has are no settings', () => {
    expect(autonomyOf({ autonomy: 'suggest', agentAutonomy: {} }, 'constructor')).toBe('suggest');
  });
});
