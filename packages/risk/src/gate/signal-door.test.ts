import { type RiskDecision, type Signal, StoreError, toPrice, toRate, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import { FakeDesk, orderId, recommendationFor } from '../testing/fake-desk.ts';
import { anAccount, anIntent, fresh } from '../testing/fixtures.ts';
import { testStores } from '../testing/test-stores.ts';

const signalOf = (decision: RiskDecision | undefined): Signal => {
  if (decision?.outcome !== 'signal') throw new Error(JSON.stringify(decision?.rejection));
  return decision.signal;
};

/** Ada, a beginner with 10,000: 0.025 BTC at 60,000, stop 59,400, 3×, margin 500. */
const signalled = async (store = new MemoryRiskStateStore(), user: Parameters<FakeDesk['add']>[0] = {}) => {
  const desk = new FakeDesk(['BTC', 'ETH']);
  desk.add(user);
  const brix = desk.brix({ store });
  const signal = signalOf((await brix.filter(recommendationFor('BTC')))[0]);
  const pending = async () => (await store.load(['ada']))[0]?.pending[0];
  const revise = (changes: Partial<Signal>) => brix.revise({ ...signal, ...changes });
  const code = async (changes: Partial<Signal>) => {
    const revision = await revise(changes);
    return revision.outcome === 'rejected' ? revision.rejection.code : revision.outcome;
  };
  const leg = (changes: Parameters<typeof anIntent>[0]) =>
    anIntent({
      signalId: signal.id,
      price: signal.entry,
      stopLoss: signal.stopLoss,
      leverage: signal.leverage,
      ...changes,
    });
  return { desk, brix, signal, pending, revise, code, leg };
};

describe('Brix.revise', () => {
  it('default: what the change needs is held back in place of what was held', async () => {
    const { brix, leg, pending, revise, signal } = await signalled();
    expect(signal).toMatchObject({ size: '0.025', initialMargin: '500', notional: '1500' });
    const revision = await revise({ size: toSize('0.01'), stopLoss: toPrice(59_700) });
    // Loss 0.01 · 300 and fees 0.0005 · 0.01 · (60,000 + 59,700).
    const money = { initialMargin: '200', notional: '600', riskAtStop: '3.5985' };
    expect(revision).toMatchObject({ outcome: 'revised', signal: { id: signal.id, size: '0.01', ...money } });
    expect(await pending()).toMatchObject({
      size: '0.01',
      remaining: '0.01',
      stopLoss: '59700',
      reservation: { id: signal.reservationId, signalId: signal.id, ...money, fees: '0.5985' },
    });
    const tooMuch = await brix.authorize(leg({ clientOrderId: orderId(1), size: '0.02', stopLoss: '59700' }));
    expect(tooMuch).toMatchObject({ outcome: 'rejected', rejection: { code: 'order-size.limit', limit: '0.01' } });
    const exactly = await brix.authorize(leg({ clientOrderId: orderId(2), size: '0.01', stopLoss: '59700' }));
    expect(exactly.outcome).toBe('approved');
  });

  it('behavior: asked again it changes nothing, though the market has gone', async () => {
    const { desk, pending, revise } = await signalled();
    const first = await revise({ size: toSize('0.02') });
    const kept = await pending();
    desk.prices.clear();
    const again = await revise({ size: toSize('0.02') });
    expect([first, again].map(({ outcome }) => outcome)).toEqual(['revised', 'revised']);
    expect('signal' in again && again.signal).toEqual('signal' in first && first.signal);
    expect(await pending()).toEqual(kept);
  });

  it.each([
    ['more than a position may be', { size: toSize('0.026') }, 'position-margin.limit'],
    ['a stop that risks more than one trade may', { stopLoss: toPrice(57_000) }, 'portfolio-risk.limit'],
    ['a stop on the wrong side', { stopLoss: toPrice(60_001) }, 'stop.wrong-side'],
    ['a stop beyond liquidation', { stopLoss: toPrice(30_000), size: toSize('0.001') }, 'stop.beyond-liquidation'],
    ['an entry far from the market', { entry: toPrice(50_000), stopLoss: toPrice(49_000) }, 'price.collar'],
    ['a size that is no lot', { size: toSize('0.0200001') }, 'size.invalid'],
    ['an absurd size', { size: toSize('9'.repeat(30)) }, 'order.invalid'],
    ['another direction', { direction: 'short', stopLoss: toPrice(61_000) }, 'order.invalid'],
    ['another leverage', { leverage: 2 }, 'order.invalid'],
    ['another user', { userId: 'bob' }, 'recommendation.expired'],
    ['a signal that holds nothing back', { id: 'signal:other' }, 'recommendation.expired'],
  ] as const)('error: %s leaves what was held', async (_, changes, wanted) => {
    const { code, desk, pending } = await signalled();
    desk.add({ id: 'bob' });
    const before = await pending();
    expect(await code(changes)).toBe(wanted);
    expect(await pending()).toEqual(before);
  });

  it('behavior: a change that needs no more stands though the account has shrunk; one that needs more does not', async () => {
    const { code, desk } = await signalled();
    desk.accounts.set('ada', fresh(anAccount(9_000)));
    expect(await code({ stopLoss: toPrice(59_401) })).toBe('revised');
    expect(await code({ stopLoss: toPrice(59_300) })).toBe('position-margin.limit');
  });

  it('behavior: once a leg is out, it is too late; so it is when the signal is over, and while trading is halted', async () => {
    const out = await signalled();
    await out.brix.authorize(out.leg({ clientOrderId: orderId(1), size: '0.01' }));
    expect(await out.code({ size: toSize('0.02') })).toBe('approval.spent');
    const late = await signalled();
    await late.desk.clock.advanceTo(late.signal.expiresAtMs);
    expect(await late.code({ size: toSize('0.02') })).toBe('recommendation.expired');
    const halted = await signalled();
    await halted.desk.tradingSwitch.set('operator', 'halted');
    expect(await halted.code({ size: toSize('0.02') })).toBe('trading.halted');
  });

  it("behavior: what another plan holds back counts, the signal's own does not", async () => {
    const { brix, code } = await signalled(undefined, { limits: { maxTotalMargin: toRate('0.07') } });
    expect(await code({ stopLoss: toPrice(59_399) })).toBe('revised');
    expect(await code({ size: toSize('0.01') })).toBe('revised');
    expect(signalOf((await brix.filter(recommendationFor('ETH')))[0]).initialMargin).toBe('500');
    expect(await code({ size: toSize('0.011') })).toBe('total-margin.limit');
    expect(await code({ size: toSize('0.009') })).toBe('revised');
  });

  it('error: a store that is down is said, not taken for a refusal', async () => {
    const store = new MemoryRiskStateStore();
    const { revise } = await signalled(store);
    store.commit = async () => {
      throw new StoreError('store.down', 'The database is down.', { retryable: true });
    };
    await expect(revise({ size: toSize('0.02') })).rejects.toMatchObject({ code: 'store.down' });
  });
});

for (const { title, available, make } of testStores) {
  describe.skipIf(!available)(`a revised signal on ${title}`, () => {
    it('default: is read back as it was kept', async () => {
      const opened = await make();
      try {
        const desk = new FakeDesk();
        desk.add();
        const brix = desk.brix({ store: opened.store });
        await opened.store.open();
        const signal = signalOf((await brix.filter(recommendationFor('BTC')))[0]);
        await brix.revise({ ...signal, size: toSize('0.01') });
        const [state] = await opened.store.load(['ada']);
        expect(state?.pending).toMatchObject([{ size: '0.01', entry: '60000', reservation: { initialMargin: '200' } }]);
      } finally {
        await opened.drop();
      }
    });
  });
}
