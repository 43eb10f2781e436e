import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { anEntryInput, anIntent, aPending, aPosition, aTicker, fresh } from '../testing/fixtures.ts';
import { directionOf, heldHere, leverageOf, notionalPrice, pendingOf, quoteOf, worstPrice } from './entry-order.ts';
import { lossLimits } from './loss-limits.ts';
import { permission } from './permission.ts';
import { reduceOnlyTruth } from './reduce-only.ts';
import { stop } from './stop.ts';
import { parseIntent } from './validity.ts';
import { venueRules } from './venue-rules.ts';

const btc = 'BTC-PERP@hyperliquid';
const said = (value: unknown): string => {
  const parsed = parseIntent(value);
  return parsed.ok ? 'ok' : `${parsed.rejection.code} ${parsed.rejection.limit} ${parsed.rejection.actual}`;
};
const exit = (overrides: Record<string, unknown> = {}) =>
  anIntent({ side: 'sell', reduceOnly: true, purpose: 'exit', stopLoss: undefined, leverage: undefined, ...overrides });

describe('parseIntent', () => {
  it('default: a copy of what is usable, members that are undefined left out', () => {
    const intent = anIntent();
    const parsed = parseIntent({ ...intent, traceId: undefined });
    expect(parsed).toEqual({ ok: true, intent });
    expect(parsed.ok && parsed.intent).not.toBe(intent);
    expect(parsed.ok && 'traceId' in parsed.intent).toBe(false);
  });

  it('error: amounts of nothing, each by its name', () => {
    const at = (field: string, value: string) => said({ ...anIntent(), [field]: value });
    expect(at('size', '0')).toBe('size.invalid above 0 0');
    expect(at('price', '0')).toBe('price.invalid above 0 0');
    expect(at('triggerPrice', '0')).toBe('price.invalid above 0 0');
    expect(at('stopLoss', '0')).toBe('price.invalid above 0 0');
    expect(at('size', 'NaN')).toMatch(/^size\.invalid .* NaN$/);
    expect(at('price', '1e400')).toMatch(/^price\.invalid .* 1e400$/);
    expect(at('instrumentId', 'nothing')).toMatch(/^instrument\.unknown .* nothing$/);
    expect(at('side', 'both')).toMatch(/^order\.invalid .* both$/);
  });

  it('error: what is no order at all', () => {
    for (const value of [undefined, null, 7, 'order', [], {}])
      expect(said(value)).toMatch(/^order\.invalid|^instrument/);
  });

  it('error: a leverage that is not finite', () => {
    for (const leverage of [Number.POSITIVE_INFINITY, Number.NaN, -1, 0])
      expect(said({ ...anIntent(), leverage })).toMatch(/^leverage\.limit /);
    expect(said({ ...anIntent(), leverage: 2.5 })).toBe('ok');
  });

  it('error: what a type needs', () => {
    expect(said(anIntent({ price: undefined }))).toBe('price.invalid price none');
    expect(said(anIntent({ type: 'market', price: undefined }))).toBe('ok');
    expect(said(anIntent({ type: 'stop-market', price: undefined }))).toBe('price.invalid triggerPrice none');
    expect(said(anIntent({ type: 'take-profit-market' }))).toBe('price.invalid triggerPrice none');
    expect(said(anIntent({ type: 'take-profit-market', price: undefined, triggerPrice: '61000' }))).toBe('ok');
  });

  it('error: only entries add risk, and nothing else is an entry', () => {
    expect(said(exit())).toBe('ok');
    expect(said(exit({ reduceOnly: false }))).toBe('reduce-only.violated reduce-only not');
    expect(said(anIntent({ purpose: 'stop-loss' }))).toBe('reduce-only.violated reduce-only not');
    expect(said(anIntent({ reduceOnly: true }))).toBe('order.invalid not reduce-only reduce-only');
    expect(said(anIntent({ origin: 'kill-switch' }))).toBe('order.invalid an exit an entry');
    expect(said(exit({ origin: 'kill-switch' }))).toBe('ok');
  });
});

