import { type ProposedAction, toPrice, toRate, toSize } from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleInstrument, exampleTicker } from '../http/testing/example-data.ts';
import { btc, type QuietDesk, quietDesk, rearmToken } from '../testing/quiet-desk.ts';
import { timelyActions } from './desk-actions.ts';

let desk: QuietDesk;
beforeEach(async () => {
  desk = await quietDesk();
});
afterEach(() => desk.stop());

const buy = {
  kind: 'place-order',
  instrumentId: btc,
  side: 'buy',
  type: 'market',
  size: toSize('0.01'),
  stopLoss: toPrice('59000'),
  takeProfits: [{ price: toPrice('62000'), fraction: toRate('1') }],
} satisfies ProposedAction;
const bid = { ...buy, type: 'limit', price: toPrice('59800') } satisfies ProposedAction;
const close = (fraction: string): ProposedAction => ({
  ...{ kind: 'close-position', venue: 'paper', instrumentId: btc },
  fraction: toRate(fraction),
});
const act = async (action: ProposedAction, part: Parameters<QuietDesk['approved']>[1] = {}, mayBegin = true) => {
  const outcome = await desk.actions.carryOut(desk.approved(action, part), { mayBegin });
  await desk.clock.idle();
  return outcome;
};

describe('an order of a chat', () => {
  it('default: goes through Brix, is filled once however often it is asked for, and is protected as approved', async () => {
    const first = await act(buy);
    expect(first).toEqual({ outcome: 'done', detail: expect.stringMatching(/^Filled: 0\.01 at 60\d\d\d/) });
    expect(await act(buy)).toEqual(first);
    expect(await act(buy, {}, false)).toEqual(first);
    expect(desk.positions()).toMatchObject([{ direction: 'long', size: '0.01', leverage: 1, marginMode: 'isolated' }]);
    expect(desk.resting()).toEqual(['stop-loss 0.01 @ 59000', 'take-profit 0.01 @ 62000']);
    const decided = await desk.eventBus.read({ types: ['order.submitted'] });
    expect(decided.filter(({ event }) => (event.payload as { purpose: string }).purpose === 'entry')).toMatchObject([
      { event: { payload: { origin: 'chat', tradeId: 'chat:prop_one' } } },
    ]);
  });

  it('behavior: a limit rests, is added to at the leverage that is held, and is cancelled once', async () => {
    expect(await act(bid)).toEqual({ outcome: 'done', detail: 'The venue has taken the order.' });
    expect(desk.resting()).toEqual(['entry 0.01 @ 59800']);
    const cancel: ProposedAction = { kind: 'cancel-order', clientOrderId: deriveClientOrderId('prop_one', 'entry') };
    const cancelled = { outcome: 'done', detail: 'The order is cancelled.' };
    expect(await act(cancel, { id: 'prop_two' })).toEqual(cancelled);
    expect(desk.resting()).toEqual([]);
    expect(await act(cancel, { id: 'prop_two' })).toEqual(cancelled);
    // Asked after again, the order is not sent anew.
    expect(await act(bid)).toMatchObject({ outcome: 'refused', code: 'order.unfilled' });
    expect(desk.resting()).toEqual([]);
  });

  it('behavior: leverage that was said is what is sent; more than Brix allows, or another than is held, is refused', async () => {
    expect(await act({ ...buy, leverage: 50 })).toMatchObject({ outcome: 'refused' });
    expect(await desk.guardRows()).toEqual([]);
    expect(await act({ ...bid, leverage: 2 }, { id: 'prop_two' })).toMatchObject({ outcome: 'done' });
    const other = await act({ ...buy, leverage: 3 }, { id: 'prop_three' });
    expect(other).toMatchObject({ outcome: 'refused', code: 'leverage.held', message: expect.stringContaining('2x') });
    expect(await act(buy, { id: 'prop_four' })).toMatchObject({ outcome: 'done' });
    expect(desk.positions()).toMatchObject([{ leverage: 2 }]);
  });

  it('error: what Brix refuses leaves no plan behind, and says why', async () => {
    const large = { ...buy, size: toSize('0.1') };
    expect(await act(large)).toMatchObject({ outcome: 'refused', code: 'first-trade.limit' });
    // A position that another order opens is protected by its own plan.
    expect(await act({ ...buy, stopLoss: toPrice('58000'), takeProfits: [] }, { id: 'prop_two' })).toMatchObject({
      outcome: 'done',
    });
    expect(desk.resting()).toEqual(['stop-loss 0.01 @ 58000']);
    expect(await desk.guardRows()).toEqual(['chat:prop_two']);
  });

  it('error: nothing is begun too late, at another price, without one, or unapproved', async () => {
    expect(await act(buy, {}, false)).toMatchObject({ outcome: 'refused', code: 'proposal.late' });
    for (const status of ['waiting', 'declined', 'expired', 'void', 'done'] as const)
      expect(await act(buy, { status })).toMatchObject({ outcome: 'refused', code: 'proposal.not-approved' });
    expect(await act(buy, { userId: 'carol' })).toMatchObject({ outcome: 'refused', code: 'user.unknown' });
    await desk.price(60_400);
    expect(await act(buy)).toMatchObject({ outcome: 'refused', code: 'proposal.drifted' });
    await desk.clock.advanceBy(600_000);
    expect(await act(buy)).toMatchObject({ outcome: 'refused', code: 'market-data.missing' });
    expect(desk.positions()).toEqual([]);
    expect(desk.resting()).toEqual([]);

    const late = timelyActions(desk.actions, desk.wallClock);
    await desk.wallClock.advanceBy(300_000);
    expect(await late.act(desk.approved(buy))).toMatchObject({ outcome: 'refused', code: 'proposal.late' });
  });

  it('behavior: an instrument of another venue is held against its own price', async () => {
    const other = 'BTC-PERP@binance';
    desk.marketData.list([exampleInstrument({ market: 'BTC-PERP', lot: '0.00001' }, 'binance')]);
    const ticker = exampleTicker(other, 60_500, desk.clock.nowMs());
    await desk.marketData.ingest({ atMs: desk.clock.nowMs(), observations: [{ kind: 'ticker', ticker }] });
    await desk.clock.idle();
    const order = { ...buy, instrumentId: other } as const;
    expect(await act(order)).toMatchObject({ outcome: 'refused', code: 'proposal.drifted' });
    const reference = { price: 60_500, maxDrift: 0.005 };
    expect(await act(order, { reference })).toMatchObject({
      outcome: 'done',
      detail: expect.stringContaining('at 605'),
    });
    expect(desk.positions()).toMatchObject([{ instrumentId: other, venue: 'paper' }]);
  });

  it('error: a venue that lists nothing of it is told of', async () => {
    expect(await act({ ...buy, venue: 'okx' })).toMatchObject({ outcome: 'refused', code: 'venue.none' });
    expect(await act({ ...buy, instrumentId: 'ETH-PERP@hyperliquid' })).toMatchObject({ code: 'venue.none' });
  });
});

