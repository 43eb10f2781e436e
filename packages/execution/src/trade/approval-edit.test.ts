import { toPrice, toRate, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { approvalHash } from './approval-acts.ts';
import { type ApprovalEdit, approvalEditSchema, editedPlan } from './approval-edit.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';

const instrument = exampleInstrument();
const plan = { signal: exampleSignal(), guidance: exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]) };
const market = { type: 'market', fraction: toRate('0.5') } as const;
const edit = (change: ApprovalEdit, of: Parameters<typeof editedPlan>[0] = plan) => {
  const edited = editedPlan(of, change, instrument);
  if ('code' in edited) throw new Error(JSON.stringify(edited));
  return edited;
};
const short = {
  signal: exampleSignal({
    direction: 'short',
    stopLoss: toPrice(60_500),
    takeProfits: [{ price: toPrice(59_000), fraction: toRate(1) }],
  }),
  guidance: exampleGuidance([{ type: 'market', fraction: toRate(1) }]),
};

describe('editedPlan', () => {
  it('default: what is left out stays, and numbers are written as the desk writes them', () => {
    const edited = edit({ size: '0.0500' as never, stopLoss: toPrice(59_600) });
    expect(edited.guidance).toEqual(plan.guidance);
    expect(edited.signal).toEqual({ ...plan.signal, size: '0.05', stopLoss: '59600' });
  });

  it('behavior: the entry is the worst that the legs may pay', () => {
    expect(edit({ legs: [limitLeg(59_800, '0.4'), limitLeg(59_850, '0.6')] }).signal.entry).toBe('59850');
    expect(edit({ legs: [limitLeg(59_800, '0.5'), market] }).signal.entry).toBe('60000');
    expect(edit({ legs: [limitLeg(60_100, '1')] }, short).signal.entry).toBe('60100');
    expect(edit({ legs: [limitLeg(60_100, '0.5'), limitLeg(60_200, '0.5')] }, short).signal.entry).toBe('60100');
  });

  it('behavior: legs that are set end a chase, go on over time, and name their style', () => {
    const chase = { kind: 'chase', moves: 3, pauseMs: 500, maxDistance: toRate('0.001'), finish: 'take' } as const;
    const twap = { kind: 'twap', slices: 4, durationMs: 60_000 } as const;
    const legs = [limitLeg(59_800, '1')];
    const paced = (pacing: typeof chase | typeof twap) =>
      edit({ legs }, { ...plan, guidance: { ...plan.guidance, pacing } }).guidance;
    expect(paced(chase)).toMatchObject({ style: 'sniper', legs });
    expect(paced(chase).pacing).toBeUndefined();
    expect(paced(twap).pacing).toEqual(twap);
    expect(
      edit({ size: toSize('0.05') }, { ...plan, guidance: { ...plan.guidance, pacing: chase } }).guidance.pacing,
    ).toEqual(chase);
    expect(edit({ legs: [limitLeg(59_800, '0.5'), market] }).guidance.style).toBe('market');
    expect(edit({ legs: [limitLeg(59_800, '0.5'), limitLeg(59_700, '0.5')] }).guidance.style).toBe('ladder');
  });

  it.each<[string, ApprovalEdit, string]>([
    ['a size that is no lot', { size: toSize('0.0000001') }, 'size.invalid'],
    ['no size', { size: toSize(0) }, 'size.invalid'],
    ['less than no size', { size: '-0.1' as never }, 'size.invalid'],
    ['an absurd stop', { stopLoss: toPrice(`${'9'.repeat(29)}.5`) }, 'geometry.invalid'],
    ['a stop off the grid', { stopLoss: toPrice('59500.123') }, 'price.invalid'],
    ['a stop below nothing', { stopLoss: toPrice(-1) }, 'price.invalid'],
    ['a stop above a leg', { stopLoss: toPrice(59_950) }, 'geometry.invalid'],
    ['a stop at a leg', { stopLoss: toPrice(59_900) }, 'geometry.invalid'],
    ['a leg at the stop', { legs: [limitLeg(59_500, '1')] }, 'geometry.invalid'],
    ['a leg beyond a target', { legs: [limitLeg(60_750, '1')] }, 'geometry.invalid'],
    [
      'a target below the entry',
      { takeProfits: [{ price: toPrice(59_995), fraction: toRate(1) }] },
      'geometry.invalid',
    ],
    ['targets for a part', { takeProfits: [{ price: toPrice(61_000), fraction: toRate('0.9') }] }, 'geometry.invalid'],
    [
      'a target for less than nothing',
      {
        takeProfits: [
          { price: toPrice(61_000), fraction: toRate(2) },
          { price: toPrice(62_000), fraction: toRate(-1) },
        ],
      },
      'geometry.invalid',
    ],
    ['legs for more than all', { legs: [limitLeg(59_800, '0.6'), market] }, 'geometry.invalid'],
    ['a limit without a price', { legs: [{ type: 'limit', fraction: toRate(1) }] }, 'price.invalid'],
    ['a market leg with a price', { legs: [{ ...limitLeg(59_800, '1'), type: 'market' }] }, 'price.invalid'],
    ['a leg off the grid', { legs: [{ ...limitLeg(59_800, '1'), price: toPrice('59800.001') }] }, 'price.invalid'],
  ])('error: %s', (_, change, code) => {
    expect(editedPlan(plan, change, instrument)).toMatchObject({ code });
  });

  it('error: less than the least the venue takes, which itself is taken', () => {
    const least = { ...instrument, minSize: toSize('0.01') };
    expect(editedPlan(plan, { size: toSize('0.009') }, least)).toMatchObject({
      ...{ code: 'size.below-minimum', limit: '0.01', actual: '0.009' },
    });
    expect(editedPlan(plan, { size: toSize('0.01') }, least)).toMatchObject({ signal: { size: '0.01' } });
  });

  it('error: fractions are refused with their sum, which should be 1', () => {
    const part = { takeProfits: [{ price: toPrice(61_000), fraction: toRate('0.9') }] };
    expect(editedPlan(plan, part, instrument)).toMatchObject({ limit: '1', actual: '0.9' });
  });

  it('error: a short the other way round', () => {
    expect(editedPlan(short, { stopLoss: toPrice(60_000) }, instrument)).toMatchObject({ code: 'geometry.invalid' });
    expect(editedPlan(short, { stopLoss: toPrice(59_500) }, instrument)).toMatchObject({ code: 'geometry.invalid' });
    expect(edit({ stopLoss: toPrice(60_400) }, short).signal.stopLoss).toBe('60400');
  });
});

