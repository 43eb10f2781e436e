import { toPrice, toRate, toSize } from '@perpdesk/core';
import { expect, it } from 'vitest';
import { protectiveOrders } from './protection-plan.ts';

const plan = {
  stopLoss: toPrice(95),
  takeProfits: [
    { price: toPrice(110), fraction: toRate('0.1') },
    { price: toPrice(120), fraction: toRate('0.9') },
  ],
  plannedSize: toSize(1),
};

it('default: every protective order, whole', () => {
  expect(protectiveOrders({ size: toSize(1) }, plan, { lotSize: toSize('0.01'), minSize: toSize('0.01') })).toEqual([
    { slot: 'stop', type: 'stop-market', purpose: 'stop-loss', triggerPrice: '95', size: '1' },
    { slot: 'target-0', type: 'take-profit-market', purpose: 'take-profit', triggerPrice: '110', size: '0.1' },
    { slot: 'target-1', type: 'take-profit-market', purpose: 'take-profit', triggerPrice: '120', size: '0.9' },
  ]);
});

it('behavior: a target below the venue’s minimum is left to the last', () => {
  const rules = { lotSize: toSize('0.01'), minSize: toSize('0.2') };
  expect(protectiveOrders({ size: toSize(1) }, plan, rules).map(({ size, slot }) => [slot, size])).toEqual([
    ...[
      ['stop', '1'],
      ['target-1', '1'],
    ],
  ]);
});
