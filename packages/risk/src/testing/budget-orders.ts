import { Decimal, toUsd } from '@perpdesk/core';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import type { RiskStateStore } from '../state/risk-state-store.ts';
import { FakeDesk, orderNumber } from './fake-desk.ts';

/** What orders asked for at once came to. */
export interface BudgetCounts {
  readonly approved: number;
  readonly reserved: string;
  readonly cap: string;
  /** True when what is reserved is above the cap, by however little. */
  readonly over: boolean;
}

/**
 * Asks for orders at once that share a budget: one user's margin, or the operator's notional over many users. `desks` gates work on
 * one store, as several processes do. Sizes and prices are odd on purpose, so that every decimal counts.
 */
export async function runBudgetOrders(options: {
  readonly kind: 'user' | 'operator';
  readonly orders: number;
  readonly desks?: number;
  readonly store?: RiskStateStore;
}): Promise<BudgetCounts> {
  const { kind, orders, desks = 1, store = new MemoryRiskStateStore() } = options;
  const desk = new FakeDesk();
  const users = kind === 'user' ? 1 : orders;
  const limits = { maxPositionMargin: '0.9', maxTotalMargin: '0.9', maxPortfolioRisk: '0.9' } as const;
  for (let n = 0; n < users; n += 1)
    desk.add(
      { id: `user-${n}`, limits: { ...limits } as never, pyramiding: true },
      kind === 'user' ? 1_000.07 : 100_000,
    );
  const cap = kind === 'user' ? new Decimal('1000.07').times('0.9') : new Decimal('23456.7891');
  const gates = Array.from({ length: desks }, () =>
    desk.brix({
      store,
      orderLimits: { entryMessages: 1_000_000 },
      ...(kind === 'user' ? {} : { operator: { maxNotional: toUsd(cap) } }),
    }),
  );
  await store.open();
  const decisions = await Promise.all(
    Array.from({ length: orders }, (_, n) =>
      gates[n % desks]?.authorize(
        orderNumber(n, {
          userId: `user-${n % users}`,
          size: new Decimal(17 + (n % 83)).dividedBy(100_000).toFixed(),
          price: new Decimal(600_000 + (n % 1_000)).dividedBy(10).toFixed(),
        }),
      ),
    ),
  );
  const states = await store.load(desk.users.map(({ id }) => id));
  const held = states.flatMap(({ pending }) => pending.map(({ reservation }) => reservation));
  const reserved = held.reduce(
    (total, { initialMargin, notional }) => total.plus(kind === 'user' ? initialMargin : notional),
    new Decimal(0),
  );
  return {
    approved: decisions.filter((decision) => decision?.outcome === 'approved').length,
    reserved: reserved.toFixed(),
    cap: cap.toFixed(),
    over: reserved.greaterThan(cap),
  };
}
