import { type KeyLevel, type TradeDirection, toNumber } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrument } from '../war-room/scripted-panel.ts';
import { planLevels } from './plan-levels.ts';

const level = (kind: KeyLevel['kind'], price: number): KeyLevel => ({ kind, price, strength: 1 });

describe('planLevels', () => {
  it('default: ATR multiples where there is no structure', () => {
    expect(planLevels({ direction: 'short', price: 60_000, atr: 100, keyLevels: [], instrument })).toMatchObject({
      entry: '60000',
      stopLoss: '60200',
      takeProfits: [{ price: '59700' }, { price: '59400' }],
    });
  });

  it('default: structure within bounds is taken, a buffer beyond it', () => {
    const keyLevels = [
      level('support', 59_850),
      level('support', 59_990),
      level('resistance', 60_270),
      level('resistance', 60_460),
    ];
    // Stop 25 beyond 59,850: risk 175. 60,270 − 10 is 1.49 R, 60,460 − 10 is 2.57 R. 59,990 lies inside the noise.
    expect(planLevels({ direction: 'long', price: 60_000, atr: 100, keyLevels, instrument })).toMatchObject({
      stopLoss: '59825',
      takeProfits: [{ price: '60260' }, { price: '60450' }],
    });
  });

  it('error: no plan without a price or a range', () => {
    for (const atr of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(planLevels({ direction: 'long', price: 60_000, atr, keyLevels: [], instrument })).toBeUndefined();
    }
    expect(planLevels({ direction: 'long', price: 100, atr: 60, keyLevels: [], instrument })).toBeUndefined();
  });

  it('behavior: whatever the structure, the geometry holds and the stop stays within 1 to 4 ATR', () => {
    const levels = fc.array(
      fc.record({
        kind: fc.constantFrom('support', 'resistance'),
        price: fc.double({ min: 1, max: 200_000, noNaN: true }),
        strength: fc.constant(0.5),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom<TradeDirection>('long', 'short'),
        fc.double({ min: 1000, max: 100_000, noNaN: true }),
        fc.double({ min: 0.0005, max: 0.05, noNaN: true }),
        levels,
        (direction, price, share, keyLevels) => {
          const atr = price * share;
          const plan = planLevels({ direction, price, atr, keyLevels: keyLevels as KeyLevel[], instrument });
          if (plan === undefined) return;
          const sign = direction === 'long' ? 1 : -1;
          const risk = sign * (toNumber(plan.entry) - toNumber(plan.stopLoss));
          expect(risk).toBeGreaterThanOrEqual(Math.min(atr, atr - 1));
          expect(risk).toBeLessThanOrEqual(4 * atr + 1);
          for (const target of plan.takeProfits)
            expect(sign * (toNumber(target.price) - toNumber(plan.entry))).toBeGreaterThan(0);
        },
      ),
    );
  });
});
