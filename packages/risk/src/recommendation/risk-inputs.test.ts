import { type Order, type RiskLimits, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { exact } from '../exact/exact.ts';
import { portfolioLoss, roomWithin } from '../exposure/correlated-risk.ts';
import { drawdownResult } from '../exposure/drawdown.ts';
import { lossesInRow, withResult } from '../exposure/losses-in-row.ts';
import { venueBook } from '../exposure/venue-book.ts';
import { exposure } from '../order/exposure.ts';
import { emptyMemory } from '../state/risk-memory.ts';
import {
  anAccount,
  anEntryInput,
  anInstrument,
  anIntent,
  aPosition,
  aRecommendation,
  aRecommendationInput,
  aTicker,
  fresh,
  noonMs,
} from '../testing/fixtures.ts';
import { limitChange } from '../tiers/limit-change.ts';
import { tierDefaults } from '../tiers/tier-defaults.ts';
import { evaluate } from './evaluate.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import { accountRefused } from './venue-routing.ts';

const sizeOf = (input: RecommendationInput): number => {
  const { decision } = evaluate(input);
  return decision.outcome === 'signal' ? Number(decision.signal.size) : Number.NaN;
};
const codeOf = (input: RecommendationInput): string => {
  const { decision } = evaluate(input);
  return decision.outcome === 'signal' ? 'signal' : decision.rejection.code;
};
const advanced = { tier: 'advanced' } as const;

describe('what a plan is sized on', () => {
  it('default: the smaller of the user’s and the operator’s largest order', () => {
    const limits = (maxOrderNotional: number): RiskLimits => ({
      ...tierDefaults.beginner,
      maxOrderNotional: toUsd(maxOrderNotional),
    });
    const operator = (maxOrderNotional: number) => ({
      usedNotional: toUsd(0),
      maxOrderNotional: toUsd(maxOrderNotional),
    });
    expect(sizeOf(aRecommendationInput({ operator: operator(600) }))).toBe(0.01);
    expect(sizeOf(aRecommendationInput({ limits: limits(1_200) }))).toBe(0.02);
    expect(sizeOf(aRecommendationInput({ limits: limits(1_200), operator: operator(600) }))).toBe(0.01);
    expect(sizeOf(aRecommendationInput({ limits: limits(600), operator: operator(1_200) }))).toBe(0.01);
  });

  it('default: what correlations make of the risk there is, at both doors', () => {
    // Ten ETH with a stop 95 away: some 980 of risk with fees, the limit of 10,000 is 1,000.
    const positions = [
      aPosition({
        ...{ size: toSize(10), margin: toUsd(100), markPrice: toPrice(3_000) },
        protection: { stopLoss: toPrice(2_905), stopSize: toSize(10), takeProfits: [] },
      }),
    ];
    const limits: RiskLimits = {
      ...tierDefaults.advanced,
      maxPortfolioRisk: toRate('0.1'),
      riskPerTrade: toRate('0.01'),
    };
    const at = (correlation?: RecommendationInput['correlation']) =>
      codeOf(
        aRecommendationInput({ ...advanced, positions, limits, ...(correlation === undefined ? {} : { correlation }) }),
      );
    expect(at()).toBe('portfolio-risk.limit');
    expect(at(() => 1)).toBe('portfolio-risk.limit');
    expect(at(() => 0)).toBe('signal');
    // Of a long and a long that move against one another: a hedge.
    expect(at((a, b) => (a === b ? 1 : -1))).toBe('signal');
    const door = (correlation?: RecommendationInput['correlation']) =>
      exposure.check(
        anEntryInput({
          ...{ ...advanced, positions, limits, intent: anIntent({ size: '0.05', leverage: 12 }) },
          ...(correlation === undefined ? {} : { correlation }),
        }),
      )?.code ?? 'passed';
    expect([door(), door(() => 1), door(() => 0)]).toEqual(['portfolio-risk.limit', 'portfolio-risk.limit', 'passed']);
    // A short of a market that moves alike is a hedge too, by its direction.
    const short = exposure.check(
      anEntryInput({
        ...{ ...advanced, positions, limits, correlation: () => 1 },
        intent: anIntent({ size: '0.05', leverage: 12, side: 'sell', stopLoss: '60600' }),
      }),
    );
    expect(short).toBeUndefined();
  });

  it('error: a holding of unknown worth', () => {
    expect(codeOf(aRecommendationInput({ positions: [aPosition({ margin: toUsd(-1) })] }))).toBe('order.unresolved');
    expect(exposure.check(anEntryInput({ positions: [aPosition({ margin: toUsd(-1) })] }))?.code).toBe(
      'order.unresolved',
    );
  });

  it('error: what throws is a refusal with what led to it', () => {
    const tiers = [{ ...anInstrument().marginTiers[0], notionalFrom: toUsd(1_000_000) }] as never;
    const { decision } = evaluate(aRecommendationInput({ listed: anInstrument({ marginTiers: tiers }) }));
    expect(decision).toMatchObject({
      ...{ outcome: 'rejected', rejection: { code: 'recommendation.invalid', actual: 'margin-tiers.invalid' } },
    });
    expect(decision.steps.at(-1)).toMatchObject({ step: 'evaluation', after: { rejected: 'recommendation.invalid' } });
    expect(decision.steps.length).toBeGreaterThan(3);
  });

  it('default: the names that a decision and its reservation go by', () => {
    const { decision, pending } = evaluate(aRecommendationInput());
    expect(decision).toMatchObject({
      id: 'decision:recommendation:BTC-PERP:15m:1:ada',
      signal: {
        id: 'signal:recommendation:BTC-PERP:15m:1:ada',
        reservationId: 'reservation:signal:recommendation:BTC-PERP:15m:1:ada',
      },
      reservation: { id: 'reservation:signal:recommendation:BTC-PERP:15m:1:ada' },
    });
    expect(pending?.reservation.signalId).toBe('signal:recommendation:BTC-PERP:15m:1:ada');
    expect(decision.steps.map(({ step }) => step)).toEqual([
      ...['pre-filter', 'venue-routing', 'levels', 'positions-held', 'personal-scoring', 'sizing', 'scaling'],
      ...[
        'first-trade-cap',
        'confidence-scaling',
        'portfolio-risk',
        'exposure-cap',
        'order-notional',
        'venue-exposure',
      ],
      ...['operator-cap', 'available-margin', 'lot', 'reservation'],
    ]);
  });

  it('error: an account with nothing left, or with figures that are none', () => {
    const at = (account: ReturnType<typeof anAccount>) =>
      codeOf(aRecommendationInput({ venue: { account: fresh(account) } }));
    expect(at(anAccount(10_000, { availableMargin: toUsd(0) }))).toBe('balance.zero');
    expect(at(anAccount(0, { availableMargin: toUsd(10_000) }))).toBe('balance.zero');
    expect(accountRefused(fresh(anAccount(10_000, { availableMargin: toUsd(-5) })), 'paper')).toMatchObject({
      ...{ limit: 'above 0', actual: '-5' },
    });
    expect(at(anAccount(10_000, { equity: 'NaN' as never }))).toMatch(/unknown|invalid|zero/);
  });

  it('default: the listing of the plan’s instrument first, else the first that trades', () => {
    const listing = (id: `${string}@${string}`, changes: Parameters<typeof anInstrument>[0] = {}) => {
      const instrument = anInstrument({ id, ...changes });
      return { instrument, ticker: fresh(aTicker(instrument.id, 60_000)) };
    };
    const routed = (...listings: readonly ReturnType<typeof listing>[]) => {
      const { decision } = evaluate(
        aRecommendationInput({
          recommendation: aRecommendation(),
          venue: { listings },
          referenceTicker: fresh(aTicker('BTC-PERP@hyperliquid', 60_000)),
          instrument: (_, id) => listings.find(({ instrument }) => instrument.id === id)?.instrument,
        }),
      );
      return decision.outcome === 'signal' ? decision.signal.instrumentId : decision.rejection.code;
    };
    const own = listing('BTC-PERP@hyperliquid');
    const other = listing('BTC-PERP@okx');
    expect(routed(other, own)).toBe('BTC-PERP@hyperliquid');
    expect(routed(listing('BTC-PERP@bybit'), other)).toBe('BTC-PERP@bybit');
    expect(routed(listing('BTC-PERP@bybit', { status: 'halted' }), other)).toBe('BTC-PERP@okx');
    expect(routed()).toBe('venue.none');
    expect(routed(listing('BTC-PERP@okx', { contract: 'inverse' }))).toBe('settlement.unsupported');
    expect(routed(listing('BTC-PERP@okx', { status: 'halted' }))).toBe('instrument.not-trading');
  });
});

describe('what an order is measured against', () => {
  it('default: the cap of a first trade is for the first alone', () => {
    const limits: RiskLimits = { ...tierDefaults.beginner, firstTradeNotional: toRate('0.1') };
    const at = (filledTrades: number) => exposure.check(anEntryInput({ limits, filledTrades }))?.code ?? 'passed';
    expect([at(0), at(1)]).toEqual(['first-trade.limit', 'passed']);
  });

  it('behavior: at the plan’s own instrument its levels stay where they are, whatever the reference says', () => {
    const referenceTicker = fresh(aTicker('BTC-PERP@hyperliquid', 66_000));
    expect(codeOf(aRecommendationInput({ referenceTicker }))).toBe('signal');
    expect(codeOf(aRecommendationInput({ referenceTicker: undefined }))).toBe('signal');
  });

  it('error: the first venue holds nothing, another does: the reason is told', () => {
    const [first] = aRecommendationInput().candidates;
    if (first === undefined) throw new TypeError('a candidate');
    const empty = { ...first, account: fresh(anAccount(10_000, { availableMargin: toUsd(0) })) };
    expect(codeOf(aRecommendationInput({ candidates: [empty, { ...first, name: 'okx' }] }))).toBe('balance.zero');
  });

  it('default: losses at the stops of what there is, by how they go together', () => {
    const part = (market: 'A-PERP' | 'B-PERP', direction: 'long' | 'short', risk: number) => ({
      ...{ market, direction, risk: exact(risk) },
    });
    const loss = (correlation: number, direction: 'long' | 'short' = 'long') =>
      show(portfolioLoss([part('A-PERP', 'long', 3), part('B-PERP', direction, 4)], () => correlation));
    expect([loss(1), loss(0), loss(-1), loss(-1, 'short'), loss(1, 'short')]).toEqual(['7', '5', '5', '7', '5']);
    expect(loss(0.5)).toMatch(/^6\.08276/);
    expect(show(portfolioLoss([], () => 1))).toBe('0');
    const room = (squared: number, withNew: number, limit: number) =>
      show(roomWithin({ squared: exact(squared), withNew: exact(withNew) }, exact(limit)));
    expect([room(9, 0, 5), room(9, 3, 5), room(25, 0, 5), room(0, 0, 0), room(0, 3, -5)]).toEqual([
      '4',
      '2',
      '0',
      '0',
      '0',
    ]);
    expect(room(0, 0, 3)).toBe('3');
  });

  it('default: the first sight of an account is its highest', () => {
    const { higher, loss, peak } = drawdownResult(anAccount(8_500), { peak: {} });
    expect([show(peak), show(loss), higher]).toEqual(['8500', '0', { equity: '8500', deposits: '8500' }]);
  });
});

describe('losses in a row', () => {
  const result = (id: string, closedAtMs: number, sign: -1 | 0 | 1) => ({ id, userId: 'ada', closedAtMs, sign });
  const after = (...results: readonly ReturnType<typeof result>[]) =>
    results.reduce((memory, each) => withResult(memory, each) ?? memory, emptyMemory);

  it('default: counts since the last winner, each once; what came to nothing neither adds nor ends', () => {
    const memory = after(result('a', 1, -1), result('b', 2, -1), result('b', 2, -1), result('c', 3, 0));
    expect(lossesInRow(memory, {})).toEqual({ count: 2, untilMs: 3_600_002 });
    expect(lossesInRow(memory, { coolingOffMs: 10 }).untilMs).toBe(12);
    expect(withResult(memory, result('c', 3, 0))).toBeUndefined();
  });

  it('behavior: a winner ends what closed before it or with it, whenever it is told', () => {
    const memory = after(result('a', 1, -1), result('b', 5, -1), result('c', 9, -1), result('w', 5, 1));
    expect(memory.losses).toEqual([{ id: 'c', atMs: 9 }]);
    expect(memory.lastWinAtMs).toBe(5);
    expect(withResult(memory, result('w', 5, 1))).toBeUndefined();
    expect(withResult(memory, result('x', 4, 1))).toBeUndefined();
    expect(withResult(memory, result('late', 5, -1))).toBeUndefined();
    expect(withResult(memory, result('late', 6, -1))?.losses).toHaveLength(2);
  });
});

describe('which way limits go', () => {
  const change = (wanted: Partial<RiskLimits>, current: Partial<RiskLimits> = {}) => {
    const { later, now } = limitChange({ ...tierDefaults.beginner, ...current }, wanted, noonMs);
    return [now, later];
  };

  it('default: lower or the same at once, higher later', () => {
    expect(change({ maxLeverage: 2, dailyLoss: toRate('0.2'), maxOpenPositions: 5 })).toEqual([
      ...[{ maxLeverage: 2, maxOpenPositions: 5 }, { dailyLoss: '0.2' }],
    ]);
    expect(change({ marginMode: 'cross' })).toEqual([{}, { marginMode: 'cross' }]);
    expect(change({ marginMode: 'isolated' }, { marginMode: 'cross' })).toEqual([{ marginMode: 'isolated' }, {}]);
    expect(change({ marginMode: 'cross' }, { marginMode: 'cross' })).toEqual([{ marginMode: 'cross' }, {}]);
    // A limit where there was none is lower.
    expect(change({ maxOrderNotional: toUsd(1e9) })).toEqual([{ maxOrderNotional: '1000000000' }, {}]);
  });
});

it('behavior: a resting sell counts as a short where correlations are asked about', () => {
  const order: Order = {
    ...anIntent({ side: 'sell', stopLoss: '60600' }),
    status: 'open',
    filledSize: toSize(0),
    createdAtMs: 0,
    updatedAtMs: 0,
  };
  const book = venueBook({
    account: anAccount(10_000),
    positions: [],
    openOrders: [order],
    pending: [],
    atMs: noonMs,
    instrument: () => anInstrument(),
    correlation: () => 1,
  });
  expect(book.parts?.map(({ direction, market }) => [market, direction])).toEqual([['BTC-PERP', 'short']]);
});
