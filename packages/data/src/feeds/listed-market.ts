import { Decimal, type Instrument, instrumentId, type PriceRule, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { marginTiers } from '../instruments/margin-tiers.ts';
import { marketName } from './market-name.ts';
import type { VenueFeed } from './venue-feed.ts';
import { type Fields, fieldsOf, signed, textOf, unsigned } from './wire-values.ts';

/** What is read of a market in ccxt's listing: checked, the rest ignored. */
export interface ListedMarket {
  readonly symbol: string;
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly inverse: boolean;
  readonly active: boolean;
  /** Linear: base units per contract. Inverse: quote units per contract. */
  readonly contractSize: Decimal;
  /** In prices and in the venue's units. Undefined where the listing has none. */
  readonly tick: Decimal | undefined;
  readonly lot: Decimal | undefined;
  readonly minSize: Decimal | undefined;
  readonly minNotional: number | undefined;
  readonly maxLeverage: number | undefined;
  readonly maker: number | undefined;
  readonly taker: number | undefined;
  /** The venue's own row. */
  readonly info: Fields;
}

/** Reads one entry of ccxt's listing; undefined when it is no perpetual or lacks what a market must have. */
export function readListing(value: unknown): ListedMarket | undefined {
  const market = fieldsOf(value);
  if (market === undefined || market.swap !== true) return undefined;
  const symbol = textOf(market.symbol);
  const id = textOf(market.id);
  const base = textOf(market.base);
  const quote = textOf(market.quote);
  const settle = textOf(market.settle);
  if (!symbol || !id || !base || !quote || !settle) return undefined;
  const precision = fieldsOf(market.precision);
  const limits = fieldsOf(market.limits);
  return {
    symbol,
    id,
    base,
    quote,
    settle,
    inverse: market.inverse === true,
    active: market.active !== false,
    contractSize: positiveDecimal(market.contractSize) ?? new Decimal(1),
    tick: positiveDecimal(precision?.price),
    lot: positiveDecimal(precision?.amount),
    minSize: positiveDecimal(fieldsOf(limits?.amount)?.min),
    minNotional: finite(unsigned(fieldsOf(limits?.cost)?.min)),
    maxLeverage: finite(unsigned(fieldsOf(limits?.leverage)?.max)),
    maker: finite(signed(market.maker)),
    taker: finite(signed(market.taker)),
    info: fieldsOf(market.info) ?? {},
  };
}

/**
 * The instrument of a listed market. Linear sizes are in base units: contracts times the contract's size; inverse ones stay
 * contracts. Undefined when the listing has no tick or lot: an instrument whose orders can not be rounded is not offered.
 */
export function listedInstrument(venue: VenueFeed, market: ListedMarket): Instrument | undefined {
  const { defaults } = venue;
  const unit = market.inverse ? new Decimal(1) : market.contractSize;
  if (market.lot === undefined) return undefined;
  const base = venue.base?.(market) ?? market.base;
  const name = marketName({ ...market, base, usualQuote: venue.quote });
  const lotSize = toSize(market.lot.times(unit));
  const priceRule: PriceRule = { kind: 'tick', tick: toPrice(market.tick ?? 0) };
  const instrument: Instrument = {
    id: instrumentId(name, venue.venue),
    market: name,
    venue: venue.venue,
    base,
    quote: market.quote,
    settle: market.settle,
    contract: market.inverse ? 'inverse' : 'linear',
    contractSize: toSize(market.contractSize),
    priceRule,
    lotSize,
    minSize: market.minSize === undefined ? lotSize : toSize(market.minSize.times(unit)),
    minNotional: toUsd(market.minNotional ?? (market.inverse ? 0 : defaults.minNotional)),
    marginTiers: marginTiers([[0, atLeastOne(market.maxLeverage) ?? defaults.maxLeverage]]),
    makerFeeRate: toRate(defaults.makerFeeRate),
    takerFeeRate: toRate(defaults.takerFeeRate),
    fundingIntervalMs: defaults.fundingIntervalMs,
    status: market.active ? 'trading' : 'halted',
  };
  const refined = venue.refine?.(market, instrument) ?? instrument;
  return refined.priceRule.kind === 'tick' && Number(refined.priceRule.tick) === 0 ? undefined : refined;
}

function positiveDecimal(value: unknown): Decimal | undefined {
  const number = unsigned(value);
  return number > 0 ? new Decimal(typeof value === 'string' ? value : number) : undefined;
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const atLeastOne = (value: number | undefined): number | undefined =>
  value !== undefined && value >= 1 ? value : undefined;
