import { Decimal } from '@perpdesk/core';
import type { ExchangeEngine, SimulatedAsset } from '../engine/exchange-engine.ts';
import type { ExchangeRecords } from '../records/exchange-records.ts';
import { wireDecimal } from './wire-decimal.ts';

/** The contracts and their margin tables, as `meta` shows them. Table ids below 50 mean one tier of that leverage. */
export function wireMeta(assets: readonly SimulatedAsset[]): Record<string, unknown> {
  return {
    universe: assets.map((asset, index) => ({
      szDecimals: asset.sizeDecimals,
      name: asset.coin,
      maxLeverage: asset.maxLeverage,
      marginTableId: marginTableId(asset, index),
      ...(asset.onlyIsolated ? { onlyIsolated: true, marginMode: 'noCross' } : {}),
    })),
    marginTables: assets.flatMap((asset, index) =>
      asset.marginTiers.length > 1 ? [[marginTableId(asset, index), wireMarginTable(asset)]] : [],
    ),
    collateralToken: 0,
  };
}

/** An asset's tiers. */
export const wireMarginTable = (asset: SimulatedAsset): Record<string, unknown> => ({
  description: asset.marginTiers.length > 1 ? `tiered ${asset.maxLeverage}x` : '',
  marginTiers: asset.marginTiers.map((tier) => ({
    lowerBound: wireDecimal(tier.notionalFrom),
    maxLeverage: tier.maxLeverage,
  })),
});

/** The number of an asset's margin table. */
export const marginTableId = (asset: SimulatedAsset, index: number): number =>
  asset.marginTiers.length > 1 ? 50 + index : asset.maxLeverage;

/** What an asset stands at: prices, funding, open interest, the day's volumes. */
export function wireAssetContext(
  engine: ExchangeEngine,
  records: ExchangeRecords,
  coin: string,
): Record<string, unknown> {
  const { bids, asks } = engine.book(coin);
  const bid = bids[0]?.price;
  const ask = asks[0]?.price;
  const mark = engine.markPrice(coin);
  const oracle = engine.oraclePrice(coin);
  const day = records.day(coin);
  return {
    funding: wireDecimal(engine.fundingRate(coin)),
    openInterest: wireDecimal(engine.openInterest(coin)),
    prevDayPx: wireDecimal(day.open ?? mark),
    dayNtlVlm: wireDecimal(day.quote),
    premium: bid === undefined || ask === undefined ? null : wireDecimal(premiumOf(bid, ask, oracle)),
    oraclePx: wireDecimal(oracle),
    markPx: wireDecimal(mark),
    midPx: bid === undefined || ask === undefined ? null : wireDecimal(middle(bid, ask)),
    impactPxs: bid === undefined || ask === undefined ? null : [wireDecimal(bid), wireDecimal(ask)],
    dayBaseVlm: wireDecimal(day.base),
  };
}

/** The middle of every book, by coin; the mark where a side is empty. */
export function wireMids(engine: ExchangeEngine): Record<string, string> {
  return Object.fromEntries(
    engine.assets.map(({ coin }) => {
      const { bids, asks } = engine.book(coin);
      const bid = bids[0]?.price;
      const ask = asks[0]?.price;
      return [coin, wireDecimal(bid === undefined || ask === undefined ? engine.markPrice(coin) : middle(bid, ask))];
    }),
  );
}

const middle = (bid: string, ask: string): Decimal => new Decimal(bid).plus(ask).dividedBy(2);

/**
 * (max(0, impact bid − oracle) − max(0, oracle − impact ask)) / oracle, after Hyperliquid's "Funding"
 * (hyperliquid.gitbook.io/hyperliquid-docs/trading/funding).
 */
function premiumOf(bid: string, ask: string, oracle: string): Decimal {
  const zero = new Decimal(0);
  const above = Decimal.max(zero, new Decimal(bid).minus(oracle));
  const below = Decimal.max(zero, new Decimal(oracle).minus(ask));
  return above.minus(below).dividedBy(oracle);
}
