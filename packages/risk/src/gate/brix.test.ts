import {
  type ApprovedOrder,
  Decimal,
  type OrderDecision,
  type RiskDecision,
  StoreError,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import type { RiskStateStore } from '../state/risk-state-store.ts';
import { FakeDesk, orderId, orderNumber, recommendationFor } from '../testing/fake-desk.ts';
import { anAccount, anIntent, aPosition, fresh, noonMs } from '../testing/fixtures.ts';
import { testStores } from '../testing/test-stores.ts';
import type { BrixOptions } from './brix-options.ts';

const signalOf = (decision: RiskDecision | undefined) => {
  if (decision?.outcome !== 'signal') throw new Error(JSON.stringify(decision?.rejection));
  return decision.signal;
};
const codeOf = (decision: OrderDecision) => (decision.outcome === 'rejected' ? decision.rejection.code : 'approved');
const orderOf = (decision: OrderDecision): ApprovedOrder => {
  if (decision.outcome !== 'approved') throw new Error(JSON.stringify(decision.rejection));
  return decision.order;
};
const pendingMargin = async (store: RiskStateStore, ...userIds: string[]) =>
  (await store.load(userIds))
    .flatMap(({ pending }) => pending)
    .reduce((total, { reservation }) => total.plus(reservation.initialMargin), new Decimal(0));

/** A store on which nothing works. */
const brokenStore = (): RiskStateStore => {
  const fail = async (): Promise<never> => {
    throw new StoreError('store.down', 'The database is down.');
  };
  return { open: fail, load: fail, ownerOf: fail, decisions: fail, commit: fail, prune: fail };
};

describe('Brix.filter', () => {
  it('default: one decision for every active user, in their order, reservations kept', async () => {
    const desk = new FakeDesk();
    desk.add({ id: 'ada' });
    desk.add({ id: 'bob', active: false });
    desk.add({ id: 'cleo', tier: 'intermediate' });
    desk.add({ id: 'dan' }, 0);
    const store = new MemoryRiskStateStore();
    const decisions = await desk.brix({ store }).filter(recommendationFor('BTC'));
    expect(decisions.map(({ userId, outcome }) => `${userId} ${outcome}`)).toEqual([
      'ada signal',
      'cleo signal',
      'dan rejected',
    ]);
    expect(signalOf(decisions[0])).toMatchObject({ size: '0.025', initialMargin: '500' });
    expect((await pendingMargin(store, 'ada')).toFixed()).toBe('500');
  });

  it('behavior: asked again it gives the same decisions, whatever changed meanwhile', async () => {
    const desk = new FakeDesk();
    desk.add();
    const store = new MemoryRiskStateStore();
    const first = await desk.brix({ store }).filter(recommendationFor('BTC'));
    await desk.clock.advanceBy(3_600_000);
    desk.accounts.set('ada', fresh(anAccount(1)));
    expect(await desk.brix({ store }).filter(recommendationFor('BTC'))).toEqual(first);
    expect((await store.load(['ada']))[0]?.version).toBe(1);
  });

  it('behavior: of several venues the best ranked that can take it is chosen, and the reasons are on record', async () => {
    const desk = new FakeDesk();
    desk.add({ venues: ['first', 'second', 'third'] });
    const ill = new Set<string>();
    const venues: BrixOptions['venues'] = (name) => ({
      name,
      capabilities: { kind: 'paper', marginModes: ['isolated'] },
      instruments: () => desk.instruments,
      unhealthy: () => (ill.has(name) ? 'down' : undefined),
    });
    const rankVenues: BrixOptions['rankVenues'] = () => [
      { venue: 'third', reason: 'chosen: the best all-in price' },
      { venue: 'first', reason: 'dearer all in' },
      { venue: "not the user's", reason: 'cheap' },
    ];
    const route = async (options: Partial<BrixOptions>) => {
      const [decision] = await desk.brix({ venues, ...options }).filter(recommendationFor('BTC'));
      return {
        venue: signalOf(decision).venue,
        before: decision?.steps.find(({ step }) => step === 'venue-routing')?.before,
      };
    };
    expect((await route({})).venue).toBe('first');
    expect(await route({ rankVenues })).toEqual({
      venue: 'third',
      before: {
        venues: ['third', 'first', 'second'],
        market: 'BTC-PERP',
        reasons: { third: 'chosen: the best all-in price', first: 'dearer all in' },
      },
    });
    ill.add('third');
    expect((await route({ rankVenues })).venue).toBe('first');
  });

  it('behavior: what is pending leaves room for the next, until it is released or over', async () => {
    const desk = new FakeDesk(['BTC', 'ETH', 'SOL', 'XRP', 'BNB', 'TON']);
    desk.add({ limits: { maxOpenPositions: 20 } });
    const brix = desk.brix();
    const next = async (base: string) => (await brix.filter(recommendationFor(base)))[0];
    // 2,000 of margin in all, 500 each.
    const signals = [await next('BTC'), await next('ETH'), await next('SOL'), await next('XRP')].map(signalOf);
    expect(await next('BNB')).toMatchObject({ outcome: 'rejected', rejection: { code: 'total-margin.limit' } });
    await brix.release(signals[0]?.id ?? '', { remaining: toUsd(200) });
    await brix.release(signals[0]?.id ?? '', { remaining: toUsd(200) });
    expect(signalOf(await next('TON'))).toMatchObject({ initialMargin: '300' });
    await brix.release('signal:nobody');
    await desk.clock.advanceBy(900_000);
    expect((await brix.filter(recommendationFor('BNB', 2, { expiresAtMs: noonMs + 2_000_000 })))[0]).toMatchObject({
      outcome: 'signal',
      signal: { initialMargin: '500' },
    });
  });

  it('behavior: 1,000 recommendations at once on one budget reserve no more than there is', async () => {
    const markets = Array.from({ length: 1000 }, (_, index) => `M${index}`);
    const desk = new FakeDesk(markets);
    desk.add({ limits: { maxOpenPositions: 1000 } }, 10_000.07);
    const store = new MemoryRiskStateStore();
    const brix = desk.brix({ store });
    await Promise.all(markets.map((base) => brix.filter(recommendationFor(base))));
    const reserved = await pendingMargin(store, 'ada');
    expect(reserved.lessThanOrEqualTo('2000.014')).toBe(true);
    expect(reserved.greaterThan(1999)).toBe(true);
  });

  it("behavior: the operator's cap holds over 1,000 users", async () => {
    const desk = new FakeDesk();
    for (let n = 0; n < 1000; n += 1) desk.add({ id: `u${n}` });
    const store = new MemoryRiskStateStore();
    const decisions = await desk
      .brix({ store, operator: { maxNotional: toUsd(99_000) } })
      .filter(recommendationFor('BTC'));
    const total = decisions.reduce(
      (sum, decision) => (decision.outcome === 'signal' ? sum.plus(decision.signal.notional) : sum),
      new Decimal(0),
    );
    expect(total.toFixed()).toBe('99000');
    expect(decisions.at(-1)).toMatchObject({ outcome: 'rejected', rejection: { code: 'operator.limit' } });
  });

  it('error: unusable limits refuse one user, a broken store is an error, a halt refuses all', async () => {
    const desk = new FakeDesk();
    desk.add({ id: 'ada', limits: { maxLeverage: Number.NaN } });
    desk.add({ id: 'bob' });
    expect(
      (await desk.brix().filter(recommendationFor('BTC'))).map((decision) =>
        decision.outcome === 'signal' ? 'signal' : decision.rejection.code,
      ),
    ).toEqual(['limits.invalid', 'signal']);
    await expect(desk.brix({ store: brokenStore() }).filter(recommendationFor('BTC'))).rejects.toMatchObject({
      code: 'store.down',
    });
    await desk.tradingSwitch.set('market:BTC-PERP', 'halted');
    const halted = await desk.brix().filter(recommendationFor('BTC'));
    expect(halted.map((decision) => decision.outcome === 'rejected' && decision.rejection.code)).toEqual([
      'limits.invalid',
      'trading.halted',
    ]);
  });
});

describe('Brix.authorize', () => {
  const legOf = (signal: ReturnType<typeof signalOf>, n: number, size = signal.size as string) =>
    anIntent({
      clientOrderId: orderId(n),
      origin: 'agent',
      size,
      price: signal.entry,
      stopLoss: signal.stopLoss,
      signalId: signal.id,
      tradeId: 'trade:1',
    });

  it('default: the legs of a signal are minted, no more than its size', async () => {
    const desk = new FakeDesk();
    desk.add();
    const brix = desk.brix();
    const signal = signalOf((await brix.filter(recommendationFor('BTC')))[0]);
    const leg = orderOf(await brix.authorize(legOf(signal, 1, '0.01')));
    expect(desk.authority.verifier().spend(leg, 'ada')).toMatchObject({ ok: true, intent: { size: '0.01' } });
    // Asked for again it is the same leg.
    expect(codeOf(await brix.authorize(legOf(signal, 1, '0.01')))).toBe('approved');
    expect(codeOf(await brix.authorize(legOf(signal, 2, '0.01501')))).toBe('order-size.limit');
    expect(codeOf(await brix.authorize(legOf(signal, 2, '0.015')))).toBe('approved');
    // The first expired unsent: its size may be asked for again.
    await desk.clock.advanceBy(10_001);
    expect(codeOf(await brix.authorize(legOf(signal, 3, '0.025')))).toBe('approved');
    await brix.release(signal.id);
    expect(codeOf(await brix.authorize(legOf(signal, 4, '0.024')))).toBe('recommendation.expired');
  });

  it('error: what was altered, copied, used twice, has expired or is for another user is refused by the verifier', async () => {
    const desk = new FakeDesk();
    desk.add();
    const brix = desk.brix({ orderLimits: { entryMessages: 100 } });
    const verifier = desk.authority.verifier();
    const spend = (order: ApprovedOrder, userId = 'ada') => {
      const outcome = verifier.spend(order, userId);
      return outcome.ok ? 'passed' : outcome.rejection.code;
    };
    const approve = async (n: number) => orderOf(await brix.authorize(orderNumber(n, { size: '0.001' })));
    const order = await approve(1);
    expect(spend({ ...order, intent: { ...order.intent, size: toSize('0.002') } })).toBe('approval.altered');
    expect(spend(order, 'eve')).toBe('approval.wrong-user');
    expect(spend(order)).toBe('passed');
    expect(spend(order)).toBe('approval.spent');
    expect(spend({ ...order })).toBe('approval.spent');
    const late = await approve(2);
    await desk.clock.advanceBy(10_000);
    expect(spend(late)).toBe('approval.expired');
  });

  it('behavior: the caller can not change what was judged', async () => {
    const desk = new FakeDesk();
    desk.add();
    const intent = { ...orderNumber(1, { size: '0.001' }) };
    const decision = desk.brix().authorize(intent);
    intent.size = toSize(5);
    expect(orderOf(await decision).intent.size).toBe('0.001');
  });

  describe.each(testStores)('one budget: $title', ({ available, make }) => {
    it.runIf(available)('behavior: 1,000 orders at once reserve no more than there is', async () => {
      const desk = new FakeDesk();
      desk.add({ limits: { maxOpenPositions: 1000 }, pyramiding: true }, 10_000.07);
      const { store, drop } = await make();
      await store.open();
      const brix = desk.brix({ store, orderLimits: { entryMessages: 10_000, orderReservationMs: 3_600_000 } });
      const decisions = await Promise.all(
        Array.from({ length: 1000 }, (_, n) => brix.authorize(orderNumber(n, { size: '0.00123' }))),
      );
      const reserved = await pendingMargin(store, 'ada');
      // 5 % of equity for one instrument; each order takes 24.6 and more.
      expect(reserved.lessThanOrEqualTo('500.0035')).toBe(true);
      expect(decisions.filter(({ outcome }) => outcome === 'approved')).toHaveLength(20);
      expect(new Set(decisions.map(codeOf))).toEqual(new Set(['approved', 'position-margin.limit']));
      await drop();
    });

    it.runIf(available)('behavior: several Brix on one store share it', async () => {
      const desk = new FakeDesk(Array.from({ length: 40 }, (_, n) => `M${n}`));
      desk.add({ limits: { maxOpenPositions: 1000 } });
      const { store, drop } = await make();
      await store.open();
      const gates = Array.from({ length: 4 }, () => desk.brix({ store, operator: { maxNotional: toUsd(1_000_000) } }));
      const decisions = (
        await Promise.all(desk.instruments.map(({ base }, n) => gates[n % 4]?.filter(recommendationFor(base))))
      ).flat();
      const codes = decisions.map((decision) =>
        decision?.outcome === 'rejected' ? decision.rejection.code : 'signal',
      );
      expect(codes.filter((code) => code === 'signal')).toHaveLength(4);
      expect(codes.filter((code) => !['signal', 'total-margin.limit', 'risk-version.conflict'].includes(code))).toEqual(
        [],
      );
      expect((await pendingMargin(store, 'ada')).toFixed()).toBe('2000');
      await drop();
    });

    it.runIf(available)('behavior: orders of several Brix share it too', async () => {
      const desk = new FakeDesk();
      desk.add({ pyramiding: true });
      const { store, drop } = await make();
      await store.open();
      const gates = Array.from({ length: 4 }, () => desk.brix({ store }));
      const decisions = await Promise.all(
        Array.from({ length: 40 }, (_, n) => gates[n % 4]?.authorize(orderNumber(n, { size: '0.005' }))),
      );
      // Each takes 100 and more of the 500 that one instrument may have.
      expect((await pendingMargin(store, 'ada')).lessThanOrEqualTo(500)).toBe(true);
      expect(decisions.filter((decision) => decision?.outcome === 'approved')).toHaveLength(4);
      await drop();
    });
  });

  it('behavior: exits need no store, no directory, no prices and no audit log; entries are refused without', async () => {
    const desk = new FakeDesk();
    desk.add();
    desk.directoryDown = true;
    desk.prices.clear();
    await desk.tradingSwitch.set('operator', 'halted');
    desk.positions.set('ada', [aPosition({ instrumentId: 'BTC-PERP@hyperliquid', size: toSize('0.02') })]);
    const auditLog = {
      append: async () => {
        throw new StoreError('audit.down', 'No disk.');
      },
      writable: () => false,
    };
    const brix = desk.brix({ store: brokenStore(), auditLog });
    const exit = anIntent({
      side: 'sell',
      type: 'market',
      price: undefined,
      stopLoss: undefined,
      reduceOnly: true,
      purpose: 'exit',
      origin: 'kill-switch',
    });
    const order = orderOf(await brix.authorize(exit));
    expect(desk.authority.verifier().spend(order, 'ada').ok).toBe(true);
    expect(codeOf(await brix.authorize({ ...exit, size: toSize('0.021') }))).toBe('reduce-only.violated');
    expect(await brix.authorize(orderNumber(1))).toMatchObject({
      rejection: { code: 'risk-state.unavailable', limit: 'available' },
    });
  });

  it('behavior: an entry that can not be written to the audit log is refused', async () => {
    const desk = new FakeDesk();
    desk.add();
    const auditLog = {
      append: async () => {
        throw new StoreError('audit.down', 'No disk.');
      },
      writable: () => true,
    };
    expect(await desk.brix({ auditLog }).authorize(orderNumber(1))).toMatchObject({
      rejection: { code: 'audit.unavailable', actual: 'audit.down' },
    });
  });

  it('behavior: an order that rests is counted as that, one that is gone frees its margin after its time', async () => {
    const desk = new FakeDesk();
    desk.add({ pyramiding: true });
    const brix = desk.brix();
    const first = orderNumber(1, { size: '0.02' });
    expect(codeOf(await brix.authorize(first))).toBe('approved');
    desk.openOrders.set('ada', [
      { ...first, status: 'open', filledSize: toSize(0), createdAtMs: noonMs, updatedAtMs: noonMs },
    ]);
    expect(codeOf(await brix.authorize(orderNumber(2, { size: '0.01' })))).toBe('position-margin.limit');
    expect(codeOf(await brix.authorize(orderNumber(3, { size: '0.0049' })))).toBe('approved');
    desk.openOrders.delete('ada');
    await desk.clock.advanceBy(30_000);
    expect(codeOf(await brix.authorize(orderNumber(4, { size: '0.024' })))).toBe('approved');
  });

  it('behavior: the entry too many stops automated entries in its market until a human re-arms them', async () => {
    const desk = new FakeDesk();
    desk.add({ pyramiding: true });
    const asked: unknown[] = [];
    const brix = desk.brix({
      orderLimits: { entriesPerHour: 2 },
      reauthenticate: (request) => asked.push(request) > 0 && request.token === 'yes',
    });
    const entry = async (n: number, origin: string) =>
      codeOf(await brix.authorize(orderNumber(n, { size: '0.001', origin, tradeId: `trade:${n}` })));
    expect([await entry(1, 'agent'), await entry(2, 'agent'), await entry(3, 'agent')]).toEqual([
      'approved',
      'approved',
      'entries.throttled',
    ]);
    await desk.clock.advanceBy(3_600_000);
    expect(await entry(4, 'agent')).toBe('entries.throttled');
    expect(await entry(5, 'manual')).toBe('approved');
    const request = { userId: 'ada', market: 'BTC-PERP', reason: 'Looked at it.' };
    await expect(brix.rearm(request)).rejects.toMatchObject({ code: 'reauthentication.required' });
    await brix.rearm({ ...request, token: 'yes' });
    expect(await entry(6, 'agent')).toBe('approved');
    expect(asked).toContainEqual({ scope: 'entries:ada:BTC-PERP', reason: 'Looked at it.', token: 'yes' });
  });

  it('error: equal content under another id, garbage, an unknown user', async () => {
    const desk = new FakeDesk();
    desk.add();
    const brix = desk.brix();
    expect(codeOf(await brix.authorize(orderNumber(1, { size: '0.001' })))).toBe('approved');
    expect(codeOf(await brix.authorize(orderNumber(1, { size: '0.001' })))).toBe('approved');
    expect(codeOf(await brix.authorize({ ...orderNumber(1, { size: '0.001' }), clientOrderId: orderId(9) }))).toBe(
      'order.duplicate',
    );
    expect(codeOf(await brix.authorize({ ...orderNumber(1), price: toPrice('-1') }))).toBe('price.invalid');
    expect(codeOf(await brix.authorize({} as never))).toBe('order.invalid');
    expect(codeOf(await brix.authorize(orderNumber(2, { userId: 'eve' })))).toBe('order.invalid');
  });
});

describe('Brix.checkLimits', () => {
  it('default: told once a level, again after it fell well below, the daily loss with the wish to be flattened', async () => {
    const desk = new FakeDesk();
    desk.add({ flattenOnDailyLoss: true });
    const brix = desk.brix();
    const look = async (equity: number) => {
      desk.accounts.set('ada', fresh(anAccount(equity, { deposits: toUsd(10_000) })));
      return (await brix.checkLimits()).map(
        ({ warning, flatten }) => `${warning.limit} ${warning.percent} ${warning.actual}${flatten ? ' flatten' : ''}`,
      );
    };
    expect(await look(10_000)).toEqual([]);
    expect(await look(9_501)).toEqual([]);
    expect(await look(9_500)).toEqual(['daily-loss 50 0.5']);
    expect(await look(9_490)).toEqual([]);
    expect(await look(9_050)).toEqual(['daily-loss 90 0.95']);
    expect(await look(9_250)).toEqual([]);
    expect(await look(9_300)).toEqual([]);
    expect(await look(9_100)).toEqual(['daily-loss 90 0.9']);
    expect(await look(9_150)).toEqual([]);
    expect(await look(9_090)).toEqual([]);
    expect(await look(8_999)).toEqual(['daily-loss 100 1.001 flatten']);
    await desk.clock.advanceBy(86_400_000);
    expect(await look(8_999)).toEqual([]);
  });
});
