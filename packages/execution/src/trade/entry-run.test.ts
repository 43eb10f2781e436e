import { type Guidance, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleGuidance, limitLeg } from './example-signal.ts';
import { resting, ScriptedTrade } from './testing/scripted-trade.ts';

const closed = (size: string) =>
  ({ kind: 'closed', id: 'it', size: toSize(size), realizedPnl: toUsd(0), fees: toUsd(0), funding: toUsd(0) }) as const;
const market = [{ type: 'market', fraction: toRate(1) }] satisfies Guidance['legs'];
/** Four slices over a minute. */
const twap = (legs: Guidance['legs'] = market, changes: Partial<Guidance> = {}): Guidance =>
  exampleGuidance(legs, { pacing: { kind: 'twap', slices: 4, durationMs: 60_000 }, ...changes });
/** Every slice ends at once with this much of it filled; the rest fills whole. */
const filling =
  (parts: Readonly<Record<string, string>>): ScriptedTrade['onSend'] =>
  (leg, id) =>
    resting(leg, id, { status: 'canceled', filledSize: toSize(parts[id] ?? leg.intent.size) });

describe('entering in slices', () => {
  it('default: equal slices, the first at once, each at its time', async () => {
    const trade = new ScriptedTrade(twap());
    trade.onSend = filling({});
    trade.tell(70_000, closed('0.1'));
    await trade.run();
    expect(trade.log).toEqual([
      '0 approved by autonomy',
      '0 send entry-0-slice-0 market 0.025 @60060 ioc',
      '0 release to 750',
      '15000 send entry-0-slice-1 market 0.025 @60060 ioc',
      '15000 release to 500',
      '30000 send entry-0-slice-2 market 0.025 @60060 ioc',
      '30000 release to 250',
      '45000 send entry-0-slice-3 market 0.025 @60060 ioc',
      '45000 release to nothing',
      '70000 settle closed',
    ]);
  });

  it('behavior: looks once for each slice, by names that a journal keeps', async () => {
    const trade = new ScriptedTrade(twap());
    trade.onSend = filling({});
    trade.tell(70_000, closed('0.1'));
    await trade.run();
    expect(trade.steps.filter((name) => name.startsWith('turn'))).toEqual(['turn-0', 'turn-1', 'turn-2']);
  });

  it('behavior: what a slice leaves goes with the next, once', async () => {
    const trade = new ScriptedTrade(twap());
    trade.onSend = filling({ 'entry-0-slice-0': '0', 'entry-0-slice-1': '0.01' });
    trade.tell(70_000, closed('0.1'));
    await trade.run();
    expect(trade.log.filter((line) => line.includes('send'))).toEqual([
      '0 send entry-0-slice-0 market 0.025 @60060 ioc',
      '15000 send entry-0-slice-1 market 0.05 @60060 ioc',
      '30000 send entry-0-slice-2 market 0.065 @60060 ioc',
      '45000 send entry-0-slice-3 market 0.025 @60060 ioc',
    ]);
    // Nothing was given back for what was still to be sent.
    expect(trade.log.filter((line) => line.includes('release'))).toEqual([
      '15000 release to 900',
      '30000 release to 250',
      '45000 release to nothing',
    ]);
  });

  it('behavior: what rests is not carried: it may still fill', async () => {
    const trade = new ScriptedTrade(twap([limitLeg(59_990, '1')]));
    // The first ends half-filled after the second has gone; the others rest to the end.
    trade.fill(20_000, 'entry-0-slice-0', '0.01', 'canceled');
    trade.tell(700_000, closed('0.01'));
    await trade.run();
    expect(trade.log.filter((line) => !line.includes('release'))).toEqual([
      '0 approved by autonomy',
      '0 send entry-0-slice-0 limit 0.025 @59990 gtc',
      '15000 send entry-0-slice-1 limit 0.025 @59990 gtc',
      '30000 send entry-0-slice-2 limit 0.04 @59990 gtc',
      '45000 send entry-0-slice-3 limit 0.025 @59990 gtc',
      '600000 cancel entry-0-slice-1',
      '600000 cancel entry-0-slice-2',
      '600000 cancel entry-0-slice-3',
      '660000 recheck',
      '700000 settle closed',
    ]);
    expect(trade.log.filter((line) => line.includes('release')).map((line) => line.split(' ')[3])).toEqual([
      ...['900', '650', '250', 'nothing'],
    ]);
  });

  it('behavior: slices that are refused go with the next', async () => {
    const trade = new ScriptedTrade(twap());
    trade.onSend = (leg, id) =>
      id === 'entry-0-slice-1'
        ? { outcome: 'refused', rejection: { code: 'price.collar', message: 'Too far.' } }
        : filling({})(leg, id);
    trade.tell(70_000, closed('0.1'));
    await trade.run();
    expect(trade.log.filter((line) => line.includes('send')).map((line) => line.split(' ')[4])).toEqual([
      ...['0.025', '0.025', '0.05', '0.025'],
    ]);
  });

  it('behavior: nothing more is sent once the time of the entry is over', async () => {
    const trade = new ScriptedTrade(twap(market, { expiresAfterMs: 20_000 }));
    trade.onSend = filling({});
    trade.tell(70_000, closed('0.05'));
    await trade.run();
    expect(trade.log.slice(1)).toEqual([
      '0 send entry-0-slice-0 market 0.025 @60060 ioc',
      '0 release to 750',
      '15000 send entry-0-slice-1 market 0.025 @60060 ioc',
      '15000 release to 500',
      '20000 release to nothing',
      '70000 settle closed',
    ]);
  });
});

describe('an order of unknown outcome', () => {
  it('default: is asked after four times under its own id, then counts as open until it is told', async () => {
    const trade = new ScriptedTrade([limitLeg(59_990, '1')]);
    trade.onSend = () => ({ outcome: 'unknown' });
    trade.onCancel = (clientOrderId) => ({ clientOrderId, status: 'expired', filledSize: toSize(0) });
    expect(await trade.run()).toMatchObject({ outcome: 'not-entered' });
    expect(trade.log).toEqual([
      '0 approved by autonomy',
      ...[0, 1_000, 3_000, 7_000, 15_000].map((atMs) => `${atMs} send entry-0 limit 0.1 @59990 gtc`),
      '615000 cancel entry-0',
      '615000 release to nothing',
      '615000 settle not-entered',
    ]);
  });

  it('behavior: is asked after no more once it is known', async () => {
    const trade = new ScriptedTrade([limitLeg(59_990, '1')]);
    let tries = 0;
    trade.onSend = (leg, id) => {
      tries += 1;
      return tries < 3 ? { outcome: 'unknown' } : resting(leg, id, { status: 'filled', filledSize: toSize('0.1') });
    };
    trade.tell(4_000, closed('0.1'));
    expect(await trade.run()).toMatchObject({ outcome: 'closed' });
    expect(tries).toBe(3);
    expect(trade.log.at(-1)).toBe('4000 settle closed');
  });
});
