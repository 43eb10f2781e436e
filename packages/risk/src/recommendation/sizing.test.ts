import { type Instrument, type RiskDecision, type Signal, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exact } from '../exact/exact.ts';
import {
  anAccount,
  anInstrument,
  aPending,
  aPosition,
  aRecommendation,
  aRecommendationInput,
  aUser,
  fresh,
} from '../testing/fixtures.ts';
import { evaluate } from './evaluate.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import { smallestSize } from './trimmed-size.ts';

const signalOf = (decision: RiskDecision): Signal => {
  if (decision.outcome !== 'signal') throw new Error(`${decision.rejection.code}: ${decision.rejection.message}`);
  return decision.signal;
};
const sized = (input: RecommendationInput) => {
  const { size, leverage, notional, initialMargin, riskAtStop } = signalOf(evaluate(input).decision);
  return { size, leverage, notional, initialMargin, riskAtStop };
};
const refusedBy = (input: RecommendationInput) => {
  const { decision } = evaluate(input);
  return decision.outcome === 'rejected' ? decision.rejection : undefined;
};

const eth: Instrument = anInstrument({
  id: 'ETH-PERP@hyperliquid',
  lotSize: toSize('0.001'),
  minSize: toSize('0.001'),
  marginTiers: [
    { notionalFrom: toUsd(0), maxLeverage: 25, maintenanceMarginRate: toRate('0.02'), maintenanceDeduction: toUsd(0) },
  ],
});
const alt: Instrument = anInstrument({
  id: 'SOL-PERP@hyperliquid',
  lotSize: toSize('0.1'),
  minSize: toSize('0.1'),
  marginTiers: [
    { notionalFrom: toUsd(0), maxLeverage: 20, maintenanceMarginRate: toRate('0.025'), maintenanceDeduction: toUsd(0) },
  ],
});
const wideStop = aRecommendation({
  entry: toPrice(60_000),
  stopLoss: toPrice(57_000),
  takeProfits: [{ price: toPrice(66_000), fraction: toRate(1) }],
});

// The numbers of docs/sizing.md, reckoned by hand (and by Python's decimal): keep both alike.
describe('worked sizing examples, to the lot', () => {
  it('default: 1. beginner, margin per position binds', () => {
    expect(sized(aRecommendationInput())).toEqual({
      size: '0.025',
      leverage: 3,
      notional: '1500',
      initialMargin: '500',
      riskAtStop: '16.4925',
    });
  });

  it('behavior: 2. beginner at confidence 0.7, first trade: the confidence factor 0.625, down to the lot', () => {
    const input = aRecommendationInput({
      recommendation: aRecommendation({ confidence: 0.7 }),
      venue: { filledTrades: 0 },
    });
    expect(sized(input)).toEqual({
      size: '0.01562',
      leverage: 3,
      notional: '937.2',
      initialMargin: '312.4',
      riskAtStop: '10.304514',
    });
  });

  it('behavior: 3. intermediate short at confidence 0.8: risk per trade binds', () => {
    const recommendation = aRecommendation({
      market: 'ETH-PERP',
      instrumentId: eth.id,
      direction: 'short',
      entry: toPrice(3000),
      stopLoss: toPrice(3150),
      takeProfits: [{ price: toPrice(2700), fraction: toRate(1) }],
      confidence: 0.8,
    });
    expect(sized(aRecommendationInput({ tier: 'intermediate', equity: 25_000, listed: eth, recommendation }))).toEqual({
      size: '1.224',
      leverage: 6,
      notional: '3672',
      initialMargin: '612',
      riskAtStop: '187.3638',
    });
  });

  it('behavior: 4. advanced with a stop 8 % away: leverage 7, the highest with liquidation 12 % away', () => {
    const recommendation = aRecommendation({
      market: 'SOL-PERP',
      instrumentId: alt.id,
      entry: toPrice(100),
      stopLoss: toPrice(92),
      takeProfits: [{ price: toPrice(120), fraction: toRate(1) }],
      confidence: 0.6,
    });
    expect(
      sized(aRecommendationInput({ tier: 'advanced', equity: 50_000, listed: alt, recommendation })),
    ).toMatchObject({
      size: '123.5',
      leverage: 7,
      notional: '12350',
      riskAtStop: '999.856',
    });
  });

  it('behavior: 5. volatility-based scaling by 0.75', () => {
    const recommendation = aRecommendation({ scaling: 'volatility-based', atr: 400, atrMedian: 300 });
    expect(sized(aRecommendationInput({ recommendation }))).toMatchObject({ size: '0.01875', initialMargin: '375' });
  });

  it('behavior: 6. what the open positions lose at their stops leaves 60 of 600', () => {
    const open = aPosition({
      size: toSize(18),
      margin: toUsd(500),
      protection: { stopLoss: toPrice(2970), stopSize: toSize(18), takeProfits: [] },
    });
    const feeless = anInstrument({ id: 'ETH-PERP@hyperliquid', takerFeeRate: toRate(0) });
    const input = aRecommendationInput({ tier: 'intermediate', recommendation: wideStop, positions: [open] });
    const withFeeless = {
      ...input,
      instrument: (venue: string, id: Instrument['id']) => (id === feeless.id ? feeless : input.instrument(venue, id)),
    };
    expect(sized(withFeeless)).toMatchObject({ size: '0.01961', notional: '1176.6', riskAtStop: '59.977185' });
  });

  it('behavior: 7. open and pending margin leave 300 of 2,000', () => {
    const input = aRecommendationInput({
      venue: { account: fresh(anAccount(10_000, { usedMargin: toUsd(1000), availableMargin: toUsd(9000) })) },
      positions: [aPosition({ margin: toUsd(1000) })],
      pending: [aPending({ initialMargin: toUsd(700), fees: toUsd(3) })],
    });
    expect(sized(input)).toMatchObject({ size: '0.015', initialMargin: '300' });
  });

  it('behavior: 8. available margin of 120 pays margin and fees', () => {
    const account = fresh(anAccount(10_000, { availableMargin: toUsd(120) }));
    expect(sized(aRecommendationInput({ tier: 'intermediate', venue: { account } }))).toMatchObject({
      size: '0.01192',
      initialMargin: '119.2',
    });
  });

  it('behavior: 9. the first trade of an intermediate user is capped at 40 % of equity', () => {
    expect(sized(aRecommendationInput({ tier: 'intermediate', venue: { filledTrades: 0 } }))).toMatchObject({
      size: '0.06666',
      notional: '3999.6',
    });
    expect(sized(aRecommendationInput({ tier: 'intermediate' }))).toMatchObject({ size: '0.1', notional: '6000' });
  });
});