describe('a close of a chat', () => {
  it('default: closes its share once, and nothing that is opened after it', async () => {
    await act(buy);
    const half = await act(close('0.5'), { id: 'prop_two' });
    expect(half).toEqual({
      outcome: 'done',
      detail: expect.stringMatching(/^Filled: 0\.005 at 5\d\d\d\d|^Filled: 0\.005 at 6/),
    });
    expect(await act(close('0.5'), { id: 'prop_two' })).toEqual(half);
    expect(desk.positions()).toMatchObject([{ size: '0.005' }]);

    const all = await act(close('1'), { id: 'prop_three' });
    expect(desk.positions()).toEqual([]);
    expect(desk.resting()).toEqual([]);
    expect(all).toEqual({ outcome: 'done', detail: expect.stringMatching(/^Filled: 0\.005 at/) });
    expect(await act(close('1'), { id: 'prop_three' }, false)).toEqual(all);
    // For some seconds the same order again is one too many, and what was let pass is counted in full.
    await desk.clock.advanceBy(60_000);
    await desk.price(60_000);
    expect(await act(buy, { id: 'prop_four' })).toMatchObject({ outcome: 'done' });
    expect(await act(close('1'), { id: 'prop_three' })).toEqual(all);
    expect(desk.positions()).toMatchObject([{ size: '0.01' }]);
  });

  it('error: too late nothing is closed; with nothing open that is said', async () => {
    expect(await act(close('1'))).toEqual({ outcome: 'done', detail: 'There was nothing to close.' });
    await act(buy, { id: 'prop_two' });
    expect(await act(close('1'), { id: 'prop_three' }, false)).toMatchObject({ code: 'proposal.late' });
    expect(desk.positions()).toHaveLength(1);
  });
});

