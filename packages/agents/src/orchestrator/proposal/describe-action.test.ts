import { type ProposedAction, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleOrderAction } from '../testing/chat-life.ts';
import { contentHashOf } from './content-hash.ts';
import { describeAction } from './describe-action.ts';

type Order = Extract<ProposedAction, { kind: 'place-order' }>;

describe('describeAction', () => {
  const cases: readonly [ProposedAction, string][] = [
    [
      exampleOrderAction,
      'Buy 0.1 BTC-PERP@hyperliquid at your best venue at a limit of 59,500, stop at 59,000, target at 62,000 (100 %).',
    ],
    [
      {
        kind: 'place-order',
        instrumentId: 'PEPE-PERP@hyperliquid',
        venue: 'paper',
        side: 'sell',
        type: 'market',
        size: toSize('1250000'),
        stopLoss: toPrice('0.00001234567891'),
        takeProfits: [],
      },
      'Sell 1,250,000 PEPE-PERP@hyperliquid at paper at the market, stop at 0.00001234567891, no target.',
    ],
    [
      { ...(exampleOrderAction as Order), takeProfits: [], leverage: 5 },
      'Buy 0.1 BTC-PERP@hyperliquid at your best venue at a limit of 59,500, at 5x leverage, stop at 59,000, no target.',
    ],
    [
      { kind: 'close-position', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', fraction: toRate('1') },
      'Close all of the position in BTC-PERP@hyperliquid at paper.',
    ],
    [
      { kind: 'close-position', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', fraction: toRate('0.3333333') },
      'Close 33.33333 % of the position in BTC-PERP@hyperliquid at paper.',
    ],
    [{ kind: 'cancel-order', clientOrderId: 'a'.repeat(32) }, `Cancel the order ${'a'.repeat(32)}.`],
    [{ kind: 'pause-entries' }, 'Pause new entries; stops, targets and exits go on.'],
    [{ kind: 'resume-entries' }, 'Resume new entries.'],
    [{ kind: 'set-autonomy', autonomy: 'full-auto' }, 'Set your autonomy to full-auto.'],
    [{ kind: 'set-autonomy', agent: 'riven', autonomy: 'monitor' }, 'Set the autonomy of riven to monitor.'],
    [
      { kind: 'set-limits', limits: { dailyLoss: toRate('0.055'), maxLeverage: 2.5, coolingOffMs: 90_000 } },
      'Set the highest leverage to 2.5, daily loss to 5.5 % and cooling off to 1.5 min.',
    ],
    [
      { kind: 'set-preferences', entryPreference: 'sniper', aggression: 'passive' },
      'Set entry style to sniper and aggression to passive.',
    ],
  ];

  it.each(cases)('default: %o', (action, sentence) => {
    expect(describeAction(action)).toBe(sentence);
  });

  it('behavior: all limits at once are said, each of them', () => {
    const rate = toRate('0.123456');
    const sentence = describeAction({
      kind: 'set-limits',
      limits: {
        ...{ maxLeverage: 3, riskPerTrade: rate, maxPositionMargin: rate, maxTotalMargin: rate, maxOpenPositions: 5 },
        ...{ dailyLoss: rate, marginMode: 'isolated', maxPortfolioRisk: rate, firstTradeNotional: rate },
        ...{ maxOrderNotional: toUsd('1000'), maxVenueNotional: toUsd('2000'), weeklyLoss: rate, maxDrawdown: rate },
        ...{ maxLossesInRow: 4, coolingOffMs: 60_000 },
      },
    });
    expect(sentence.match(/ to /g)).toHaveLength(15);
    expect(sentence.length).toBeLessThanOrEqual(500);
  });

  it('behavior: no name brings markup or unseen characters into it', () => {
    const sentence = describeAction({ kind: 'set-autonomy', agent: '<b>x\u202ey</b>\n', autonomy: 'suggest' });
    expect(sentence).toBe('Set the autonomy of x y to suggest.');
  });

  it('error: what does not fit is not cut', () => {
    const long = toPrice(`1.${'1'.repeat(29)}`);
    const takeProfits = Array.from({ length: 4 }, () => ({ price: long, fraction: toRate(`0.${'1'.repeat(30)}`) }));
    const action = {
      ...(exampleOrderAction as Order),
      size: toSize(`0.${'1'.repeat(30)}`),
      price: long,
      stopLoss: long,
    };
    expect(() => describeAction({ ...action, takeProfits, venue: 'v'.repeat(64) })).toThrow(/more than 500 characters/);
  });
});

describe('contentHashOf', () => {
  it('default: whoever it is, whichever it is and whatever it does is in it, the order of members is not', () => {
    const proposal = { userId: 'ada', id: 'prop_1', action: exampleOrderAction };
    const { size, side, ...rest } = exampleOrderAction as Order;
    expect(contentHashOf(proposal)).toMatch(/^[0-9a-f]{64}$/);
    expect(contentHashOf({ ...proposal, action: { size, ...rest, side } })).toBe(contentHashOf(proposal));
    const others = [
      { ...proposal, userId: 'bob' },
      { ...proposal, id: 'prop_2' },
      { ...proposal, action: { ...rest, side, size: toSize('0.10000001') } },
    ];
    expect(new Set([proposal, ...others].map(contentHashOf)).size).toBe(4);
  });
});