describe('what an order is about', () => {
  const held = (changes: Parameters<typeof aPosition>[0] = {}) => aPosition({ instrumentId: btc, ...changes });

  it('default: the direction, the position and the signal of an order', () => {
    expect([directionOf(anEntryInput()), directionOf(anEntryInput({ intent: anIntent({ side: 'sell' }) }))]).toEqual([
      ...['long', 'short'],
    ]);
    const there = held();
    const find = (positions: readonly ReturnType<typeof held>[]) => heldHere({ intent: anIntent(), positions });
    expect(find([held({ venue: 'okx' }), aPosition(), held({ size: toSize(0) }), there])).toBe(there);
    expect(find([held({ venue: 'okx' }), aPosition(), held({ size: toSize(0) })])).toBeUndefined();
    const own = aPending({ signalId: 'signal:2', leverage: 5 });
    const at = (intent = anIntent({ signalId: 'signal:2', leverage: undefined }), pending = [aPending(), own]) =>
      ({ ...anEntryInput(), intent, pending }) as ReturnType<typeof anEntryInput>;
    expect(pendingOf(at())).toBe(own);
    expect(pendingOf(at(anIntent()))).toBeUndefined();
    expect(pendingOf(at(undefined, [aPending({ signalId: 'signal:2', expiresAtMs: 0 })]))).toBeUndefined();
    expect(leverageOf(at())).toBe(5);
    expect(leverageOf(at(anIntent({ signalId: 'signal:2', leverage: 4 })))).toBe(4);
    expect(leverageOf(at(anIntent({ leverage: undefined })))).toBeUndefined();
  });

  it('behavior: without a usable price there is none, a limit keeps its own', () => {
    const blind = anEntryInput({ ticker: undefined, intent: anIntent({ side: 'sell' }) });
    expect(quoteOf(blind)).toBeUndefined();
    expect([worstPrice(blind)?.toFixed(), notionalPrice(blind)?.toFixed()]).toEqual(['60000', '60000']);
    const market = anEntryInput({ ticker: undefined, intent: anIntent({ type: 'market', price: undefined }) });
    expect([worstPrice(market), notionalPrice(market)]).toEqual([undefined, undefined]);
    const sell = anEntryInput({
      ticker: undefined,
      intent: anIntent({ type: 'market', price: undefined, side: 'sell' }),
    });
    expect([worstPrice(sell), notionalPrice(sell)]).toEqual([undefined, undefined]);
  });

  it('error: rules and losses of what is not known', () => {
    const code = (control: typeof venueRules, changes: Parameters<typeof anEntryInput>[0]) =>
      control.check(anEntryInput(changes))?.code;
    expect(code(venueRules, { instrument: undefined })).toBe('instrument.unknown');
    const blind = { ticker: undefined, intent: anIntent({ type: 'market', price: undefined }) };
    expect(code(venueRules, blind)).toBe('instrument.unknown');
    expect(code(lossLimits, { account: undefined })).toBe('account.unknown');
    expect(code(permission, { intent: anIntent({ instrumentId: 'ETH-PERP@hyperliquid' }) })).toBe('instrument.unknown');
  });
});

describe('stop', () => {
  it('default: on the losing side of the worst price and of the mark, the signal’s where it has none of its own', () => {
    const code = (changes: Parameters<typeof anEntryInput>[0]) => stop.check(anEntryInput(changes))?.code ?? 'right';
    const ticker = (mark: number) => fresh(aTicker(btc, 60_000, { mark }));
    expect(code({})).toBe('right');
    expect(code({ intent: anIntent({ stopLoss: '60000' }) })).toBe('stop.wrong-side');
    expect(code({ ticker: ticker(59_400) })).toBe('stop.wrong-side');
    expect(code({ ticker: ticker(59_401) })).toBe('right');
    const short = anIntent({ side: 'sell', stopLoss: '60600' });
    expect(code({ intent: short })).toBe('right');
    expect(code({ intent: short, ticker: ticker(60_600) })).toBe('stop.wrong-side');
    expect(code({ ticker: undefined })).toBe('stop.wrong-side');
    const leg = anIntent({ signalId: 'signal:1', origin: 'agent', stopLoss: undefined });
    expect(code({ intent: leg })).toBe('stop.missing');
    expect(code({ intent: leg, pending: [aPending({ stopLoss: toPrice(59_400) })] })).toBe('right');
    expect(code({ intent: leg, pending: [aPending({ stopLoss: toPrice(60_400) })] })).toBe('stop.wrong-side');
    expect(code({ intent: anIntent({ stopLoss: undefined }) })).toBe('right');
  });
});

describe('reduce-only', () => {
  const held = (changes: Parameters<typeof aPosition>[0] = {}) =>
    aPosition({ instrumentId: btc, size: toSize('0.02'), ...changes });
  const at = (intent: ReturnType<typeof exit>, positions: readonly ReturnType<typeof held>[]) => {
    const rejection = reduceOnlyTruth.check(anEntryInput({ intent, positions }));
    return rejection === undefined ? 'passed' : `${rejection.code} ${rejection.limit} ${rejection.actual}`;
  };

  it('default: on the other side, no more than is held, of the very position', () => {
    expect(reduceOnlyTruth.name).toBe('reduce-only');
    expect(at(exit(), [held()])).toBe('passed');
    expect(at(exit({ size: '0.0201' }), [held()])).toBe('reduce-only.violated 0.02 0.0201');
    expect(at(exit({ side: 'buy' }), [held()])).toBe('reduce-only.violated sell buy');
    expect(at(exit({ side: 'buy' }), [held({ direction: 'short' })])).toBe('passed');
    expect(at(exit(), [held({ direction: 'short' })])).toBe('reduce-only.violated buy sell');
    for (const positions of [[], [held({ venue: 'okx' })], [aPosition()], [held({ size: toSize(0) })]])
      expect(at(exit(), positions)).toBe('reduce-only.violated a position none');
  });
});
