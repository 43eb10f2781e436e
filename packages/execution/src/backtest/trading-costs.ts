import { ValidationError } from '@perpdesk/core';

/** Settled funding rates as columns of one length, oldest first. */
export interface FundingColumns {
  /** When each settles, ms UTC. */
  readonly atMs: Float64Array;
  /** Fractions of notional for the interval that ends then; above 0, longs pay shorts. */
  readonly rate: Float64Array;
}

/** What trading costs and what margin it needs, float64, for study. */
export interface TradingCosts {
  /** Of the notional of a fill at the market. Default 0.00045, Hyperliquid's base tier for takers (July 2025). */
  readonly takerFeeRate?: number;
  /** Of the notional of a take-profit that rested. Default 0.00015, Hyperliquid's base tier for makers. */
  readonly makerFeeRate?: number;
  /** How much worse than the price seen a fill at the market is, as a fraction of it. Default 0.0001. */
  readonly slippageRate?: number;
  /** The largest notional, as a multiple of equity at the fill; what is wanted beyond is cut. Default 1. */
  readonly maxLeverage?: number;
  /** Equity below this fraction of notional is liquidated, and as much is lost in it. Default 0.0125. */
  readonly maintenanceMarginRate?: number;
  /** Default: no funding. */
  readonly funding?: FundingColumns;
}

/** Costs with their defaults. */
export type SettledCosts = Required<Omit<TradingCosts, 'funding'>> & Pick<TradingCosts, 'funding'>;

/** @throws ValidationError `costs.invalid`, `funding.unordered` */
export function settledCosts(costs: TradingCosts): SettledCosts {
  const settled = {
    takerFeeRate: 0.00045,
    makerFeeRate: 0.00015,
    slippageRate: 0.0001,
    maxLeverage: 1,
    maintenanceMarginRate: 0.0125,
    ...costs,
  };
  const check = (name: keyof Omit<SettledCosts, 'funding'>, isRight: (value: number) => boolean): void => {
    if (!isRight(settled[name])) throw new ValidationError('costs.invalid', `${name} can not be ${settled[name]}.`);
  };
  // A maker's rate may be a rebate.
  check('makerFeeRate', (rate) => rate > -1 && rate < 1);
  for (const name of ['takerFeeRate', 'slippageRate', 'maintenanceMarginRate'] as const)
    check(name, (rate) => rate >= 0 && rate < 1);
  check('maxLeverage', (leverage) => leverage > 0 && Number.isFinite(leverage));
  const { atMs, rate } = settled.funding ?? { atMs: [], rate: [] };
  for (let i = 0; i < atMs.length; i += 1) {
    if (!Number.isFinite(rate[i]) || !(i === 0 || (atMs[i] as number) > (atMs[i - 1] as number)))
      throw new ValidationError('funding.unordered', `Funding ${i} is ${rate[i]} at ${atMs[i]}.`);
  }
  return settled;
}