describe('approvalEditSchema', () => {
  it('default: one to four targets, one to three legs', () => {
    const counts = (key: 'takeProfits' | 'legs', part: object) =>
      [0, 1, 2, 3, 4, 5].filter((count) => approvalEditSchema.safeParse({ [key]: Array(count).fill(part) }).success);
    expect(counts('takeProfits', { price: '61000', fraction: '0.1' })).toEqual([1, 2, 3, 4]);
    expect(counts('legs', { type: 'limit', price: '59800', fraction: '0.1' })).toEqual([1, 2, 3]);
  });

  it('error: nothing, and what may not be edited', () => {
    expect(approvalEditSchema.safeParse({}).success).toBe(false);
    for (const key of ['leverage', 'direction', 'venue', 'userId', 'expiresAtMs'])
      expect(approvalEditSchema.safeParse({ size: '0.1', [key]: 1 }).success).toBe(false);
  });
});

describe('approvalHash', () => {
  it('default: all that acts changes it, what is only said does not', () => {
    const base = exampleGuidance([limitLeg(59_990, '1')]);
    const hash = (changes: Partial<typeof base>) => approvalHash(exampleSignal(), { ...base, ...changes });
    const acting = [
      hash({}),
      hash({ legs: [limitLeg(59_991, '1')] }),
      hash({ pacing: { kind: 'twap', slices: 2, durationMs: 60_000 } }),
      hash({ pacing: { kind: 'twap', slices: 3, durationMs: 60_000 } }),
      hash({ exits: { maxHoldMs: 60_000 } }),
      hash({ exits: { maxHoldMs: 60_001 } }),
      hash({ expiresAfterMs: 600_001 }),
      hash({ slippage: toRate('0.002') }),
      approvalHash(exampleSignal({ stopLoss: toPrice(59_501) }), base),
      approvalHash(exampleSignal({ leverage: 5 }), base),
    ];
    expect(new Set(acting).size).toBe(acting.length);
    expect(hash({ notes: ['Other.', 'words.', 'here.'], source: 'model', style: 'sniper' })).toBe(hash({}));
  });
});
