import { Decimal, type RiskLimits, toRate } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryControls, judge } from './order/judge.ts';
import type { EntryInput } from './order/order-input.ts';
import { evaluate } from './recommendation/evaluate.ts';
import type { RecommendationInput } from './recommendation/recommendation-input.ts';
import { type Desk, passedLimits } from './testing/limits-oracle.ts';
import { orderScenarios, recommendationScenarios } from './testing/scenarios.ts';

// 100,000 cases in all: 30,000 + 10,000 + 10,000 + 30,000 + 20,000.
const run = (numRuns: number, seed: number) => ({ numRuns, seed, verbose: 0 as const });
const room = ({ operator }: Pick<RecommendationInput, 'operator'>) =>
  operator.maxNotional === undefined ? undefined : new Decimal(operator.maxNotional).minus(operator.usedNotional);

describe('door 1, over random accounts, positions, reservations, instruments and plans', () => {
  it('behavior: no limit is ever passed, and every rejection says what, the limit and the actual value', () => {
    let signals = 0;
    const codes = new Set<string>();
    fc.assert(
      fc.property(recommendationScenarios, (input) => {
        const { decision, pending } = evaluate(input);
        if (decision.outcome === 'rejected') {
          codes.add(decision.rejection.code);
          if (!decision.rejection.limit || !decision.rejection.actual)
            throw new Error(JSON.stringify(decision.rejection));
          return;
        }
        signals += 1;
        const { signal } = decision;
        const [candidate] = input.candidates;
        const [listing] = candidate?.listings ?? [];
        if (candidate?.account === undefined || listing === undefined || pending === undefined)
          throw new Error('no desk');
        const { equity, availableMargin } = candidate.account.value;
        const desk: Desk = {
          ...input,
          equity: new Decimal(equity),
          available: new Decimal(availableMargin),
          dayOpen: new Decimal(candidate.dayOpenEquity ?? equity),
          firstTrade: candidate.filledTrades === 0,
          operatorRoom: room(input),
        };
        const size = new Decimal(signal.size);
        const entry = new Decimal(signal.entry);
        const stop = new Decimal(signal.stopLoss);
        const trade = {
          direction: signal.direction,
          size,
          entry,
          stop,
          leverage: signal.leverage,
          instrument: listing.instrument,
        };
        expect(passedLimits(trade, desk)).toEqual([]);
        // What is held back is what it costs, to the last decimal kept.
        const fees = size.times(entry.plus(stop)).times(listing.instrument.takerFeeRate);
        const risk = size.times(entry.minus(stop).abs()).plus(fees);
        if (!risk.lessThanOrEqualTo(desk.equity.times(input.limits.riskPerTrade)))
          throw new Error('It risks more than one trade may.');
        const { reservation } = pending;
        const held = [reservation.notional, reservation.fees, reservation.riskAtStop, reservation.initialMargin].map(
          (amount) => new Decimal(amount).toFixed(18),
        );
        expect(held).toEqual(
          [size.times(entry), fees, risk, size.times(entry).dividedBy(signal.leverage)].map((amount) =>
            amount.toFixed(18),
          ),
        );
      }),
      run(30_000, 101),
    );
    expect(signals).toBeGreaterThan(5_000);
    expect(codes.size).toBeGreaterThan(9);
  }, 60_000);

  it('behavior: tightening a limit never turns a rejection into a signal and never makes a size larger', () => {
    let compared = 0;
    fc.assert(
      fc.property(recommendationScenarios, tightenings, (input, { name, factor }) => {
        const tighter = { ...input, limits: tightened(input.limits, name, factor) };
        const before = evaluate(input).decision;
        const after = evaluate(tighter).decision;
        if (after.outcome === 'rejected') return;
        if (before.outcome === 'rejected') {
          // An advanced user's limits refuse what a smaller size keeps within: what only sizes may make it small enough.
          const sizes = name === 'riskPerTrade' || name === 'maxPositionMargin' || name === 'maxLeverage';
          expect(input.user.tier === 'advanced' && sizes).toBe(true);
          return;
        }
        compared += 1;
        expect(new Decimal(after.signal.size).lessThanOrEqualTo(before.signal.size)).toBe(true);
      }),
      run(10_000, 102),
    );
    expect(compared).toBeGreaterThan(1_500);
  }, 60_000);

  it('behavior: the same input gives the same decision, whatever stands in it', () => {
    fc.assert(
      fc.property(recommendationScenarios, poison, (input, [path, value]) => {
        const spoiled = { ...input, recommendation: { ...input.recommendation, [path]: value } } as RecommendationInput;
        const { decision } = evaluate(spoiled);
        expect(JSON.stringify(evaluate(spoiled).decision)).toBe(JSON.stringify(decision));
        if (decision.outcome === 'signal') throw new Error(`${path} = ${String(value)} passed.`);
        expect(decision.rejection).toMatchObject({ limit: expect.any(String), actual: expect.any(String) });
      }),
      run(10_000, 103),
    );
  }, 60_000);
});

