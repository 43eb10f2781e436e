import { type Guidance, type Price, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleGuidance, limitLeg } from './example-signal.ts';
import { resting, ScriptedTrade } from './testing/scripted-trade.ts';

const closed = (size: string) =>
  ({ kind: 'closed', id: 'it', size: toSize(size), realizedPnl: toUsd(0), fees: toUsd(0), funding: toUsd(0) }) as const;
/** Two moves, 5 s apart. */
const chase = (finish: 'cancel' | 'take', changes: Partial<Guidance> = {}): Guidance =>
  exampleGuidance([limitLeg(59_990, '1')], {
    pacing: { kind: 'chase', moves: 2, pauseMs: 5_000, maxDistance: toRate('0.001'), finish },
    ...changes,
  });
/** The touch from each instant on. */
const touches =
  (...steps: readonly (readonly [atMs: number, price: number | null])[]) =>
  (nowMs: number): Price | null => {
    const price = steps.findLast(([atMs]) => atMs <= nowMs)?.[1] ?? null;
    return price === null ? null : toPrice(price);
  };
const acts = (trade: ScriptedTrade): string[] => trade.log.filter((line) => /send|cancel/.test(line));

describe('a chase', () => {
  it('default: rests at the touch, moves with it when it looks, as often as it may, then cancels', async () => {
    const trade = new ScriptedTrade(chase('cancel'));
    trade.touchAt = touches([0, 59_990], [7_000, 59_995], [12_000, 60_000], [17_000, 60_005]);
    expect(await trade.run()).toMatchObject({ outcome: 'not-entered' });
    expect(trade.log).toEqual([
      '0 approved by autonomy',
      '0 send entry-0 limit 0.1 @59990 post-only',
      '10000 cancel entry-0',
      '10000 send entry-0-move-1 limit 0.1 @59995 post-only',
      '15000 cancel entry-0-move-1',
      '15000 send entry-0-move-2 limit 0.1 @60000 post-only',
      '20000 cancel entry-0-move-2',
      '20000 release to nothing',
      '20000 settle not-entered',
    ]);
  });

  it('behavior: takes what is left within its bound when it may move no more', async () => {
    const trade = new ScriptedTrade(chase('take'));
    trade.touchAt = touches([0, 59_990], [7_000, 59_995], [12_000, 60_000], [17_000, 60_005]);
    trade.fill(11_000, 'entry-0-move-1', '0.03', 'partially-filled');
    trade.onCancel = (id) => {
      const filledSize = toSize(id === 'entry-0-move-1' ? '0.03' : '0');
      trade.tell(trade.nowMs, { kind: 'order', clientOrderId: id, status: 'canceled', filledSize });
      return null;
    };
    const rest = trade.onSend;
    trade.onSend = (leg, id) =>
      id.endsWith('take') ? resting(leg, id, { status: 'filled', filledSize: leg.intent.size }) : rest(leg, id);
    trade.tell(30_000, closed('0.1'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(acts(trade)).toEqual([
      '0 send entry-0 limit 0.1 @59990 post-only',
      '10000 cancel entry-0',
      '10000 send entry-0-move-1 limit 0.1 @59995 post-only',
      '15000 cancel entry-0-move-1',
      '15000 send entry-0-move-2 limit 0.07 @60000 post-only',
      '20000 cancel entry-0-move-2',
      '20000 send entry-0-take market 0.07 @60060 ioc',
    ]);
    expect(trade.steps.filter((name) => /^(lay|touch|move|take)/.test(name))).toEqual([
      ...['lay-first', 'touch-0', 'touch-1', 'move-1', 'lay-3', 'touch-5', 'move-5', 'lay-7', 'touch-8', 'move-8'],
      'take-10',
    ]);
  });

  it('behavior: sends nothing in the place of an order whose end is not known', async () => {
    const trade = new ScriptedTrade(chase('cancel'));
    trade.touchAt = touches([0, 59_990], [4_000, 59_995]);
    trade.onCancel = () => null;
    trade.fill(7_500, 'entry-0', '0.04', 'canceled');
    trade.fill(9_000, 'entry-0-move-1', '0.06');
    trade.tell(30_000, closed('0.1'));
    await trade.run();
    expect(acts(trade)).toEqual([
      '0 send entry-0 limit 0.1 @59990 post-only',
      '5000 cancel entry-0',
      '6000 cancel entry-0',
      '7000 cancel entry-0',
      // It has ended with a part filled: what is left goes at once.
      '7500 send entry-0-move-1 limit 0.06 @59995 post-only',
    ]);
  });

  it('behavior: one that filled whole while it was cancelled is followed by none', async () => {
    const trade = new ScriptedTrade(chase('take'));
    trade.touchAt = touches([0, 59_990], [4_000, 59_995]);
    trade.onCancel = (clientOrderId) => ({ clientOrderId, status: 'filled', filledSize: toSize('0.1') });
    trade.tell(30_000, closed('0.1'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(acts(trade)).toEqual(['0 send entry-0 limit 0.1 @59990 post-only', '5000 cancel entry-0']);
  });

  it('behavior: stays while the touch stays or is not known, and waits for a price to begin with', async () => {
    const trade = new ScriptedTrade(chase('cancel'));
    trade.touchAt = touches([0, null], [4_000, 59_990], [9_000, null], [14_000, 59_990]);
    trade.fill(22_000, 'entry-0-move-1', '0.1');
    trade.tell(30_000, closed('0.1'));
    await trade.run();
    expect(acts(trade)).toEqual(['5000 send entry-0-move-1 limit 0.1 @59990 post-only']);
  });

  it('behavior: an order that ended by itself is followed by the next when it is time', async () => {
    const trade = new ScriptedTrade(chase('cancel'));
    trade.touchAt = touches([0, 59_990]);
    trade.fill(2_000, 'entry-0', '0', 'canceled');
    trade.fill(6_000, 'entry-0-move-1', '0.1');
    trade.tell(30_000, closed('0.1'));
    await trade.run();
    expect(acts(trade)).toEqual([
      '0 send entry-0 limit 0.1 @59990 post-only',
      '5000 send entry-0-move-1 limit 0.1 @59990 post-only',
    ]);
  });

  it('behavior: ends with the time of the entry, also between two orders', async () => {
    const trade = new ScriptedTrade(chase('take', { expiresAfterMs: 8_000 }));
    trade.touchAt = touches([0, 59_990]);
    expect(await trade.run()).toMatchObject({ outcome: 'not-entered' });
    expect(acts(trade)).toEqual(['0 send entry-0 limit 0.1 @59990 post-only', '8000 cancel entry-0']);
    expect(trade.log.at(-1)).toBe('8000 settle not-entered');
  });

  it('behavior: holds back the margin of all that it may still fill', async () => {
    const trade = new ScriptedTrade(chase('cancel'));
    trade.touchAt = touches([0, 59_990]);
    trade.fill(2_000, 'entry-0', '0.04', 'partially-filled');
    trade.fill(3_000, 'entry-0', '0.1');
    trade.tell(30_000, closed('0.1'));
    await trade.run();
    expect(trade.log.filter((line) => line.includes('release'))).toEqual([
      '2000 release to 600',
      '3000 release to nothing',
    ]);
  });
});
