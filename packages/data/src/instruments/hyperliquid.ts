import { type Instrument, instrumentId, toRate, toSize, toUsd, ValidationError } from '@perpdesk/core';
import { marginTiers } from './margin-tiers.ts';

const hourMs = 3_600_000;

interface HyperliquidListing {
  /** Decimals of sizes, from the venue's `meta` answer. */
  readonly sizeDecimals: number;
  readonly margin: readonly (readonly [notionalFrom: number, maxLeverage: number])[];
}

/**
 * Sizes from the venue's `meta` answer, leverages from hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers
 * (mainnet), both as of 2025.
 */
const listings: Readonly<Record<string, HyperliquidListing>> = {
  BTC: {
    sizeDecimals: 5,
    margin: [
      [0, 40],
      [150_000_000, 20],
    ],
  },
  ETH: {
    sizeDecimals: 4,
    margin: [
      [0, 25],
      [100_000_000, 15],
    ],
  },
  SOL: {
    sizeDecimals: 2,
    margin: [
      [0, 20],
      [70_000_000, 10],
    ],
  },
  XRP: {
    sizeDecimals: 0,
    margin: [
      [0, 20],
      [40_000_000, 10],
    ],
  },
  DOGE: {
    sizeDecimals: 0,
    margin: [
      [0, 10],
      [20_000_000, 5],
    ],
  },
  AVAX: {
    sizeDecimals: 2,
    margin: [
      [0, 10],
      [20_000_000, 5],
    ],
  },
};

/** The lowest maximum leverage Hyperliquid gives: what an unlisted symbol is taken to have. */
const cautiousLeverage = 3;

/** True when the venue's own rules of a symbol are known here. */
export const isListedOnHyperliquid = (base: string): boolean => listings[base] !== undefined;

/**
 * The perpetual of a base asset at Hyperliquid. Prices: 5 significant figures, 6 − szDecimals decimals
 * (hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size). Fees of the lowest tier: 0.045 % taker,
 * 0.015 % maker (…/trading/fees). Orders from 10 USDC. Funding hourly (…/trading/funding).
 * @param sizeDecimals for symbols that are not in the table here; their maximum leverage is then 3.
 * @throws ValidationError `instrument.unlisted` for a symbol not in the table without `sizeDecimals`.
 */
export function hyperliquidInstrument(
  base: string,
  options: { readonly quote?: string; readonly sizeDecimals?: number } = {},
): Instrument {
  const listing =
    listings[base] ??
    (options.sizeDecimals === undefined
      ? undefined
      : { sizeDecimals: Math.min(6, options.sizeDecimals), margin: [[0, cautiousLeverage]] as const });
  if (listing === undefined) {
    throw new ValidationError('instrument.unlisted', `The rules of ${base} at hyperliquid are not known.`);
  }
  const market = `${base}-PERP`;
  const lotSize = toSize(`1e-${listing.sizeDecimals}`);
  return {
    id: instrumentId(market, 'hyperliquid'),
    market,
    venue: 'hyperliquid',
    base,
    quote: options.quote ?? 'USDC',
    settle: options.quote ?? 'USDC',
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 6 - listing.sizeDecimals },
    lotSize,
    minSize: lotSize,
    minNotional: toUsd(10),
    marginTiers: marginTiers(listing.margin),
    makerFeeRate: toRate('0.00015'),
    takerFeeRate: toRate('0.00045'),
    fundingIntervalMs: hourMs,
    status: 'trading',
  };
}
