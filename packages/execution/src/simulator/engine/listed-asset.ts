import {
  Decimal,
  type Instrument,
  instrumentId,
  type MarginTier,
  marketIdSchema,
  type PriceRule,
  type Rate,
  type Size,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { hyperliquidFeeTiers } from '../../matching/fee-tiers.ts';
import type { SimulatedAsset } from './exchange-engine.ts';

/** Prices have at most this many decimals, less those of the size (Hyperliquid "Tick and lot size"). */
const maxPriceDecimals = 6;
const priceFigures = 5;

/** The smallest notional of an order that may open a position. */
export const minimumNotional = new Decimal(10);

/** A contract with what is reckoned from its listing once. */
export interface ListedAsset {
  readonly asset: SimulatedAsset;
  readonly coin: string;
  readonly lot: Size;
  readonly priceRule: Extract<PriceRule, { kind: 'significant-figures' }>;
  readonly tiers: readonly MarginTier[];
  readonly exactTiers: readonly ExactTier[];
  /** For the screen before an exact comparison only. */
  readonly floatTiers: readonly { readonly from: number; readonly rate: number; readonly deduction: number }[];
}

interface ExactTier {
  readonly from: Decimal;
  readonly maxLeverage: number;
  readonly rate: Decimal;
  readonly deduction: Decimal;
}

/** Lists a contract. */
export function listAsset(asset: SimulatedAsset): ListedAsset {
  const exactTiers = exactTiersOf(asset);
  return {
    asset,
    coin: asset.coin,
    lot: toSize(new Decimal(10).pow(-asset.sizeDecimals)),
    priceRule: {
      kind: 'significant-figures',
      figures: priceFigures,
      maxDecimals: Math.max(0, maxPriceDecimals - asset.sizeDecimals),
    },
    exactTiers,
    floatTiers: exactTiers.map(({ from, rate, deduction }) => ({
      from: from.toNumber(),
      rate: rate.toNumber(),
      deduction: deduction.toNumber(),
    })),
    tiers: exactTiers.map(({ from, maxLeverage, rate, deduction }) => ({
      notionalFrom: toUsd(from),
      maxLeverage,
      maintenanceMarginRate: toRate(rate),
      maintenanceDeduction: toUsd(deduction),
    })),
  };
}

/**
 * The maintenance rate is half the initial rate at the tier's highest leverage; each deduction makes the margin continuous:
 * deduction(n) = deduction(n − 1) + from(n)·(rate(n) − rate(n − 1)) (Hyperliquid "Margin tiers").
 */
function exactTiersOf({ marginTiers, maxLeverage }: SimulatedAsset): readonly ExactTier[] {
  const listed = marginTiers.length > 0 ? marginTiers : [{ notionalFrom: toUsd(0), maxLeverage }];
  const tiers: ExactTier[] = [];
  for (const { notionalFrom, maxLeverage: highest } of listed) {
    const from = new Decimal(notionalFrom);
    const rate = new Decimal(1).dividedBy(2 * highest).toDecimalPlaces(18);
    const before = tiers.at(-1);
    const deduction =
      before === undefined ? new Decimal(0) : before.deduction.plus(from.times(rate.minus(before.rate)));
    tiers.push({ from, maxLeverage: highest, rate, deduction });
  }
  return tiers;
}

/** True when a price has at most 5 significant figures and the asset's decimals; whole numbers always may be. */
export function isOnTick({ priceRule }: ListedAsset, price: Decimal): boolean {
  if (price.isInteger()) return true;
  return price.decimalPlaces() <= priceRule.maxDecimals && price.precision() <= priceRule.figures;
}

/** The tier that holds at a notional. */
export function tierOf(listed: ListedAsset, notional: Decimal): ExactTier {
  const { exactTiers } = listed;
  for (let i = exactTiers.length - 1; i > 0; i -= 1) {
    const tier = exactTiers[i];
    if (tier?.from.lessThanOrEqualTo(notional)) return tier;
  }
  const [first] = exactTiers;
  if (first === undefined) throw new TypeError('A listed asset has a tier.');
  return first;
}

/** The maintenance margin of a notional. */
export function maintenanceMarginOf(listed: ListedAsset, notional: Decimal): Decimal {
  const { rate, deduction } = tierOf(listed, notional);
  return Decimal.max(0, notional.times(rate).minus(deduction));
}

/** The contract as an instrument of the SDK, for a market feed or a check of what an adapter made of the wire's listing. */
export function toInstrument(
  asset: SimulatedAsset,
  options: { readonly venue?: string; readonly fees?: { readonly maker: Rate; readonly taker: Rate } } = {},
): Instrument {
  const { venue = 'hyperliquid', fees = hyperliquidFeeTiers[0] } = options;
  const listed = listAsset(asset);
  const market = marketIdSchema.parse(`${asset.coin.toUpperCase()}-PERP`);
  return {
    id: instrumentId(market, venue),
    market,
    venue,
    base: asset.coin,
    quote: 'USDC',
    settle: 'USDC',
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: listed.priceRule,
    lotSize: listed.lot,
    minSize: listed.lot,
    minNotional: toUsd(minimumNotional),
    marginTiers: [...listed.tiers],
    makerFeeRate: fees?.maker ?? toRate(0),
    takerFeeRate: fees?.taker ?? toRate(0),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
  };
}
