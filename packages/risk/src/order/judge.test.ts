import { type RejectionCode, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { emptyMemory } from '../state/risk-memory.ts';
import {
  anAccount,
  anEntryInput,
  anInstrument,
  anIntent,
  anOrderBook,
  aPending,
  aPosition,
  aTicker,
  aUser,
  fresh,
  noonMs,
  stale,
} from '../testing/fixtures.ts';
import { entryControls, exitControls, judge, planControls } from './judge.ts';
import type { EntryInput } from './order-input.ts';
import { orderLimitDefaults } from './order-limits.ts';
import { parseIntent } from './validity.ts';

const code = (input: EntryInput): RejectionCode | 'passed' => judge(entryControls, input).rejection?.code ?? 'passed';
const ticker = aTicker('BTC-PERP@hyperliquid', 60_000);
const anOrder = (overrides: Record<string, unknown> = {}, status: 'open' | 'unresolved' | 'filled' = 'open') => ({
  ...anIntent({ clientOrderId: '1'.repeat(32), ...overrides }),
  status,
  filledSize: toSize(0),
  createdAtMs: noonMs,
  updatedAtMs: noonMs,
});
const btc = (overrides = {}) =>
  aPosition({
    instrumentId: 'BTC-PERP@hyperliquid',
    margin: toUsd(10),
    size: toSize('0.0005'),
    entryPrice: toPrice(60_000),
    markPrice: toPrice(60_000),
    protection: { stopLoss: toPrice(59_400), stopSize: toSize('0.0005'), takeProfits: [] },
    ...overrides,
  });

describe('entryControls', () => {
  it('default: an order in order passes every control, in their order', () => {
    const { rejection, steps } = judge(entryControls, anEntryInput());
    expect(rejection).toBeUndefined();
    expect(steps.map(({ step }) => step)).toEqual([
      'trading-state',
      'permission',
      'market-data',
      'venue-rules',
      'price-collar',
      'stop',
      'unresolved',
      'duplicate',
      'message-throttle',
      'repeated-entries',
      'self-match',
      'one-direction',
      'order-size',
      'loss-limits',
      'liquidation',
      'exposure',
    ]);
  });

  const refused: readonly [string, RejectionCode, EntryInput][] = [
    ['trading-state: halted', 'trading.halted', anEntryInput({ tradingState: 'halted' })],
    ['trading-state: reducing', 'trading.reducing', anEntryInput({ tradingState: 'reducing' })],
    ['trading-state: audit', 'audit.unavailable', anEntryInput({ auditWritable: false })],
    ['trading-state: lease', 'lease.missing', anEntryInput({ leased: false })],
    ['permission: no venue', 'venue.none', anEntryInput({ venue: undefined })],
    [
      'permission: unhealthy',
      'venue.unhealthy',
      anEntryInput({ venue: { name: 'x', kind: 'live', marginModes: ['isolated'], unhealthy: 'down' } }),
    ],
    [
      'permission: margin mode',
      'margin-mode.not-permitted',
      anEntryInput({ venue: { name: 'x', kind: 'live', marginModes: ['cross'], unhealthy: undefined } }),
    ],
    [
      'permission: a look-alike symbol',
      'instrument.unknown',
      anEntryInput({ instrument: undefined, intent: anIntent({ instrumentId: 'BТC-PERP@hyperliquid' }) }),
    ],
    [
      'permission: inverse',
      'settlement.unsupported',
      anEntryInput({ instrument: anInstrument({ contract: 'inverse' }) }),
    ],
    [
      'permission: halted instrument',
      'instrument.not-trading',
      anEntryInput({ instrument: anInstrument({ status: 'halted' }) }),
    ],
    ['permission: not permitted', 'instrument.not-permitted', anEntryInput({ permitted: false })],
    ['permission: inactive user', 'instrument.not-permitted', anEntryInput({ user: aUser({ active: false }) })],
    [
      'permission: hedge mode',
      'hedge-mode.unsupported',
      anEntryInput({ account: fresh(anAccount(10_000, { positionMode: 'hedge' })) }),
    ],
    ['permission: account unknown', 'account.unknown', anEntryInput({ account: undefined })],
    ['permission: account stale', 'account.unknown', anEntryInput({ account: stale(anAccount(10_000)) })],
    ['market-data: none', 'market-data.missing', anEntryInput({ ticker: undefined })],
    ['market-data: stale', 'market-data.stale', anEntryInput({ ticker: stale(ticker) })],
    [
      'market-data: not finite',
      'market-data.invalid',
      anEntryInput({ ticker: fresh({ ...ticker, ask: Number.POSITIVE_INFINITY }) }),
    ],
    ['venue-rules: lot', 'size.invalid', anEntryInput({ intent: anIntent({ size: '0.020001' }) })],
    ['venue-rules: tick', 'price.invalid', anEntryInput({ intent: anIntent({ price: '60000.05' }) })],
    ['venue-rules: minimum', 'size.below-minimum', anEntryInput({ intent: anIntent({ size: '0.00016' }) })],
    ['price-collar: from the mark', 'price.collar', anEntryInput({ intent: anIntent({ price: '63000.1' }) })],
    ['price-collar: a zero too many', 'price.collar', anEntryInput({ intent: anIntent({ price: '600000' }) })],
    ['price-collar: from the index', 'price.collar', anEntryInput({ ticker: fresh({ ...ticker, index: 63_200 }) })],
    [
      'price-collar: near the mark, far from the index',
      'price.collar',
      anEntryInput({ ticker: fresh({ ...ticker, index: 58_000 }), intent: anIntent({ price: '62000' }) }),
    ],
    [
      'price-collar: from another venue',
      'price.collar',
      anEntryInput({ referenceTicker: fresh(aTicker('BTC-PERP@x', 56_000)) }),
    ],
    ['stop: missing', 'stop.missing', anEntryInput({ intent: anIntent({ origin: 'agent', stopLoss: undefined }) })],
    ['stop: wrong side', 'stop.wrong-side', anEntryInput({ intent: anIntent({ stopLoss: '60000.1' }) })],
    ['stop: wrong side of a short', 'stop.wrong-side', anEntryInput({ intent: anIntent({ side: 'sell' }) })],
    ['stop: passed by the mark', 'stop.wrong-side', anEntryInput({ ticker: fresh({ ...ticker, mark: 59_300 }) })],
    [
      'unresolved',
      'order.unresolved',
      anEntryInput({ openOrders: [anOrder({ instrumentId: 'BTC-PERP@okx', venue: 'okx' }, 'unresolved')] }),
    ],
    ['duplicate', 'order.duplicate', anEntryInput({ duplicateOf: '1'.repeat(32) })],
    ['message-throttle', 'order.throttled', anEntryInput({ entryMessages: 30 })],
    [
      'self-match',
      'order.self-match',
      anEntryInput({ openOrders: [anOrder({ side: 'sell', price: '60000', stopLoss: '60600' })] }),
    ],
    [
      'one-direction: opposite',
      'position.opposite',
      anEntryInput({
        positions: [
          btc({
            direction: 'short',
            protection: { stopLoss: toPrice(60_600), stopSize: toSize('0.0005'), takeProfits: [] },
          }),
        ],
      }),
    ],
    ['one-direction: exists', 'position.exists', anEntryInput({ positions: [btc()] })],
    [
      'order-size: user',
      'order-notional.limit',
      anEntryInput({ user: aUser({ limits: { maxOrderNotional: toUsd(1199) } }) }),
    ],
    [
      'order-size: operator',
      'order-notional.limit',
      anEntryInput({ operator: { usedNotional: toUsd(0), maxOrderNotional: toUsd(1199) } }),
    ],
    [
      'order-size: market',
      'order-size.limit',
      anEntryInput({ orderLimits: { ...orderLimitDefaults, maxOrderSize: { 'BTC-PERP': toSize('0.01') } } }),
    ],
    [
      'order-size: depth',
      'depth.limit',
      anEntryInput({
        intent: anIntent({ type: 'market', price: undefined }),
        book: fresh(
          anOrderBook({
            asks: [
              [60_010, 0.015],
              [63_100, 9],
            ],
          }),
        ),
      }),
    ],
    [
      'order-size: a stale book',
      'market-data.stale',
      anEntryInput({ intent: anIntent({ type: 'market', price: undefined }), book: stale(anOrderBook()) }),
    ],
    ['loss-limits', 'daily-loss.limit', anEntryInput({ equity: 9_000, dayOpenEquity: toUsd(10_000) })],
    ['liquidation: leverage over the tier', 'leverage.limit', anEntryInput({ intent: anIntent({ leverage: 3.5 }) })],
    ['liquidation: leverage unknown', 'leverage.limit', anEntryInput({ intent: anIntent({ leverage: undefined }) })],
    [
      'liquidation: stop beyond it',
      'stop.beyond-liquidation',
      anEntryInput({ intent: anIntent({ stopLoss: '40500' }) }),
    ],
    [
      'liquidation: too close to the stop',
      'liquidation.too-close',
      anEntryInput({ intent: anIntent({ stopLoss: '47000' }) }),
    ],
    [
      'liquidation: too close without a stop',
      'liquidation.too-close',
      anEntryInput({
        user: aUser({ limits: { maxLeverage: 40 } }),
        intent: anIntent({ leverage: 40, stopLoss: undefined }),
      }),
    ],
    ['exposure: first trade', 'first-trade.limit', anEntryInput({ filledTrades: 0, equity: 5_000 })],
    ['exposure: position margin', 'position-margin.limit', anEntryInput({ equity: 7_999 })],
    [
      'exposure: total margin',
      'total-margin.limit',
      anEntryInput({ positions: [aPosition({ margin: toUsd('1600.1') })] }),
    ],
    [
      'exposure: portfolio risk without a stop',
      'portfolio-risk.limit',
      anEntryInput({
        user: aUser({ limits: { maxPortfolioRisk: toRate('0.03') } }),
        intent: anIntent({ stopLoss: undefined }),
      }),
    ],
    [
      'exposure: available margin',
      'margin.insufficient',
      anEntryInput({ account: fresh(anAccount(10_000, { availableMargin: toUsd(401) })) }),
    ],
    [
      'exposure: positions',
      'positions.maximum',
      anEntryInput({ user: aUser({ limits: { maxOpenPositions: 1 } }), positions: [aPosition({ margin: toUsd(1) })] }),
    ],
    [
      'exposure: operator',
      'operator.limit',
      anEntryInput({ operator: { maxNotional: toUsd(5_000), usedNotional: toUsd('3800.01') } }),
    ],
    [
      'exposure: a resting order of unknown price',
      'order.unresolved',
      anEntryInput({
        openOrders: [anOrder({ instrumentId: 'ETH-PERP@hyperliquid', type: 'market', price: undefined })],
      }),
    ],
  ];
  it.each(refused)('error: %s', (name, expected, input) => {
    const { rejection, steps } = judge(entryControls, input);
    expect(rejection?.code).toBe(expected);
    expect(rejection?.limit).toBeTruthy();
    expect(rejection?.actual).toBeTruthy();
    expect(steps.at(-1)?.step).toBe(name.split(':')[0]);
  });

  it('behavior: bounds themselves pass', () => {
    expect(code(anEntryInput({ intent: anIntent({ price: '63000', leverage: 3, size: '0.02' }) }))).toBe('passed');
    expect(code(anEntryInput({ equity: 8_000 }))).toBe('passed');
    expect(
      code(
        anEntryInput({
          positions: [aPosition({ margin: toUsd(1600) })],
          user: aUser({ limits: { maxPortfolioRisk: toRate(1) } }),
        }),
      ),
    ).toBe('passed');
    expect(code(anEntryInput({ operator: { maxNotional: toUsd(5_000), usedNotional: toUsd(3_800) } }))).toBe('passed');
    expect(code(anEntryInput({ entryMessages: 29 }))).toBe('passed');
  });

  it('behavior: an order does not stand in its own way', () => {
    expect(code(anEntryInput({ openOrders: [{ ...anOrder(), ...anIntent(), status: 'unresolved' as const }] }))).toBe(
      'passed',
    );
  });

  it('behavior: resting orders without a reservation count as exposure', () => {
    const resting = anOrder({ instrumentId: 'ETH-PERP@hyperliquid', size: '2', price: '3000', stopLoss: '2990' });
    expect(code(anEntryInput({ openOrders: [resting] }))).toBe('total-margin.limit');
    expect(code(anEntryInput({ openOrders: [{ ...resting, filledSize: toSize('0.5'), size: toSize('1') }] }))).toBe(
      'passed',
    );
  });

  it('behavior: automated entries are throttled by trade and hour, people go on', () => {
    const entries = Array.from({ length: 6 }, (_, index) => ({
      trade: `t${index}`,
      market: 'BTC-PERP',
      atMs: noonMs - 3_599_999,
    }));
    const memory = { ...emptyMemory, entries };
    expect(code(anEntryInput({ memory, intent: anIntent({ origin: 'agent' }) }))).toBe('entries.throttled');
    expect(code(anEntryInput({ memory, intent: anIntent({ origin: 'agent', tradeId: 't0' }) }))).toBe('passed');
    expect(code(anEntryInput({ memory }))).toBe('passed');
    expect(code(anEntryInput({ memory, atMs: noonMs + 1, intent: anIntent({ origin: 'agent' }) }))).toBe('passed');
    expect(
      code(anEntryInput({ memory: { ...emptyMemory, tripped: ['BTC-PERP'] }, intent: anIntent({ origin: 'api' }) })),
    ).toBe('entries.throttled');
  });

  it('behavior: one that throws refuses', () => {
    const broken = {
      name: 'broken',
      check: () => {
        throw new Error('boom');
      },
    };
    expect(judge([broken], anEntryInput()).rejection).toMatchObject({ code: 'order.invalid', actual: 'error' });
  });
});

describe('planControls', () => {
  it('default: a plan as a whole passes all but what is about one message, its liquidity and what the account bears', () => {
    const { rejection, steps } = judge(planControls, anEntryInput({ entryMessages: 30, equity: 5_000 }));
    expect(rejection).toBeUndefined();
    const left = new Set(steps.map(({ step }) => step));
    const passedOver = judge(entryControls, anEntryInput()).steps.filter(({ step }) => !left.has(step));
    expect(passedOver.map(({ step }) => step)).toEqual([
      ...['duplicate', 'message-throttle', 'repeated-entries', 'self-match', 'order-size', 'exposure'],
    ]);
    expect(judge(planControls, anEntryInput({ tradingState: 'halted' })).rejection?.code).toBe('trading.halted');
  });
});

describe('legs of a signal', () => {
  const signalId = 'signal:1';
  const pending = aPending({
    signalId,
    instrumentId: 'BTC-PERP@hyperliquid',
    size: toSize('0.03'),
    leverage: 3,
    stopLoss: toPrice(59_400),
  });
  const leg = (overrides: Record<string, unknown> = {}) => anIntent({ origin: 'agent', signalId, ...overrides });
  const asked = (overrides: Parameters<typeof anEntryInput>[0] = {}) =>
    code(anEntryInput({ tier: 'intermediate', intent: leg(), pending: [pending], ...overrides }));

  it('default: a leg within its signal passes', () => {
    expect(asked()).toBe('passed');
    expect(asked({ intent: leg({ size: '0.03' }) })).toBe('passed');
  });

  it('behavior: not once the account has shrunk under what is filled, rests and is asked for, by more than marks move', () => {
    // Margin of 0.03 BTC at 60,000 and 3× is 600: 10 % of equity is the most in one market, 40 % in all.
    const whole = { intent: leg({ size: '0.03' }) };
    const least = 600 / 0.1 / 1.01;
    expect(asked({ ...whole, equity: Math.ceil(least) })).toBe('passed');
    expect(asked({ ...whole, equity: Math.floor(least) })).toBe('position-margin.limit');
    const resting = anOrder({ signalId, size: '0.02', origin: 'agent', clientOrderId: '2'.repeat(32), leverage: 3 });
    const rest = { intent: leg({ size: '0.01' }), openOrders: [resting] };
    expect(asked({ ...rest, equity: Math.ceil(least) })).toBe('passed');
    expect(asked({ ...rest, equity: Math.floor(least) })).toBe('position-margin.limit');
    const elsewhere = aPending({
      signalId: 'signal:2',
      instrumentId: 'ETH-PERP@hyperliquid',
      initialMargin: toUsd(1_824),
    });
    const both = { ...whole, pending: [pending, elsewhere] };
    expect(asked({ ...both, equity: 6_000 })).toBe('passed');
    expect(asked({ ...both, equity: 5_999 })).toBe('total-margin.limit');
    // What rests of others counts as what is pending does: 2 ETH at 2,736 and 3× hold 1,824.
    const other = anOrder({ instrumentId: 'ETH-PERP@hyperliquid', size: '2', price: '2736', stopLoss: '2700' });
    expect(asked({ ...whole, openOrders: [other], equity: 6_000 })).toBe('passed');
    expect(asked({ ...whole, openOrders: [other], equity: 5_999 })).toBe('total-margin.limit');
  });

  it('error: more than the signal, another thing, another leverage, a reservation that is over', () => {
    expect(asked({ intent: leg({ size: '0.03001' }) })).toBe('order-size.limit');
    expect(asked({ intent: leg({ side: 'sell', stopLoss: '60600' }) })).toBe('order.invalid');
    expect(asked({ intent: leg({ leverage: 2 }) })).toBe('leverage.limit');
    expect(asked({ pending: [] })).toBe('recommendation.expired');
    expect(asked({ atMs: noonMs + 900_000, ticker: fresh(ticker) })).toBe('recommendation.expired');
  });

  it('behavior: what is filled, rests and is under way counts', () => {
    const drawn = {
      clientOrderId: '2'.repeat(32),
      size: toSize('0.02'),
      heldBefore: toSize(0),
      expiresAtMs: noonMs + 1_000,
    };
    expect(asked({ pending: [{ ...pending, legs: [drawn] }] })).toBe('order-size.limit');
    // It is the same leg, asked for again.
    expect(asked({ pending: [{ ...pending, legs: [drawn] }], intent: leg({ clientOrderId: '2'.repeat(32) }) })).toBe(
      'passed',
    );
    // It can not be sent any more.
    expect(asked({ pending: [{ ...pending, legs: [drawn] }], atMs: noonMs + 1_001 })).toBe('passed');
    // It rests: counted once.
    const resting = anOrder({ signalId, size: '0.01', origin: 'agent', clientOrderId: '2'.repeat(32) });
    const small = { ...drawn, size: toSize('0.01') };
    expect(asked({ pending: [{ ...pending, legs: [small] }], openOrders: [resting] })).toBe('passed');
    // It was filled: counted once, and as part of the same trade.
    const held = btc({ size: toSize('0.01') });
    expect(asked({ pending: [{ ...pending, legs: [small] }], positions: [held] })).toBe('passed');
    expect(
      asked({ pending: [{ ...pending, legs: [small] }], positions: [held], intent: leg({ size: '0.02001' }) }),
    ).toBe('order-size.limit');
    // It adds to what was held before the signal, which this user does not do.
    expect(asked({ pending: [{ ...pending, baseline: toSize('0.01') }], positions: [held] })).toBe('position.exists');
    // Given back in part.
    expect(asked({ pending: [{ ...pending, remaining: toSize('0.01999') }] })).toBe('order-size.limit');
  });
});

describe('exitControls', () => {
  const exit = (overrides: Record<string, unknown> = {}) =>
    anIntent({
      side: 'sell',
      type: 'market',
      price: undefined,
      stopLoss: undefined,
      reduceOnly: true,
      purpose: 'exit',
      size: '0.0005',
      ...overrides,
    });
  const verdict = (intent = exit(), input: Partial<EntryInput> = {}) =>
    judge(exitControls, {
      intent,
      atMs: noonMs,
      positions: [btc()],
      orderLimits: orderLimitDefaults,
      exitMessages: 0,
      ...input,
    }).rejection?.code ?? 'passed';

  it('default: a close of what is held passes', () => {
    expect(verdict()).toBe('passed');
    expect(verdict(exit({ size: '0.000499' }))).toBe('passed');
  });

  it('error: more than is held, the wrong side, nothing held', () => {
    expect(verdict(exit({ size: '0.00051' }))).toBe('reduce-only.violated');
    expect(verdict(exit({ side: 'buy' }))).toBe('reduce-only.violated');
    expect(verdict(exit(), { positions: [] })).toBe('reduce-only.violated');
    expect(verdict(exit({ venue: 'okx' }))).toBe('reduce-only.violated');
  });

  it('behavior: exits have room of their own, the kill switch has no bound', () => {
    expect(verdict(exit(), { exitMessages: 119 })).toBe('passed');
    expect(verdict(exit(), { exitMessages: 120 })).toBe('order.throttled');
    expect(verdict(exit({ origin: 'kill-switch' }), { exitMessages: 10_000 })).toBe('passed');
  });
});

describe('parseIntent', () => {
  const verdict = (overrides: Record<string, unknown>) => {
    const parsed = parseIntent({ ...anIntent(), ...overrides });
    return parsed.ok ? 'passed' : parsed.rejection.code;
  };

  it('default: an intent comes back as a copy', () => {
    const intent = anIntent();
    const parsed = parseIntent(intent);
    expect(parsed.ok && parsed.intent).toEqual(intent);
    expect(parsed.ok && parsed.intent).not.toBe(intent);
  });

  it('error: NaN, zeros, negatives, huge and look-alike numbers', () => {
    for (const size of [
      '0',
      '-0',
      '-1',
      'NaN',
      '1e400',
      '1e3',
      '٠.٠٢',
      '0,02',
      '',
      '9'.repeat(31),
      Number.NaN,
      0.02,
      null,
      undefined,
    ]) {
      expect(verdict({ size }), String(size)).toBe('size.invalid');
    }
    for (const price of ['0', '-60000', 'Infinity', '6e4', '６００００', null])
      expect(verdict({ price }), String(price)).toBe('price.invalid');
    for (const leverage of [0, -3, Number.NaN, Number.POSITIVE_INFINITY, '3'])
      expect(verdict({ leverage }), String(leverage)).toBe('leverage.limit');
  });

  it('error: flags that contradict one another, what a type needs', () => {
    expect(verdict({ purpose: 'stop-loss' })).toBe('reduce-only.violated');
    expect(verdict({ reduceOnly: true })).toBe('order.invalid');
    expect(verdict({ origin: 'kill-switch' })).toBe('order.invalid');
    expect(verdict({ price: undefined })).toBe('price.invalid');
    expect(verdict({ type: 'stop-market', price: undefined })).toBe('price.invalid');
    expect(verdict({ side: 'BUY' })).toBe('order.invalid');
    expect(verdict({ instrumentId: 'BTC' })).toBe('instrument.unknown');
    expect(parseIntent(null)).toMatchObject({ ok: false, rejection: { code: 'order.invalid' } });
  });
});
