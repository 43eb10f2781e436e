import { type RiskLimits, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { exact } from '../exact/exact.ts';
import { exposureCap } from '../recommendation/risk-evaluation/exposure-cap.ts';
import { firstTradeCap } from '../recommendation/risk-evaluation/first-trade-cap.ts';
import { portfolioRisk } from '../recommendation/risk-evaluation/portfolio-risk.ts';
import { aPosition } from '../testing/fixtures.ts';
import { tierDefaults } from '../tiers/tier-defaults.ts';
import { availableMarginLimit } from './available-margin.ts';
import type { ExposureContext } from './exposure-context.ts';
import { type ExposureLimit, firstOverLimit, overLimit } from './exposure-limit.ts';
import { lossAtStop } from './loss-at-stop.ts';
import { operatorCapLimit } from './operator-cap.ts';
import { orderNotionalLimit } from './order-notional.ts';
import { positionMarginLimit } from './position-margin.ts';
import { tradeRiskLimit } from './trade-risk.ts';
import { venueExposureLimit } from './venue-exposure.ts';

const limits: RiskLimits = {
  ...tierDefaults.beginner,
  ...{ riskPerTrade: toRate('0.01'), maxPositionMargin: toRate('0.2'), maxTotalMargin: toRate('0.5') },
  ...{ maxPortfolioRisk: toRate('0.05'), firstTradeNotional: toRate('0.1'), maxVenueNotional: toUsd(10_000) },
};
/** 10,000 of equity with something open already; at 100 a unit, 2 lost at the stop and 0.1 of fees. */
const context: ExposureContext = {
  limits,
  book: {
    ...{ equity: exact(10_000), available: exact(6_000), margin: exact(1_000), risk: exact(100) },
    ...{ pendingMargin: exact(0), pendingFees: exact(0), pendingNotional: exact(0), notional: exact(4_000) },
    marginOf: new Map(),
  },
  ...{ entry: exact(100), unitLoss: exact(2), unitFees: exact('0.1'), instrumentMargin: exact(300) },
  ...{ firstTrade: true, confidenceFactor: exact(1), maxOrderNotional: exact(2_000), operatorRoom: exact(1_500) },
};

describe('exposure limits at five times leverage', () => {
  const allowed = (limit: ExposureLimit, given: Partial<ExposureContext> = {}): string | undefined => {
    const most = limit.allows({ ...context, ...given }, 5);
    return most?.toDecimalPlaces(6, 'down').toFixed();
  };
  const measured = (limit: ExposureLimit, given: Partial<ExposureContext> = {}) => {
    const both = limit.measure(exact(10), { ...context, ...given }, 5);
    return both && [show(both.limit), show(both.actual)];
  };

  it.each([
    [tradeRiskLimit, 'trade-risk', 'portfolio-risk.limit', '47.619047', ['100', '21']],
    [positionMarginLimit, 'position-margin', 'position-margin.limit', '85', ['2000', '500']],
    [exposureCap, 'exposure-cap', 'total-margin.limit', '200', ['5000', '1200']],
    [portfolioRisk, 'portfolio-risk', 'portfolio-risk.limit', '190.47619', ['500', '121']],
    [orderNotionalLimit, 'order-notional', 'order-notional.limit', '20', ['2000', '1000']],
    [venueExposureLimit, 'venue-exposure', 'venue-exposure.limit', '60', ['10000', '5000']],
    [operatorCapLimit, 'operator-cap', 'operator.limit', '15', ['1500', '1000']],
    [availableMarginLimit, 'available-margin', 'margin.insufficient', '298.507462', ['6000', '201']],
    [firstTradeCap, 'first-trade-cap', 'first-trade.limit', '10', ['1000', '1000']],
  ] as const)('default: %o allows what it measures', (limit, step, code, most, both) => {
    expect([limit.step, limit.code]).toEqual([step, code]);
    expect(allowed(limit)).toBe(most);
    expect(measured(limit)).toEqual(both);
    // The most it allows is within it, and a thousandth more is not.
    const most18 = limit.allows(context, 5) ?? exact(0);
    expect(overLimit(limit, most18, context, 5)).toBeUndefined();
    expect(overLimit(limit, most18.plus('0.001'), context, 5)?.code).toBe(code);
  });

  it('behavior: limits that nobody set bind nothing', () => {
    const { firstTradeNotional: _, maxVenueNotional: __, ...open } = limits;
    const { maxOrderNotional: ___, operatorRoom: ____, ...without } = context;
    for (const limit of [firstTradeCap, venueExposureLimit, orderNotionalLimit, operatorCapLimit]) {
      expect(limit.allows({ ...without, limits: open }, 5)).toBeUndefined();
      expect(limit.measure(exact(10), { ...without, limits: open }, 5)).toBeUndefined();
      expect(overLimit(limit, exact(1e9), { ...without, limits: open }, 5)).toBeUndefined();
    }
    expect(allowed(firstTradeCap, { firstTrade: false })).toBeUndefined();
    expect(measured(firstTradeCap, { firstTrade: false })).toBeUndefined();
  });

  it('behavior: correlations take the place of the sum', () => {
    // One loss of 100 there, uncorrelated with the new one: √(100² + 21²).
    const correlated = { squared: exact(10_000), withNew: exact(0) };
    expect(measured(portfolioRisk, { correlated })?.[1]).toMatch(/^102\.181/);
    // √(500² − 100²) = 489.897… is room for 233.28… units.
    expect(allowed(portfolioRisk, { correlated })).toMatch(/^233\.284/);
  });

  it('default: the first limit that is passed is the answer, with both figures', () => {
    expect(firstOverLimit([exposureCap, firstTradeCap, operatorCapLimit], exact(16), context, 5)).toMatchObject({
      ...{ code: 'first-trade.limit', limit: '1000', actual: '1600' },
    });
    expect(firstOverLimit([exposureCap], exact(16), context, 5)).toBeUndefined();
  });
});

describe('lossAtStop', () => {
  const loss = (changes: Parameters<typeof aPosition>[0]) => show(lossAtStop(aPosition(changes), toRate('0.001')));
  const noStop = { stopSize: toSize(0), takeProfits: [] };

  it('default: from the mark to the stop, with the fee there', () => {
    expect(loss({})).toBe('102.9');
    expect(loss({ direction: 'short', protection: { ...noStop, stopLoss: toPrice(3_100), stopSize: toSize(1) } })).toBe(
      '103.1',
    );
  });

  it('behavior: a stop in profit loses its fee alone', () => {
    expect(loss({ markPrice: toPrice(2_800) })).toBe('2.9');
  });

  it('behavior: what the stop does not cover counts to the liquidation, whole where none is known', () => {
    const half = { stopLoss: toPrice(2_900), stopSize: toSize('0.5'), takeProfits: [] };
    expect(loss({ protection: half, liquidationPrice: toPrice(2_000) })).toBe('552.45');
    expect(loss({ protection: half })).toBe('1551.45');
    expect(loss({ protection: noStop })).toBe('3000');
    expect(loss({ protection: noStop, liquidationPrice: toPrice(2_000) })).toBe('1002');
    // A stop that is larger than the position covers the position.
    expect(loss({ protection: { ...half, stopSize: toSize(9) } })).toBe('102.9');
  });
});