describe('door 2, over random orders and accounts', () => {
  it('behavior: no order that passes is over a limit', () => {
    let approved = 0;
    const codes = new Set<string>();
    fc.assert(
      fc.property(orderScenarios, (input) => {
        const { rejection } = judge(entryControls, input);
        if (rejection !== undefined) {
          codes.add(rejection.code);
          if (!rejection.limit || !rejection.actual) throw new Error(JSON.stringify(rejection));
          return;
        }
        approved += 1;
        expect(passedLimits(tradeOf(input), deskOf(input))).toEqual([]);
      }),
      run(30_000, 104),
    );
    expect(approved).toBeGreaterThan(2_000);
    expect(codes.size).toBeGreaterThan(9);
  }, 60_000);

  it('behavior: tightening a limit never lets through what was refused', () => {
    fc.assert(
      fc.property(orderScenarios, tightenings, (input, { name, factor }) => {
        const passes = (given: EntryInput) => judge(entryControls, given).rejection === undefined;
        if (passes(input)) return;
        expect(passes({ ...input, limits: tightened(input.limits, name, factor) })).toBe(false);
      }),
      run(20_000, 105),
    );
  }, 60_000);
});

const names = [
  'maxLeverage',
  'riskPerTrade',
  'maxPositionMargin',
  'maxTotalMargin',
  'maxPortfolioRisk',
  'firstTradeNotional',
  'maxOpenPositions',
  'dailyLoss',
] as const;
const tightenings = fc.record({ name: fc.constantFrom(...names), factor: fc.integer({ min: 1, max: 999 }) });

function tightened(limits: RiskLimits, name: (typeof names)[number], factor: number): RiskLimits {
  if (name === 'maxLeverage' || name === 'maxOpenPositions')
    return { ...limits, [name]: Math.max(1, Math.floor((limits[name] * factor) / 1000)) };
  return { ...limits, [name]: toRate(new Decimal(limits[name] ?? '0.5').times(factor).dividedBy(1000)) };
}

const poison: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  fc.tuple(
    fc.constantFrom('entry', 'stopLoss'),
    fc.constantFrom<unknown>(
      Number.NaN,
      'NaN',
      '0',
      '-0',
      '-60000',
      'Infinity',
      '1e400',
      '6e4',
      '６００００',
      '0x1',
      '',
      null,
      undefined,
      60_000,
      [],
      {},
      '9'.repeat(30),
      '9'.repeat(31),
    ),
  ),
  fc.tuple(
    fc.constantFrom('confidence', 'atr'),
    fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, -0, 0, -1, '0.9', null, undefined),
  ),
  fc.tuple(
    fc.constantFrom('instrumentId', 'market', 'direction', 'scaling', 'takeProfits'),
    fc.constantFrom<unknown>('BТC-PERP', 'neutral', '', 0, null, [], {}),
  ),
  fc.tuple(fc.constant('expiresAtMs'), fc.constantFrom<unknown>(0, Number.NaN, -1, '2030', null)),
);

const tradeOf = ({ intent, instrument, ticker }: EntryInput) => {
  if (instrument === undefined || intent.price === undefined || intent.leverage === undefined || ticker === undefined)
    throw new Error('no trade');
  const price = new Decimal(intent.price);
  return {
    direction: intent.side === 'buy' ? ('long' as const) : ('short' as const),
    size: new Decimal(intent.size),
    entry: intent.side === 'buy' ? price : Decimal.max(price, ticker.value.bid),
    stop: intent.stopLoss === undefined ? undefined : new Decimal(intent.stopLoss),
    leverage: intent.leverage,
    instrument,
  };
};

const deskOf = (input: EntryInput): Desk => {
  if (input.account === undefined) throw new Error('no account');
  const { equity, availableMargin } = input.account.value;
  return {
    ...input,
    equity: new Decimal(equity),
    available: new Decimal(availableMargin),
    dayOpen: new Decimal(input.dayOpenEquity ?? equity),
    firstTrade: input.filledTrades === 0,
    operatorRoom: room(input),
  };
};
