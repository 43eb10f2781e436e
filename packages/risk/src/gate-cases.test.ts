import { describe, expect, it } from 'vitest';
import { runGateCases } from './testing/gate-cases.ts';

// A fixed sample; the million runs under campaigns/gate.campaign.ts.
describe('door 2 against the oracle', () => {
  it('default: nothing above a limit passes, and no tighter limit lets pass what was refused', () => {
    const counts = runGateCases({ seed: 'sample', cases: 10_000 });
    expect(counts).toMatchObject({ above: {}, loosened: {}, unsaid: 0, examples: [] });
    expect(counts.approved).toBeGreaterThan(300);
    expect(Object.keys(counts.refused).length).toBeGreaterThan(25);
  }, 60_000);

  it.each([
    ['exposure', 'total margin'],
    ['loss-limits', 'drawdown'],
    ['liquidation', 'leverage'],
    ['price-collar', 'collar'],
    ['order-size', 'order size'],
    ['venue-rules', 'tick'],
    ['trading-state', 'state'],
    ['message-throttle', 'throttle'],
    ['stop', 'stop side'],
    ['permission', 'spoiled'],
  ])(
    'behavior: the oracle notices when %s is switched off',
    (without, fault) => {
      const { above } = runGateCases({ seed: 'control', cases: 6_000, without, until: fault });
      expect(Object.keys(above), JSON.stringify(above)).toContain(fault);
    },
    60_000,
  );
});
