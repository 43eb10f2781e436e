import { proposedActionSchema, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleMine, exampleOrder, examplePosition, exampleShared, exampleUser } from '../../testing/chat-desk.ts';
import { routeByRules } from '../route/route-by-rules.ts';
import { draftAction } from './draft-action.ts';

const desk = { markets: ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'] };
const state = { shared: exampleShared(), mine: exampleMine() };
const draft = (text: string, change: Partial<typeof state> = {}) =>
  draftAction(routeByRules(text, desk), { ...state, ...change });
const actionOf = (text: string, change: Partial<typeof state> = {}) => {
  const drafted = draft(text, change);
  return drafted.outcome === 'action' ? drafted.action : drafted.text;
};

describe('draftAction', () => {
  it('default: an order that was said whole', () => {
    expect(draft('buy 0.1 BTC at 60000 stop 59000 target 62000')).toEqual({
      outcome: 'action',
      action: {
        kind: 'place-order',
        instrumentId: 'BTC-PERP@hyperliquid',
        side: 'buy',
        type: 'limit',
        size: '0.1',
        price: '60000',
        stopLoss: '59000',
        takeProfits: [{ price: '62000', fraction: '1' }],
      },
      citations: [{ kind: 'price', id: 'BTC-PERP@hyperliquid', atMs: 1_753_055_999_000 }],
    });
  });

  it.each([
    [
      'sell 2 SOL at market stop 160 tp 140 50% 130 50% on paper',
      {
        kind: 'place-order',
        venue: 'paper',
        side: 'sell',
        type: 'market',
        takeProfits: [
          { price: '140', fraction: '0.5' },
          { price: '130', fraction: '0.5' },
        ],
      },
    ],
    [
      'close my BTC position',
      { kind: 'close-position', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', fraction: '1' },
    ],
    ['close half of BTC', { kind: 'close-position', fraction: '0.5' }],
    ['close everything', { kind: 'close-position', fraction: '1' }],
    ['cancel my ETH order', { kind: 'cancel-order', clientOrderId: 'aaaaaaaa000000000000000000000001' }],
    ['cancel order aaaaaaaa', { kind: 'cancel-order', clientOrderId: 'aaaaaaaa000000000000000000000001' }],
    ['pause', { kind: 'pause-entries' }],
    ['resume', { kind: 'resume-entries' }],
    ['set autonomy of riven to monitor', { kind: 'set-autonomy', agent: 'riven', autonomy: 'monitor' }],
    ['buy 2 SOL at 150 stop 140 3x', { kind: 'place-order', leverage: 3 }],
    ['buy 0.1 BTC at 60000 stop 59000 3x', { kind: 'place-order', leverage: 3 }],
    ['set max leverage to 2', { kind: 'set-limits', limits: { maxLeverage: 2 } }],
    ['lower daily loss to 5%', { kind: 'set-limits', limits: { dailyLoss: '0.05' } }],
    ['set max order notional to $5,000', { kind: 'set-limits', limits: { maxOrderNotional: '5000' } }],
    ['set entry style to market', { kind: 'set-preferences', entryPreference: 'market' }],
  ])('behavior: %s', (text, expected) => {
    expect(actionOf(text)).toMatchObject(expected);
  });

  it.each([
    [
      'buy BTC',
      'The size in BTC, the limit price, or "at market" and the stop are missing. Say it whole: buy <size> BTC at <price or market> stop <price>.',
    ],
    ['buy 0.1 BTC at 60000', 'The stop is missing.'],
    ['buy 0.1 BTC stop 59000', 'The limit price, or "at market" is missing.'],
    ['buy $500 of BTC at market stop 59000', 'The size in BTC (not in dollars) is missing.'],
    ['buy 0.1 at 60000 stop 59000', 'The market is missing.'],
    ['buy 0.1 BTC at 60000 at market stop 59000', 'I did not understand "at"'],
    ['buy 0.1 BTC at 60000 stop 61000', 'The stop of a buy order has to be below the limit, 60,000; 61,000 is not.'],
    ['buy 0.1 BTC at market stop 60500', 'below the price, 60,100'],
    ['sell 2 SOL at 150 stop 160 target 155', 'A target of a sell order has to be below the limit, 150; 155 is not.'],
    ['buy 0.1 BTC at 60.000 stop 59.000', '60 is far from the price of BTC-PERP, 60,100.'],
    ['buy 0.1 BTC at 60000 stop 59.000', '59 is far from the price'],
    ['buy 0.1 BTC at 60000 stop 59000 targets 61000 62000', 'share that leaves at each target'],
    ['buy 0.1 BTC at 60000 stop 59000 targets 61000 50% 62000 40%', 'add up to 100%'],
    ['buy 0.1 BTC at 60000 stop 59000 on binance', 'You have no venue called binance.'],
    ['sell 0.1 BTC at 60000 stop 61000', 'You are long BTC-PERP on paper, and an order never turns a position around.'],
    ['buy 0.1 BTC at 60000 stop 59000 if ETH falls', 'I did not understand "if"'],
    ['buy 0.1 ВТС at 60000 stop 59000', 'looks like BTC-PERP'],
    ['buy 2 SOL at 150 stop 140 5x', 'Your leverage is at most 4x, and no chat raises a limit.'],
    ['buy 2 SOL at 150 stop 140 2.5x', 'Leverage is a whole number, such as 2x; 2.5x is not.'],
    ['buy 2 SOL at 150 stop 140 0.5x', 'Leverage is a whole number'],
    ['buy 0.1 BTC at 60000 stop 59000 2x', 'You have BTC-PERP on paper at 3x already'],
    ['close ETH', 'You hold no position in ETH-PERP.'],
    ['close my short BTC', 'You hold no short position in BTC-PERP. You hold long 0.05 BTC-PERP on paper.'],
    ['reduce BTC', 'The share is missing. Say it whole: reduce BTC by <percent>%.'],
    ['cancel order bbbbbbbb', 'protects a position'],
    ['cancel my BTC order', 'You have no open entry order in BTC-PERP.'],
    ['cancel order cccccccc', 'You have no open order with the number cccccccc.'],
    ['cancel order', 'The order is missing.'],
    ['set autonomy', 'The level is missing.'],
    ['set max leverage', 'The value is missing.'],
    ['set max leverage to 5', 'A limit is not raised in a chat'],
    ['set daily loss to 15%', 'A limit is not raised in a chat'],
    ['set max positions to 2.5', 'Max open positions is a whole number.'],
    ['set aggression to reckless', 'I did not understand "reckless"'],
    ['move my stop to 59500', 'I did not understand "stop", "to" and "59500"'],
  ])('behavior: %s asks back', (text, expected) => {
    expect(actionOf(text)).toContain(expected);
  });

  it('behavior: of several that fit, it asks which', () => {
    const positions = [examplePosition(), examplePosition({ venue: 'hyperliquid', size: toSize('0.2') })];
    const several = { mine: exampleMine({ positions }) };
    expect(actionOf('close BTC', several)).toContain(
      'You hold several: long 0.05 BTC-PERP on paper and long 0.2 BTC-PERP on hyperliquid.',
    );
    expect(actionOf('close BTC on hyperliquid', several)).toMatchObject({
      kind: 'close-position',
      venue: 'hyperliquid',
    });
    const orders = [exampleOrder(), exampleOrder({ clientOrderId: 'aaaaaaaa000000000000000000000009' })];
    expect(actionOf('cancel order aaaaaaaa', { mine: exampleMine({ openOrders: orders }) })).toContain(
      'Say which by its number.',
    );
  });

  it('behavior: what is ordered is what the venue lists: the reference where it can be had, else said with its venue', () => {
    const at = (venue: string, from = venue) => ({ venue, instrumentId: `BTC-PERP@${from}` }) as const;
    const order = 'buy 0.1 BTC at 60000 stop 59000';
    const listing = (...listed: readonly ReturnType<typeof at>[]) => ({
      mine: exampleMine({ positions: [], listed: () => listed }),
    });
    const both = listing(at('hyperliquid', 'binance'), at('paper', 'hyperliquid'));
    expect(actionOf(order, both)).toMatchObject({ instrumentId: 'BTC-PERP@hyperliquid' });
    expect(actionOf(order, both)).not.toHaveProperty('venue');
    const here = { instrumentId: 'BTC-PERP@binance', venue: 'hyperliquid' };
    expect(actionOf(`${order} on hyperliquid`, both)).toMatchObject(here);
    expect(actionOf(order, listing(at('hyperliquid', 'binance')))).toMatchObject(here);
    expect(actionOf(`${order} on paper`, listing(at('hyperliquid')))).toBe('Your venue paper does not list BTC-PERP.');
    expect(actionOf(order, listing())).toBe('None of your venues lists BTC-PERP.');
  });

  it('behavior: a resting entry binds the leverage of its market too', () => {
    const openOrders = [exampleOrder({ leverage: 2 })];
    const mine = exampleMine({ openOrders });
    expect(actionOf('buy 1 ETH at 3000 stop 2900 3x', { mine })).toContain('You have ETH-PERP on paper at 2x already');
    expect(actionOf('buy 1 ETH at 3000 stop 2900 2x', { mine })).toMatchObject({ leverage: 2 });
  });

  it('behavior: without a price a market order is not drafted', () => {
    const shared = exampleShared({ tickers: {} });
    expect(actionOf('buy 0.1 BTC at market stop 59000', { shared })).toContain('There is no price of BTC-PERP now');
    expect(actionOf('buy 0.1 BTC at 60000 stop 59000', { shared })).toMatchObject({ kind: 'place-order' });
  });

  it('behavior: who has no venues trades on paper', () => {
    const mine = exampleMine({ user: exampleUser({ venues: [] }), accounts: [], positions: [] });
    expect(actionOf('buy 0.1 BTC at 60000 stop 59000 on paper', { mine })).toMatchObject({ venue: 'paper' });
  });

  it('behavior: whatever is said, a draft is a proposed action with the numbers that were said, and an order has its stop', () => {
    const verbs = fc.constantFrom('buy', 'sell', 'long', 'close', 'reduce', 'cancel', 'set', 'lower', 'pause');
    const clauses = fc.constantFrom(
      '0.1',
      '2',
      '$500',
      'BTC',
      'ETH',
      'SOL',
      'at 60000',
      'at market',
      'at 150',
      'stop 59000',
      'sl 155',
      'sl 61k',
      '3x',
      '9x',
      'target 62000',
      'tp 140',
      'half',
      'by 20%',
      'on paper',
      'max leverage to 3',
      'daily loss to 4%',
      'autonomy to suggest',
      'order aaaaaaaa',
      'order',
      'if',
    );
    let drafts = 0;
    fc.assert(
      fc.property(verbs, fc.uniqueArray(clauses, { maxLength: 6 }), (verb, rest) => {
        const text = [verb, ...rest].join(' ');
        const drafted = draft(text);
        if (drafted.outcome === 'ask') return;
        drafts += 1;
        const { action } = drafted;
        expect(proposedActionSchema.parse(action)).toEqual(action);
        if (action.kind !== 'place-order') return;
        const said = text.replace('61k', '61000').split(/[ $]/);
        expect(action.leverage).toBe(said.includes('3x') ? 3 : undefined);
        expect(said).not.toContain('9x');
        for (const number of [
          action.size,
          action.stopLoss,
          action.price,
          ...action.takeProfits.map(({ price }) => price),
        ])
          if (number !== undefined) expect(said).toContain(number);
        const entry = Number(
          action.price ?? exampleShared().ticker(action.instrumentId.split('@')[0] ?? '')?.value.mark,
        );
        expect(Math.sign(entry - Number(action.stopLoss))).toBe(action.side === 'buy' ? 1 : -1);
      }),
      { numRuns: 5_000, seed: 5 },
    );
    expect(drafts).toBeGreaterThan(100);
  });
});