describe('sizePlan', () => {
  it('behavior: advanced users are refused by what others are trimmed to', () => {
    const stopped = { stopLoss: toPrice(2900), stopSize: toSize(9), takeProfits: [] };
    const positions = [aPosition({ size: toSize(9), margin: toUsd(100), protection: stopped })];
    const advanced = refusedBy(aRecommendationInput({ tier: 'advanced', positions, recommendation: wideStop }));
    expect(advanced).toMatchObject({ code: 'portfolio-risk.limit', limit: '1000' });
    expect(
      sized(
        aRecommendationInput({
          tier: 'intermediate',
          user: aUser({ tier: 'intermediate', limits: { maxPortfolioRisk: toRate('0.1') } }),
          positions,
          recommendation: wideStop,
        }),
      ),
    ).toMatchObject({ leverage: 6 });
  });

  it('behavior: where margin tiers allow less leverage on more notional, the larger size wins', () => {
    const tiered = anInstrument({
      marginTiers: [
        {
          notionalFrom: toUsd(0),
          maxLeverage: 12,
          maintenanceMarginRate: toRate('0.01'),
          maintenanceDeduction: toUsd(0),
        },
        {
          notionalFrom: toUsd(20_000),
          maxLeverage: 5,
          maintenanceMarginRate: toRate('0.02'),
          maintenanceDeduction: toUsd(200),
        },
      ],
    });
    const limits = {
      riskPerTrade: toRate(1),
      maxPositionMargin: toRate('0.25'),
      maxTotalMargin: toRate('0.25'),
      maxPortfolioRisk: toRate(1),
    };
    const at = (equity: number) =>
      sized(aRecommendationInput({ equity, listed: tiered, user: aUser({ tier: 'advanced', limits }) }));
    // 2,000 of margin: at 12× it would be 24,000, of which the tier allows just under 20,000; at 5× only 10,000.
    expect(at(8_000)).toMatchObject({ leverage: 12, size: '0.33333' });
    // 5,000 of margin: at 5× 25,000 beats the 20,000 of 12×.
    expect(at(20_000)).toMatchObject({ leverage: 5, size: '0.41666' });
  });

  it('behavior: the smallest size is on the lot and worth the minimum', () => {
    expect(smallestSize(anInstrument(), exact(60_000)).toFixed()).toBe('0.00017');
    expect(smallestSize(anInstrument({ minSize: toSize('0.001') }), exact(60_000)).toFixed()).toBe('0.001');
  });

  it('error: less than the venue takes', () => {
    expect(refusedBy(aRecommendationInput({ equity: 60 }))).toEqual({
      code: 'size.below-minimum',
      message: 'What the limits leave is less than the venue takes.',
      limit: '0.00017',
      actual: '0.00015',
    });
  });

  it('error: a stop so far that no leverage keeps liquidation 1.5 distances away', () => {
    const recommendation = aRecommendation({
      direction: 'short',
      entry: toPrice(100),
      stopLoss: toPrice(170),
      takeProfits: [{ price: toPrice(50), fraction: toRate(1) }],
    });
    expect(refusedBy(aRecommendationInput({ recommendation }))).toMatchObject({
      code: 'liquidation.too-close',
      limit: '105',
    });
  });

  it('error: no room at all is told by the limit that takes it', () => {
    const full = aPosition({ margin: toUsd(2000) });
    expect(refusedBy(aRecommendationInput({ positions: [full] }))).toMatchObject({
      code: 'total-margin.limit',
      limit: '2000',
    });
    const unprotected = aPosition({
      size: toSize('0.5'),
      margin: toUsd(500),
      protection: { stopSize: toSize(0), takeProfits: [] },
    });
    expect(refusedBy(aRecommendationInput({ positions: [unprotected] }))).toMatchObject({
      code: 'portfolio-risk.limit',
      limit: '500',
    });
    const account = fresh(anAccount(10_000, { availableMargin: toUsd(10) }));
    expect(refusedBy(aRecommendationInput({ venue: { account }, pending: [aPending()] }))).toMatchObject({
      code: 'margin.insufficient',
    });
    const operator = { maxNotional: toUsd(1_000_000), usedNotional: toUsd(1_000_000) };
    expect(refusedBy(aRecommendationInput({ operator }))).toMatchObject({ code: 'operator.limit', limit: '0' });
  });
});