describe('a cancellation of a chat', () => {
  it('error: what protects a position stays, and another user has no such order', async () => {
    expect(await act(bid, { id: 'prop_two' })).toMatchObject({ outcome: 'done' });
    const clientOrderId = deriveClientOrderId('prop_two', 'entry');
    const cancel: ProposedAction = { kind: 'cancel-order', clientOrderId };
    expect(await act(cancel, { id: 'prop_four', userId: 'bob' })).toMatchObject({
      ...{ outcome: 'refused', code: 'order.unknown' },
    });
    expect(await act(cancel, { id: 'prop_five' }, false)).toMatchObject({ code: 'proposal.late' });
    expect(await act({ kind: 'cancel-order', clientOrderId: '0'.repeat(32) })).toMatchObject({ code: 'order.unknown' });
    expect(desk.resting()).toEqual(['entry 0.01 @ 59800']);

    await desk.price(59_790);
    expect(desk.resting()).toEqual(['stop-loss 0.01 @ 59000', 'take-profit 0.01 @ 62000']);
    for (const order of desk.portfolio.openOrders('demo'))
      expect(await act({ kind: 'cancel-order', clientOrderId: order.clientOrderId })).toMatchObject({
        ...{ outcome: 'refused', code: 'order.protects' },
      });
    expect(await act(cancel, { id: 'prop_six' })).toMatchObject({ outcome: 'refused', code: 'order.final' });
    expect(desk.resting()).toEqual(['stop-loss 0.01 @ 59000', 'take-profit 0.01 @ 62000']);
  });
});

describe('a setting of a chat', () => {
  it('default: a limit is lowered for its user and binds the next order', async () => {
    const lower: ProposedAction = { kind: 'set-limits', limits: { maxPositionMargin: toRate('0.01') } };
    expect(await act(lower)).toEqual({ outcome: 'done', detail: 'The new limits hold.' });
    expect(await act(lower)).toMatchObject({ outcome: 'done' });
    expect(desk.limitBook.overrides(desk.user)).toEqual({ maxPositionMargin: '0.01' });
    expect(desk.limitBook.overrides({ ...desk.user, id: 'bob' })).toEqual({});
    expect(await act(buy, { id: 'prop_two' })).toMatchObject({ outcome: 'refused', code: 'position-margin.limit' });
  });

  it('error: where one is raised none is changed, and it says where to', async () => {
    const mixed: ProposedAction = { kind: 'set-limits', limits: { maxLeverage: 100, riskPerTrade: toRate('0.001') } };
    expect(await act(mixed)).toMatchObject({
      ...{ outcome: 'refused', code: 'reauthentication.required' },
      message: expect.stringContaining('--reset-limits'),
    });
    expect(desk.limitBook.overrides(desk.user)).toEqual({});
    expect(desk.limitBook.waiting('demo')).toBeUndefined();
  });

  it('behavior: a pause lets nothing new in and loosens no halt; only the operator resumes', async () => {
    expect(await act({ ...bid, size: toSize('0.005') })).toMatchObject({ outcome: 'done' });
    expect(await act({ kind: 'pause-entries' }, { id: 'prop_two' })).toEqual({
      outcome: 'done',
      detail: 'No new risk is taken; stops, targets and exits go on. 1 resting entry may still fill.',
    });
    expect(await act(buy, { id: 'prop_three' })).toMatchObject({
      outcome: 'refused',
      code: expect.stringMatching(/trading/),
    });
    expect(await act({ kind: 'resume-entries' }, { id: 'prop_four' })).toMatchObject({
      ...{ outcome: 'refused', code: 'reauthentication.required' },
      message: expect.stringContaining('--rearm'),
    });
    expect(desk.tradingSwitch.state(['user:demo'])).toBe('reducing');
    await desk.killSwitch.trip('user:demo', 'enough', ['demo']);
    expect(await act({ kind: 'pause-entries' }, { id: 'prop_five' })).toMatchObject({ outcome: 'done' });
    expect(desk.tradingSwitch.state(['user:demo'])).toBe('halted');
    await desk.tradingSwitch.set('user:demo', 'active', 'for the test', { token: rearmToken });
    expect(await act(buy, { id: 'prop_six' })).toMatchObject({ outcome: 'done' });
  });

  it('error: what this desk takes from its command line is not changed', async () => {
    expect(await act({ kind: 'set-autonomy', autonomy: 'full-auto' })).toMatchObject({
      ...{ outcome: 'refused', code: 'setting.fixed' },
      message: expect.stringContaining('--autonomy full-auto'),
    });
    expect(await act({ kind: 'set-autonomy', agent: 'riven', autonomy: 'full-auto' })).toMatchObject({
      code: 'setting.fixed',
    });
    expect(await act({ kind: 'set-preferences', aggression: 'aggressive' })).toMatchObject({ code: 'setting.fixed' });
    expect((await act({ kind: 'set-autonomy', autonomy: 'full-auto' }, {}, false)).outcome).toBe('refused');
  });
});
