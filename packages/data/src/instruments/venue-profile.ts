import { type Instrument, instrumentId, type Price, type Size, toRate, toSize, toUsd } from '@perpdesk/core';
import { marginTiers } from './margin-tiers.ts';

const hourMs = 3_600_000;

/** What all instruments of one venue (or one kind of contract there) share. */
export interface VenueProfile {
  /** The venue part of instrument ids. */
  readonly venue: string;
  readonly contract: 'linear' | 'inverse';
  readonly quote: string;
  /** Absent: the base asset (coin-margined). */
  readonly settle?: string;
  readonly makerFeeRate: string;
  readonly takerFeeRate: string;
  readonly fundingIntervalMs: number;
  /** In quote units. */
  readonly minNotional: number;
  /** The one margin tier: at or below what the venue gives to its larger markets. */
  readonly maxLeverage: number;
  /** Quote units per contract, for inverse contracts. Default 1. */
  contractValue?(base: string): number;
}

/**
 * The venues that recorded and simulated data comes from, beside Hyperliquid. Fees: the lowest tier, from
 * binance.com/en/fee/futureFee, bybit.com/en/help-center (trading fee structure), 2025. Leverage and maintenance margin are
 * stricter than the venues' own tables, which differ by symbol and change.
 */
export const venueProfiles = {
  binance: {
    venue: 'binance',
    contract: 'linear',
    quote: 'USDT',
    settle: 'USDT',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 5,
    maxLeverage: 20,
  },
  /** COIN-margined: a contract is 100 USD of BTC, 10 USD of any other (binance.com/en/futures/trading-rules). */
  'binance-coinm': {
    venue: 'binance-coinm',
    contract: 'inverse',
    quote: 'USD',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 0,
    maxLeverage: 20,
    contractValue: (base: string) => (base === 'BTC' ? 100 : 10),
  },
  bybit: {
    venue: 'bybit',
    contract: 'linear',
    quote: 'USDT',
    settle: 'USDT',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.00055',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 5,
    maxLeverage: 20,
  },
  'bybit-inverse': {
    venue: 'bybit-inverse',
    contract: 'inverse',
    quote: 'USD',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.00055',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 0,
    maxLeverage: 20,
  },
  /** A recording whose venue is not told. */
  recorded: {
    venue: 'recorded',
    contract: 'linear',
    quote: 'USD',
    settle: 'USD',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0007',
    fundingIntervalMs: hourMs,
    minNotional: 10,
    maxLeverage: 10,
  },
} as const satisfies Readonly<Record<string, VenueProfile>>;

/** Makes an instrument of a profile. Inverse contracts are counted: their lot is one contract. */
export function profiledInstrument(
  profile: VenueProfile,
  base: string,
  precision: { readonly tick: Price; readonly lotSize: Size },
): Instrument {
  const market = `${base}-PERP`;
  const inverse = profile.contract === 'inverse';
  const lotSize = inverse ? toSize(1) : precision.lotSize;
  return {
    id: instrumentId(market, profile.venue),
    market,
    venue: profile.venue,
    base,
    quote: profile.quote,
    settle: profile.settle ?? base,
    contract: profile.contract,
    contractSize: toSize(profile.contractValue?.(base) ?? 1),
    priceRule: { kind: 'tick', tick: precision.tick },
    lotSize,
    minSize: lotSize,
    minNotional: toUsd(profile.minNotional),
    marginTiers: marginTiers([[0, profile.maxLeverage]]),
    makerFeeRate: toRate(profile.makerFeeRate),
    takerFeeRate: toRate(profile.takerFeeRate),
    fundingIntervalMs: profile.fundingIntervalMs,
    status: 'trading',
  };
}
