import { describe, expect, it } from 'vitest';
import { runBudgetOrders } from '../testing/budget-orders.ts';
import { testStores } from '../testing/test-stores.ts';

describe('1,000 orders at once on one budget', () => {
  it.each(['user', 'operator'] as const)(
    'default: what is reserved is within the cap of the %s, and near it',
    async (kind) => {
      const { approved, reserved, cap, over } = await runBudgetOrders({ kind, orders: 1_000 });
      expect(over).toBe(false);
      expect(approved).toBeGreaterThan(20);
      expect(Number(reserved)).toBeGreaterThan(Number(cap) * 0.98);
    },
  );

  describe.each(testStores)('by three gates on one store: $title', ({ available, make }) => {
    it.runIf(available)(
      'behavior: none is reserved beyond the cap',
      async () => {
        const { store, drop } = await make();
        try {
          const { approved, over } = await runBudgetOrders({ kind: 'user', orders: 120, desks: 3, store });
          expect([over, approved > 0]).toEqual([false, true]);
        } finally {
          await drop();
        }
      },
      60_000,
    );
  });
});
