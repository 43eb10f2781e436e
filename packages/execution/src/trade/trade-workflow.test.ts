import { ConfigError, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleGuidance, limitLeg } from './example-signal.ts';
import { resting, ScriptedTrade } from './testing/scripted-trade.ts';
import type { Closing, TradeMessage } from './trade-messages.ts';

const closing = (id: string, size: string, changes: Partial<Closing> = {}): Closing => ({
  ...{ id, size: toSize(size), realizedPnl: toUsd(10), fees: toUsd(1), funding: toUsd('-0.5') },
  ...changes,
});
const closed = (...given: Parameters<typeof closing>): TradeMessage => ({ kind: 'closed', ...closing(...given) });
const netted = (id: string, size: string): TradeMessage => ({ kind: 'netted', id, size: toSize(size) });
const one = [limitLeg(59_990, '1')];
const two = [limitLeg(59_990, '0.5'), limitLeg(59_950, '0.5')];
const notEntered = { outcome: 'not-entered', realizedPnl: '0', fees: '0', funding: '0' };

describe('the life of a trade', () => {
  it('default: gives back what is filled as it fills, and ends when all it entered has closed', async () => {
    const trade = new ScriptedTrade(two);
    trade.fill(1_000, 'entry-0', '0.05');
    trade.fill(2_000, 'entry-1', '0.02', 'partially-filled');
    trade.fill(3_000, 'entry-1', '0.05');
    trade.tell(9_000, closed('first', '0.06'));
    trade.tell(9_500, closed('second', '0.04', { realizedPnl: toUsd(-3), funding: toUsd(2) }));
    expect(await trade.run()).toEqual({ outcome: 'closed', realizedPnl: '7', fees: '2', funding: '1.5' });
    expect(trade.log).toEqual([
      '0 approved by autonomy',
      '0 send entry-0 limit 0.05 @59990 gtc',
      '0 send entry-1 limit 0.05 @59950 gtc',
      '1000 release to 500',
      '2000 release to 300',
      '3000 release to nothing',
      '9500 settle closed',
    ]);
  });

  it('behavior: the names of its steps are what running trades have in their journals', async () => {
    const trade = new ScriptedTrade(two);
    trade.verdict = { verdict: 'ask' };
    trade.post(1_000, 'approval', { answer: 'approved', contentHash: 'hash' });
    trade.fill(2_000, 'entry-0', '0.05');
    trade.onRecheck = () => ({ held: true, closings: [closing('it', '0.05')] });
    await trade.run();
    expect(trade.steps).toEqual([
      ...[
        'decide',
        'judge',
        'approved',
        'prepare',
        'entry-0',
        'entry-1',
        'entry-began',
        'turn-0',
        'release-1',
        'turn-1',
      ],
      ...['cancel-1-entry-1', 'turn-2', 'release', 'recheck-0', 'settle'],
    ]);
    const automatic = new ScriptedTrade(one);
    await automatic.run();
    expect(automatic.steps.slice(0, 4)).toEqual(['decide', 'approved', 'prepare', 'entry-0']);
    const declined = new ScriptedTrade(one);
    declined.verdict = { verdict: 'declined', rejection: { code: 'approval.declined', message: 'Monitor.' } };
    await declined.run();
    expect(declined.steps).toEqual(['decide', 'declined', 'release', 'settle']);
    const failing = new ScriptedTrade(two);
    failing.onSend = (leg, id) => {
      if (id === 'entry-1') throw new ConfigError('test.failure', 'It can not be sent.');
      return resting(leg, id);
    };
    await expect(failing.run()).rejects.toThrow();
    expect(failing.steps.slice(-2)).toEqual(['abandon-entry-0', 'abandon']);
    const lost = new ScriptedTrade(one);
    lost.onSend = () => ({ outcome: 'unknown' });
    lost.onCancel = (clientOrderId) => ({ clientOrderId, status: 'expired', filledSize: toSize(0) });
    await lost.run();
    expect(lost.steps.slice(3, 8)).toEqual([
      'entry-0',
      'entry-0-pause-0',
      'entry-0-again-0',
      'entry-0-pause-1',
      'entry-0-again-1',
    ]);
  });

  it('behavior: a closing that is told twice counts once', async () => {
    const trade = new ScriptedTrade(one);
    trade.fill(1_000, 'entry-0', '0.1');
    trade.tell(2_000, closed('first', '0.06'));
    trade.tell(3_000, closed('first', '0.06'));
    trade.tell(4_000, closed('second', '0.04'));
    expect(await trade.run()).toMatchObject({ realizedPnl: '20', fees: '2' });
    expect(trade.log.at(-1)).toBe('4000 settle closed');
  });

  it('behavior: what filled against a position of the other direction is waited for no more, and ends no leg', async () => {
    const trade = new ScriptedTrade(two);
    trade.tell(1_000, netted('first', '0.01'));
    trade.fill(1_000, 'entry-0', '0.05');
    trade.fill(3_000, 'entry-1', '0.05');
    trade.tell(9_000, closed('it', '0.09'));
    expect(await trade.run()).toEqual({ outcome: 'closed', realizedPnl: '10', fees: '1', funding: '-0.5' });
    expect(trade.log.slice(3)).toEqual(['1000 release to 500', '3000 release to nothing', '9000 settle closed']);
  });

  it('behavior: what is told of it after the closing ends the wait as well, each fill once', async () => {
    const trade = new ScriptedTrade(one);
    trade.fill(1_000, 'entry-0', '0.1');
    trade.tell(5_000, closed('it', '0.07'));
    trade.tell(6_000, netted('first', '0.02'));
    trade.tell(6_500, netted('first', '0.02'));
    trade.tell(7_000, netted('second', '0.01'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed', realizedPnl: '10' });
    expect(trade.log.at(-1)).toBe('7000 settle closed');
  });

  it('behavior: what has not filled in its time is cancelled', async () => {
    const trade = new ScriptedTrade(one);
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log.slice(2)).toEqual([
      '600000 cancel entry-0',
      '600000 release to nothing',
      '600000 settle not-entered',
    ]);
  });

  it('behavior: an end that is not told is asked after every 5 s, and a fill that shows then counts', async () => {
    const trade = new ScriptedTrade(one);
    trade.onCancel = () => null;
    trade.fill(612_000, 'entry-0', '0.03', 'canceled');
    trade.tell(640_000, closed('it', '0.03'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(trade.log.slice(2)).toEqual([
      '600000 cancel entry-0',
      '605000 cancel entry-0',
      '610000 cancel entry-0',
      '612000 release to nothing',
      '640000 settle closed',
    ]);
  });

  it('behavior: a cancellation that finds the leg ended is believed at once', async () => {
    const trade = new ScriptedTrade(one);
    trade.onCancel = (clientOrderId) => ({ clientOrderId, status: 'filled', filledSize: toSize('0.1') });
    trade.tell(610_000, closed('it', '0.1'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed', realizedPnl: '10' });
    expect(trade.log.slice(2)).toEqual(['600000 cancel entry-0', '600000 release to nothing', '610000 settle closed']);
  });

  it('behavior: when the position closes while a leg rests, the leg is cancelled', async () => {
    const trade = new ScriptedTrade(two);
    trade.fill(1_000, 'entry-0', '0.05');
    trade.tell(2_000, closed('it', '0.05'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(trade.log.slice(3)).toEqual([
      '1000 release to 500',
      '2000 cancel entry-1',
      '2000 release to nothing',
      '2000 settle closed',
    ]);
  });

  it('behavior: an open position is looked at ever more rarely, and again soon after news', async () => {
    const trade = new ScriptedTrade(one);
    trade.fill(0, 'entry-0', '0.1');
    trade.tell(500_000, closed('part', '0.04'));
    trade.onRecheck = () =>
      trade.nowMs < 10_000_000 ? { held: true, closings: [] } : { held: true, closings: [closing('rest', '0.06')] };
    expect(await trade.run()).toMatchObject({ outcome: 'closed', realizedPnl: '20' });
    const looks = trade.log.filter((line) => line.endsWith('recheck')).map((line) => Number.parseInt(line, 10));
    expect(looks).toEqual([
      ...[60_000, 180_000, 420_000],
      // News at 500 s: from there on anew, at most an hour apart.
      ...[560_000, 680_000, 920_000, 1_400_000, 2_360_000, 4_280_000, 7_880_000, 11_480_000],
    ]);
  });

  it('behavior: what is gone twice without a closing is over; once is not believed', async () => {
    const trade = new ScriptedTrade(one);
    trade.fill(0, 'entry-0', '0.1');
    const seen = [false, true, false, false];
    trade.onRecheck = () => ({ held: seen.shift() ?? false, closings: [] });
    expect(await trade.run()).toEqual({ outcome: 'closed', realizedPnl: '0', fees: '0', funding: '0' });
    const looks = trade.log.filter((line) => line.endsWith('recheck')).map((line) => Number.parseInt(line, 10));
    // After a look that finds nothing the next is soon.
    expect(looks).toEqual([60_000, 120_000, 240_000, 300_000]);
  });

  it('behavior: gone with a part closed is over at once', async () => {
    const trade = new ScriptedTrade(one);
    trade.fill(0, 'entry-0', '0.1');
    trade.onRecheck = () => ({ held: false, closings: [closing('part', '0.06')] });
    expect(await trade.run()).toMatchObject({ outcome: 'closed', realizedPnl: '10' });
    expect(trade.log.at(-1)).toBe('60000 settle closed');
  });

  it('behavior: waits for the user, whose approval is judged', async () => {
    const trade = new ScriptedTrade(one);
    trade.verdict = { verdict: 'ask' };
    trade.post(30_000, 'approval', { answer: 'approved', contentHash: 'hash' });
    await trade.run();
    expect(trade.log.slice(0, 3)).toEqual([
      '30000 judge approved',
      '30000 approved by user',
      '30000 send entry-0 limit 0.1 @59990 gtc',
    ]);
    // The time of the entry begins with it.
    expect(trade.log[3]).toBe('630000 cancel entry-0');
  });

  it('behavior: an approval that is judged void sends nothing and gives all back', async () => {
    const trade = new ScriptedTrade(one);
    trade.verdict = { verdict: 'ask' };
    trade.judged = { rejection: { code: 'approval.drifted', message: 'Too far.' } };
    trade.post(1_000, 'approval', { answer: 'approved', contentHash: 'hash' });
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log).toEqual([
      '1000 judge approved',
      '1000 declined approval.drifted',
      '1000 release to nothing',
      '1000 settle not-entered',
    ]);
  });

  it('behavior: edits change the plan that waits; what is refused of them changes nothing', async () => {
    const trade = new ScriptedTrade(one);
    trade.verdict = { verdict: 'ask' };
    const refused = { rejection: { code: 'order.invalid', message: 'No.' } } as const;
    trade.onEdit = (edited) => ('signal' in edited && edited.signal.size === '0.03' ? refused : edited);
    trade.onRevise = (edited) => ('signal' in edited && edited.signal.size === '0.04' ? refused : edited);
    for (const [index, size] of ['0.08', '0.03', '0.04'].entries())
      trade.post(1_000 * (index + 1), 'approval', {
        ...{ answer: 'edited', requestId: `edit:${index}`, contentHash: 'hash', edit: { size } },
      });
    trade.post(30_000, 'approval', { answer: 'approved', contentHash: 'hash' });
    await trade.run();
    expect(trade.log.slice(0, 8)).toEqual([
      '1000 edit to 0.08',
      '1000 revise to 0.08',
      '2000 edit to 0.03',
      '3000 edit to 0.04',
      '3000 revise to 0.04',
      '30000 judge approved',
      '30000 approved by user',
      '30000 send entry-0 limit 0.08 @59990 gtc',
    ]);
    // The plan of the edit that stood, with nothing of those that did not.
    const { guidance, signal } = trade.input;
    expect(trade.judgedPlan).toEqual({
      ...trade.input,
      ...{ guidance, signal: { ...signal, size: '0.08' }, editedAt: 60_000 },
    });
    expect(trade.steps.slice(0, 7)).toEqual(['decide', 'edit-0', 'revise-0', 'edit-1', 'edit-2', 'revise-2', 'judge']);
  });

  it('behavior: a policy is asked once before each order, and an order that may have gone is asked after whatever holds', async () => {
    const trade = new ScriptedTrade(two);
    trade.verdict = { verdict: 'approved', policed: true };
    let sends = 0;
    trade.onSend = (leg, id) => {
      sends += 1;
      trade.holds = () => ({ code: 'policy.held', message: 'Quiet.' });
      return sends === 1 ? { outcome: 'unknown' } : resting(leg, id);
    };
    trade.fill(5_000, 'entry-0', '0.05');
    trade.tell(9_000, closed('it', '0.05'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(trade.log).toEqual([
      '0 approved by autonomy',
      '0 send entry-0 limit 0.05 @59990 gtc',
      '1000 send entry-0 limit 0.05 @59990 gtc',
      '1000 held entry-1',
      '1000 release to 500',
      '5000 release to nothing',
      '9000 settle closed',
    ]);
    expect(trade.steps.filter((step) => step.endsWith('-policy'))).toEqual(['entry-0-policy', 'entry-1-policy']);
  });

  it('behavior: an entry ends when a policy begins to hold, before its own time', async () => {
    const trade = new ScriptedTrade(one);
    trade.verdict = { verdict: 'approved', policed: true, endsAtMs: 120_000 };
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log.slice(1)).toEqual([
      '0 send entry-0 limit 0.1 @59990 gtc',
      '120000 cancel entry-0',
      '120000 release to nothing',
      '120000 settle not-entered',
    ]);
  });

  it('behavior: approved late, an entry ends ten seconds before its signal is over', async () => {
    const trade = new ScriptedTrade(one, { expiresAtMs: 400_000 });
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log.slice(-3)).toEqual([
      '390000 cancel entry-0',
      '390000 release to nothing',
      '390000 settle not-entered',
    ]);
  });

  it('behavior: approved late by the user, an entry ends no later than its signal allows', async () => {
    const trade = new ScriptedTrade(one, { expiresAtMs: 400_000 });
    trade.verdict = { verdict: 'ask' };
    trade.post(30_000, 'approval', { answer: 'approved', contentHash: 'hash' });
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log.slice(-3)[0]).toBe('390000 cancel entry-0');
  });

  it('behavior: what is given back is told with the fills of each order, and is asked for again only below what is left', async () => {
    const filling = (): ScriptedTrade => {
      const trade = new ScriptedTrade(two);
      trade.fill(1_000, 'entry-0', '0.03', 'partially-filled');
      trade.fill(2_000, 'entry-0', '0.05');
      trade.fill(3_000, 'entry-1', '0.04', 'partially-filled');
      trade.fill(4_000, 'entry-1', '0.05');
      trade.tell(9_000, closed('it', '0.1'));
      return trade;
    };
    const released = async (trade: ScriptedTrade): Promise<readonly string[]> => {
      expect(await trade.run()).toMatchObject({ outcome: 'closed' });
      return trade.log.filter((line) => line.includes('release'));
    };
    const told: string[] = [];
    const all = filling();
    all.onRelease = (remaining, legs) => {
      told.push(legs.map(({ clientOrderId, filledSize }) => `${clientOrderId} ${filledSize}`).join(', '));
      return remaining ?? null;
    };
    const each = ['1000 release to 700', '2000 release to 500', '3000 release to 100', '4000 release to nothing'];
    expect(await released(all)).toEqual(each);
    expect(told).toEqual([
      'entry-0 0.03, entry-1 0',
      'entry-0 0.05, entry-1 0',
      'entry-0 0.05, entry-1 0.04',
      'entry-0 0.05, entry-1 0.05',
    ]);
    // Less is left than was asked to remain: the next fill frees nothing more.
    const less = filling();
    less.onRelease = (remaining) => (remaining === undefined ? null : toUsd(400));
    expect(await released(less)).toEqual(['1000 release to 700', '3000 release to 100', '4000 release to nothing']);
    // A step that says nothing of it left what was asked for.
    const silent = filling();
    silent.onRelease = () => null;
    expect(await released(silent)).toEqual(each);
  });

  it('behavior: a signal that autonomy declines sends nothing', async () => {
    const trade = new ScriptedTrade(one);
    trade.verdict = { verdict: 'declined', rejection: { code: 'approval.declined', message: 'Monitor.' } };
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log).toEqual(['0 declined approval.declined', '0 release to nothing', '0 settle not-entered']);
  });

  it('error: a trade that can not go on cancels what rests and gives back what it holds', async () => {
    const trade = new ScriptedTrade(two);
    trade.onSend = (leg, id) => {
      if (id === 'entry-1') throw new ConfigError('test.failure', 'It can not be sent.');
      return resting(leg, id);
    };
    await expect(trade.run()).rejects.toThrow('It can not be sent.');
    expect(trade.log.slice(-2)).toEqual(['0 cancel entry-0', '0 release to nothing']);
  });

  it('behavior: a trade whose engine stops leaves everything as it is', async () => {
    const trade = new ScriptedTrade(two);
    trade.onSend = (leg, id) => {
      if (id === 'entry-0') return resting(leg, id);
      trade.abort.abort();
      throw new ConfigError('test.stop', 'The engine stops.');
    };
    await expect(trade.run()).rejects.toThrow('The engine stops.');
    expect(trade.log.at(-1)).toContain('send entry-1');
  });

  it('behavior: nothing to send is no trade', async () => {
    const trade = new ScriptedTrade(exampleGuidance(one), { size: toSize('0.0001') });
    trade.onSend = () => ({ outcome: 'refused', rejection: { code: 'size.below-minimum', message: 'Too small.' } });
    expect(await trade.run()).toEqual(notEntered);
    expect(trade.log.filter((line) => /cancel/.test(line))).toEqual([]);
  });

  it('behavior: a market leg is bounded and its fill frees what it held', async () => {
    const trade = new ScriptedTrade([{ type: 'market', fraction: toRate(1) }]);
    trade.onSend = (leg, id) =>
      resting(leg, id, { status: 'filled', filledSize: leg.intent.size, averagePrice: toPrice(60_001) });
    trade.tell(5_000, closed('it', '0.1'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(trade.log.slice(1)).toEqual([
      '0 send entry-0 market 0.1 @60060 ioc',
      '0 release to nothing',
      '5000 settle closed',
    ]);
  });
});
