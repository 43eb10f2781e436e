import {
  type Opinion,
  type Recommendation,
  type RejectionCode,
  riskDecisionSchema,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import {
  anAccount,
  anInstrument,
  aPending,
  aPosition,
  aRecommendation,
  aRecommendationInput,
  aTicker,
  aUser,
  fresh,
  noonMs,
  stale,
} from '../testing/fixtures.ts';
import { evaluate } from './evaluate.ts';
import type { RecommendationInput } from './recommendation-input.ts';

const rejectionOf = (input: RecommendationInput) => {
  const { decision } = evaluate(input);
  if (decision.outcome !== 'rejected') throw new Error('It passed.');
  return decision;
};
const signalOf = (input: RecommendationInput) => {
  const { decision } = evaluate(input);
  if (decision.outcome !== 'signal') throw new Error(`${decision.rejection.code}: ${decision.rejection.message}`);
  return decision.signal;
};

describe('evaluate', () => {
  it('default: a signal with its reservation, every step logged', () => {
    const { decision, pending } = evaluate(aRecommendationInput());
    expect(riskDecisionSchema.parse(decision)).toEqual(decision);
    expect(decision.steps.map(({ step }) => step)).toEqual([
      'pre-filter',
      'venue-routing',
      'levels',
      'positions-held',
      'personal-scoring',
      'sizing',
      'scaling',
      'first-trade-cap',
      'confidence-scaling',
      'portfolio-risk',
      'exposure-cap',
      'order-notional',
      'venue-exposure',
      'operator-cap',
      'available-margin',
      'lot',
      'reservation',
    ]);
    expect(decision).toMatchObject({
      id: 'decision:recommendation:BTC-PERP:15m:1:ada',
      signal: {
        id: 'signal:recommendation:BTC-PERP:15m:1:ada',
        venue: 'paper',
        marginMode: 'isolated',
        isFirstTrade: false,
      },
      reservation: { initialMargin: '500', fees: '1.4925', notional: '1500', riskAtStop: '16.4925' },
    });
    expect(pending).toMatchObject({ size: '0.025', remaining: '0.025', baseline: '0', leverage: 3, stopLoss: '59400' });
    expect(decision.steps.find(({ step }) => step === 'reservation')).toMatchObject({
      before: { available: '10000' },
      after: { available: '9498.5075' },
    });
  });

  it('behavior: equal inputs give equal decisions, to the byte', () => {
    expect(JSON.stringify(evaluate(aRecommendationInput()))).toBe(JSON.stringify(evaluate(aRecommendationInput())));
  });

  it('behavior: a rejection keeps the steps that led to it', () => {
    const { steps, rejection } = rejectionOf(aRecommendationInput({ positions: [aPosition({ margin: toUsd(2000) })] }));
    expect(steps.map(({ step }) => step).slice(-2)).toEqual(['portfolio-risk', 'size']);
    expect(steps.at(-1)).toMatchObject({ after: { rejected: rejection.code } });
  });
});

describe('1 pre-filter', () => {
  const refused: readonly [RejectionCode, string, RecommendationInput][] = [
    ['trading.halted', 'the kill switch', aRecommendationInput({ tradingState: 'halted' })],
    ['trading.reducing', 'only less risk', aRecommendationInput({ tradingState: 'reducing' })],
    ['audit.unavailable', 'no audit log', aRecommendationInput({ auditWritable: false })],
    ['lease.missing', 'no lease', aRecommendationInput({ leased: false })],
    ['balance.zero', 'no balance', aRecommendationInput({ equity: 0 })],
    ['recommendation.expired', 'too late', aRecommendationInput({ atMs: noonMs + 900_000 })],
    [
      'confidence.low',
      'not convinced',
      aRecommendationInput({ recommendation: aRecommendation({ confidence: 0.59 }) }),
    ],
    [
      'confidence.low',
      'confidence NaN',
      aRecommendationInput({ recommendation: aRecommendation({ confidence: Number.NaN }) }),
    ],
    [
      'geometry.invalid',
      'stop above a long entry',
      aRecommendationInput({ recommendation: aRecommendation({ stopLoss: toPrice(60_001) }) }),
    ],
    [
      'geometry.invalid',
      'stop at the entry',
      aRecommendationInput({ recommendation: aRecommendation({ stopLoss: toPrice(60_000) }) }),
    ],
    [
      'geometry.invalid',
      'a negative stop',
      aRecommendationInput({ recommendation: aRecommendation({ stopLoss: toPrice(-1) }) }),
    ],
    [
      'geometry.invalid',
      'no take profit',
      aRecommendationInput({ recommendation: aRecommendation({ takeProfits: [] }) }),
    ],
    [
      'recommendation.invalid',
      'an ATR of infinity',
      aRecommendationInput({ recommendation: aRecommendation({ atr: Number.POSITIVE_INFINITY }) }),
    ],
  ];
  it.each(refused)('error: %s: %s', (code, _, input) => {
    const { rejection } = rejectionOf(input);
    expect(rejection.code).toBe(code);
    expect(rejection.limit).toBeTruthy();
    expect(rejection.actual).toBeTruthy();
  });

  it('error: notation that only looks like a number', () => {
    for (const entry of ['6e4', '٦٠٠٠٠', '60000 ', '0x10', 'NaN', 'Infinity', '+60000', '']) {
      const recommendation = { ...aRecommendation(), entry } as Recommendation;
      expect(rejectionOf(aRecommendationInput({ recommendation, mid: 60_000 })).rejection).toMatchObject({
        code: 'geometry.invalid',
        actual: entry === '' ? 'empty text' : entry,
      });
    }
  });

  it('behavior: open, pending and resting positions count; one of the same market adds none', () => {
    const user = aUser({ limits: { maxOpenPositions: 2 }, pyramiding: true });
    const two = { user, positions: [aPosition({ margin: toUsd(10) })], pending: [aPending()] };
    expect(rejectionOf(aRecommendationInput(two)).rejection).toMatchObject({
      code: 'positions.maximum',
      limit: '2',
      actual: '2',
    });
    const own = aPosition({
      instrumentId: 'BTC-PERP@hyperliquid',
      entryPrice: toPrice(60_000),
      markPrice: toPrice(60_000),
      size: toSize('0.005'),
      margin: toUsd(100),
      protection: { stopLoss: toPrice(59_400), stopSize: toSize('0.005'), takeProfits: [] },
    });
    expect(signalOf(aRecommendationInput({ ...two, positions: [own] })).size).toBe('0.02');
  });

  it('behavior: the daily loss counts from the day-open equity, the bound itself refuses', () => {
    const at = (equity: number, dayOpen: number) =>
      aRecommendationInput({ equity, venue: { dayOpenEquity: toUsd(dayOpen) } });
    expect(rejectionOf(at(9_000, 10_000)).rejection).toMatchObject({
      code: 'daily-loss.limit',
      limit: '1000',
      actual: '1000',
    });
    expect(signalOf(at(9_000.01, 10_000)).id).toContain('signal:');
  });

  it("behavior: without the view's figure the first equity of the user's day counts, transfers excluded", () => {
    const seen = (day: string) => ({
      ...aRecommendationInput().memory,
      dayOpen: { paper: { day, equity: toUsd(10_000), deposits: toUsd(10_000) } },
    });
    // 5,000 were deposited since: the equity of 13,000 is a loss of 2,000.
    const account = fresh(anAccount(13_000, { deposits: toUsd(15_000) }));
    expect(
      rejectionOf(aRecommendationInput({ venue: { account }, memory: seen('2026-01-05') })).rejection,
    ).toMatchObject({ code: 'daily-loss.limit', limit: '1500', actual: '2000' });
    expect(signalOf(aRecommendationInput({ venue: { account }, memory: seen('2026-01-04') })).id).toContain('signal:');
    // In Auckland it is the 6th already.
    const user = aUser({ timeZone: 'Pacific/Auckland' });
    expect(signalOf(aRecommendationInput({ user, venue: { account }, memory: seen('2026-01-05') })).id).toContain(
      'signal:',
    );
    expect(
      rejectionOf(aRecommendationInput({ user, venue: { account }, memory: seen('2026-01-06') })).rejection.code,
    ).toBe('daily-loss.limit');
  });
});

describe('figures that are none', () => {
  it('error: an account, a position or a reservation that can not be reckoned refuses', () => {
    const bad = (figure: string) => figure as ReturnType<typeof toUsd>;
    for (const figure of ['NaN', 'Infinity', '-Infinity', 'abc', '']) {
      const codes = [
        aRecommendationInput({ venue: { account: fresh(anAccount(10_000, { equity: bad(figure) })) } }),
        aRecommendationInput({ venue: { account: fresh(anAccount(10_000, { availableMargin: bad(figure) })) } }),
        aRecommendationInput({ venue: { dayOpenEquity: bad(figure) } }),
        aRecommendationInput({ positions: [aPosition({ margin: bad(figure) })] }),
        aRecommendationInput({ pending: [aPending({ riskAtStop: bad(figure) })] }),
      ].map((input) => evaluate(input).decision.outcome);
      expect(codes, figure).toEqual(Array(5).fill('rejected'));
    }
  });
});

describe('2 venue routing', () => {
  const [paper] = aRecommendationInput().candidates;
  if (paper === undefined) throw new Error('no candidate');
  const at = (name: string, overrides = {}) => ({
    ...paper,
    name,
    account: fresh(anAccount(10_000, { venue: name })),
    ...overrides,
  });

  it('default: the first healthy venue that lists the market', () => {
    const candidates = [at('lighter', { unhealthy: 'down' }), at('okx', { listings: [] }), at('hyperliquid')];
    expect(signalOf(aRecommendationInput({ candidates })).venue).toBe('hyperliquid');
  });

  it('behavior: a configured venue that fails is not replaced by paper', () => {
    expect(
      rejectionOf(aRecommendationInput({ candidates: [at('lighter', { unhealthy: 'maintenance' })] })).rejection,
    ).toMatchObject({ code: 'venue.unhealthy', actual: 'maintenance' });
    expect(rejectionOf(aRecommendationInput({ candidates: [] })).rejection.code).toBe('venue.none');
  });

  it('error: inverse, not trading, margin mode, hedge mode, unknown or stale account', () => {
    const listing = (overrides: object) => ({
      listings: paper.listings.map(({ instrument, ticker }) => ({
        instrument: { ...instrument, ...overrides },
        ticker,
      })),
    });
    const codes = [
      at('a', listing({ contract: 'inverse' })),
      at('b', listing({ status: 'halted' })),
      at('c', { marginModes: ['cross'] }),
      at('d', { account: fresh(anAccount(10_000, { positionMode: 'hedge' })) }),
      at('e', { account: undefined }),
      at('f', { account: stale(anAccount(10_000)) }),
    ].map((candidate) => rejectionOf(aRecommendationInput({ candidates: [candidate] })).rejection.code);
    expect(codes).toEqual([
      'settlement.unsupported',
      'instrument.not-trading',
      'margin-mode.not-permitted',
      'hedge-mode.unsupported',
      'account.unknown',
      'account.unknown',
    ]);
  });

  it('error: prices missing, stale or not finite', () => {
    const priced = (ticker: unknown) => ({
      listings: [
        { instrument: anInstrument(), ticker: ticker as ReturnType<typeof fresh<ReturnType<typeof aTicker>>> },
      ],
    });
    const ticker = aTicker('BTC-PERP@hyperliquid', 60_000);
    const codes = [
      undefined,
      stale(ticker),
      fresh({ ...ticker, mark: Number.NaN }),
      fresh({ ...ticker, bid: 0 }),
      fresh({ ...ticker, bid: 60_001 }),
    ].map(
      (reading) => rejectionOf(aRecommendationInput({ candidates: [at('paper', priced(reading))] })).rejection.code,
    );
    expect(codes).toEqual([
      'market-data.missing',
      'market-data.stale',
      'market-data.invalid',
      'market-data.invalid',
      'market-data.invalid',
    ]);
  });
});

describe('levels', () => {
  const elsewhere = (mid: number, direction: 'long' | 'short' = 'long') => {
    const listed = anInstrument({ id: 'BTC-PERP@binance', priceRule: { kind: 'tick', tick: toPrice(7) } });
    const levels =
      direction === 'long'
        ? {}
        : { direction, stopLoss: toPrice(60_600), takeProfits: [{ price: toPrice(58_800), fraction: toRate(1) }] };
    return aRecommendationInput({
      listed,
      mid,
      recommendation: aRecommendation(levels),
      referenceTicker: fresh(aTicker('BTC-PERP@hyperliquid', 60_000)),
    });
  };

  it('default: moved by the ratio of mids, entry away from crossing, stop and take profit towards firing earlier', () => {
    // × 1.001: 60,060 / 59,459.4 / 61,261.2 on a tick of 7
    expect(signalOf(elsewhere(60_060))).toMatchObject({
      entry: '60060',
      stopLoss: '59465',
      takeProfits: [{ price: '61257' }],
    });
    // 60,060 / 60,660.6 / 58,858.8 for a short
    expect(signalOf(elsewhere(60_060, 'short'))).toMatchObject({
      entry: '60060',
      stopLoss: '60655',
      takeProfits: [{ price: '58863' }],
    });
  });

  it('behavior: 30 basis points are the bound', () => {
    expect(signalOf(elsewhere(60_180)).entry).toBe('60179');
    expect(rejectionOf(elsewhere(60_180.6)).rejection).toMatchObject({
      code: 'basis.limit',
      limit: '0.003',
      actual: '0.00301',
    });
    expect(rejectionOf(elsewhere(59_819)).rejection.code).toBe('basis.limit');
  });

  it('error: no reference price, levels that fall together', () => {
    expect(rejectionOf({ ...elsewhere(60_060), referenceTicker: undefined }).rejection.code).toBe(
      'market-data.missing',
    );
    const coarse = anInstrument({ priceRule: { kind: 'tick', tick: toPrice(1000) } });
    expect(rejectionOf(aRecommendationInput({ listed: coarse })).rejection.code).toBe('geometry.invalid');
  });
});

describe('positions held', () => {
  const btc = (overrides = {}) =>
    aPosition({
      instrumentId: 'BTC-PERP@hyperliquid',
      margin: toUsd(100),
      size: toSize('0.005'),
      markPrice: toPrice(60_000),
      entryPrice: toPrice(60_000),
      protection: { stopLoss: toPrice(59_400), stopSize: toSize('0.005'), takeProfits: [] },
      ...overrides,
    });

  it('default: the same side exists already, at whichever venue', () => {
    expect(rejectionOf(aRecommendationInput({ positions: [btc({ venue: 'okx' })] })).rejection.code).toBe(
      'position.exists',
    );
    expect(
      rejectionOf(aRecommendationInput({ pending: [aPending({ instrumentId: 'BTC-PERP@hyperliquid' })] })).rejection
        .code,
    ).toBe('position.exists');
  });

  it('behavior: the opposite side proposes a close and never flips', () => {
    const short = btc({
      direction: 'short',
      protection: { stopLoss: toPrice(60_600), stopSize: toSize('0.005'), takeProfits: [] },
    });
    expect(rejectionOf(aRecommendationInput({ user: aUser({ pyramiding: true }), positions: [short] }))).toMatchObject({
      rejection: { code: 'position.opposite' },
      proposal: { close: 'BTC-PERP@hyperliquid', venue: 'paper' },
    });
  });

  it('error: an entry to the other side is pending', () => {
    const pending = [aPending({ instrumentId: 'BTC-PERP@hyperliquid', direction: 'short' })];
    const { rejection, proposal } = rejectionOf(aRecommendationInput({ user: aUser({ pyramiding: true }), pending }));
    expect([rejection.code, proposal]).toEqual(['position.opposite', undefined]);
  });

  it("behavior: who pyramids adds, within the position's margin limit and at no higher leverage", () => {
    expect(
      signalOf(aRecommendationInput({ user: aUser({ pyramiding: true }), positions: [btc({ leverage: 2 })] })),
    ).toMatchObject({ size: '0.01333', leverage: 2 });
    expect(
      rejectionOf(aRecommendationInput({ user: aUser({ pyramiding: true }), positions: [btc({ margin: toUsd(500) })] }))
        .rejection,
    ).toMatchObject({ code: 'position-margin.limit', limit: '500' });
  });
});

describe('3 personal scoring', () => {
  const opinion = (agent: string, direction: Opinion['direction'], confidence: number): Opinion => ({
    id: `opinion:${agent}`,
    agent,
    market: 'BTC-PERP',
    instrumentId: 'BTC-PERP@hyperliquid',
    timeframe: '15m',
    atMs: noonMs,
    refreshMs: 900_000,
    direction,
    score: 50,
    confidence,
    completeness: 1,
    source: 'rules',
    keyLevels: [],
    evidence: [],
    reasoning: '',
    details: {},
  });
  const opinions = [opinion('vanta', 'long', 0.9), opinion('luma', 'long', 0.7), opinion('meridian', 'short', 0.8)];
  const scored = (profile: Record<string, number> | undefined, given = opinions) =>
    aRecommendationInput({ user: aUser(profile === undefined ? {} : { strategyProfile: profile }), opinions: given });

  it("default: the user's weights in the consensus formula", () => {
    // L = 0.5·0.9 + 0.3·0.7 = 0.66, S = 0.16, base 0.825, d = 0.16/0.82: 0.825·(1 − d/2)
    expect(signalOf(scored({ vanta: 0.5, luma: 0.3, meridian: 0.2 })).confidence).toBeCloseTo(
      0.825 * (1 - 0.5 * (0.16 / 0.82)),
      12,
    );
  });

  it('behavior: skipped without a profile, without opinions, or when they are old', () => {
    expect(signalOf(scored(undefined)).confidence).toBe(1);
    expect(signalOf(scored({ vanta: 1 }, [])).confidence).toBe(1);
    expect(
      signalOf(scored({ meridian: 1 }, [{ ...opinion('meridian', 'short', 0.9), atMs: noonMs - 3_600_001 }]))
        .confidence,
    ).toBe(1);
  });

  it('behavior: an agent that the user only watches has no vote, and of none but such comes no signal', () => {
    const watched = (...agents: string[]) =>
      aRecommendationInput({
        user: aUser({
          strategyProfile: { vanta: 0.5, luma: 0.3, meridian: 0.2 },
          agentAutonomy: Object.fromEntries(agents.map((agent) => [agent, 'monitor' as const])),
        }),
        opinions,
      });
    // Without Meridian's short nobody disagrees: (0.5·0.9 + 0.3·0.7) / 0.8.
    expect(signalOf(watched('meridian')).confidence).toBeCloseTo(0.825, 12);
    expect(rejectionOf(watched('vanta', 'luma', 'meridian')).rejection).toMatchObject({ code: 'confidence.low' });
  });

  it('error: a user whose agents say otherwise gets no signal', () => {
    expect(rejectionOf(scored({ meridian: 1 })).rejection).toMatchObject({
      code: 'confidence.low',
      limit: '0.6',
      actual: '0',
    });
  });
});
