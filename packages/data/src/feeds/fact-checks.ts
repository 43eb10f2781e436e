import type { BookLevel, Candle, FundingRate, Liquidation, OpenInterest, Trade } from '@perpdesk/core';
import type { LevelText } from '../book/book-checksum.ts';
import type { CatalogMarket } from './market-catalog.ts';
import type { RawBar, RawFunding, RawLiquidation, RawTrade } from './raw-facts.ts';
import { fieldsOf, idOf, signed, unsigned, whole } from './wire-values.ts';

/** No price or size of any market comes near these: what is beyond is a fault, and would spoil every sum it goes into. */
const highestPrice = 1e12;
const largestSize = 1e18;
/** Before the first of these venues. */
const earliestMs = Date.UTC(2015, 0, 1);
/** How far a venue's clock may be before ours. */
const latestAheadMs = 86_400_000;
const highestRate = 1;

/** A price, or NaN. */
export function price(value: unknown): number {
  const parsed = unsigned(value);
  return parsed > 0 && parsed <= highestPrice ? parsed : Number.NaN;
}

/** A size above zero in base units, or NaN. */
export function size(value: unknown, unit: number): number {
  const parsed = unsigned(value) * unit;
  return parsed > 0 && parsed <= largestSize ? parsed : Number.NaN;
}

/** An instant, or NaN. */
export function instant(value: unknown, nowMs: number): number {
  const parsed = whole(value);
  return parsed >= earliestMs && parsed <= nowMs + latestAheadMs ? parsed : Number.NaN;
}

/** A trade, or why it is none. */
export function checkTrade(market: CatalogMarket, raw: RawTrade, receivedAtMs: number): Trade | string {
  const id = idOf(raw.id);
  if (id === undefined) return 'trade.id';
  if (raw.side === undefined) return 'trade.side';
  const at = price(raw.price);
  if (Number.isNaN(at)) return 'trade.price';
  const amount = size(raw.size, market.sizeUnit);
  if (Number.isNaN(amount)) return 'trade.size';
  const exchangeAtMs = instant(raw.atMs, receivedAtMs);
  if (Number.isNaN(exchangeAtMs)) return 'trade.time';
  return {
    instrumentId: market.instrument.id,
    id,
    side: raw.side,
    price: at,
    size: amount,
    exchangeAtMs,
    receivedAtMs,
  };
}

/** A bar, or why it is none. */
export function checkBar(market: CatalogMarket, raw: RawBar, nowMs: number, barMs: number): Candle | string {
  const openAtMs = instant(raw.openAtMs, nowMs);
  if (Number.isNaN(openAtMs) || openAtMs % barMs !== 0) return 'candle.time';
  const open = price(raw.open);
  const high = price(raw.high);
  const low = price(raw.low);
  const close = price(raw.close);
  // Written so that NaN fails, too.
  if (!(high >= open && high >= close && low <= open && low <= close)) return 'candle.prices';
  const volume = unsigned(raw.volume) * market.sizeUnit;
  if (!(volume <= largestSize)) return 'candle.volume';
  return { instrumentId: market.instrument.id, timeframe: raw.timeframe, openAtMs, open, high, low, close, volume };
}

/** Funding, or why it is none. */
export function checkFunding(market: CatalogMarket, raw: RawFunding, receivedAtMs: number): FundingRate | string {
  const rate = signed(raw.rate);
  if (!(Math.abs(rate) <= highestRate)) return 'funding.rate';
  const settlesAtMs = instant(raw.settlesAtMs, receivedAtMs);
  if (Number.isNaN(settlesAtMs)) return 'funding.time';
  const exchangeAtMs = instant(raw.atMs, receivedAtMs);
  if (Number.isNaN(exchangeAtMs)) return 'funding.time';
  const intervalMs = raw.intervalMs === undefined ? market.instrument.fundingIntervalMs : whole(raw.intervalMs);
  if (!(intervalMs > 0)) return 'funding.interval';
  const { predicted } = raw;
  return { instrumentId: market.instrument.id, rate, intervalMs, settlesAtMs, predicted, exchangeAtMs, receivedAtMs };
}

/** A liquidation, or why it is none. */
export function checkLiquidation(
  market: CatalogMarket,
  raw: RawLiquidation,
  receivedAtMs: number,
): Liquidation | string {
  if (raw.side === undefined) return 'liquidation.side';
  const at = price(raw.price);
  const amount = size(raw.size, market.sizeUnit);
  if (Number.isNaN(at) || Number.isNaN(amount)) return 'liquidation.amount';
  const exchangeAtMs = instant(raw.atMs, receivedAtMs);
  if (Number.isNaN(exchangeAtMs)) return 'liquidation.time';
  return { instrumentId: market.instrument.id, side: raw.side, price: at, size: amount, exchangeAtMs, receivedAtMs };
}

/** Open interest and its value in dollars, or why it is none. Inverse contracts are worth their size in dollars each. */
export function checkOpenInterest(
  market: CatalogMarket,
  raw: { readonly size: number; readonly notionalUsd: number; readonly atMs: unknown },
  receivedAtMs: number,
): OpenInterest | string {
  if (!(raw.size >= 0 && raw.size <= largestSize)) return 'open-interest.size';
  if (!(raw.notionalUsd >= 0 && raw.notionalUsd <= largestSize)) return 'open-interest.notional';
  const exchangeAtMs = instant(raw.atMs, receivedAtMs);
  if (Number.isNaN(exchangeAtMs)) return 'open-interest.time';
  return {
    instrumentId: market.instrument.id,
    size: raw.size,
    notionalUsd: raw.notionalUsd,
    exchangeAtMs,
    receivedAtMs,
  };
}

const mostLevels = 20_000;

/** Levels out of rows `[price, size, …]` or objects with `px` and `sz`, or `price` and `size`; undefined when one can not be. */
export function checkLevels(rows: unknown, unit: number): BookLevel[] | undefined {
  if (!Array.isArray(rows) || rows.length > mostLevels) return undefined;
  const levels: BookLevel[] = new Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const row: unknown = rows[i];
    let at: number;
    let amount: number;
    if (Array.isArray(row)) {
      at = price(row[0]);
      amount = unsigned(row[1]) * unit;
    } else {
      const named = fieldsOf(row);
      at = price(named?.px ?? named?.price);
      amount = unsigned(named?.sz ?? named?.size) * unit;
    }
    if (!(at > 0 && amount <= largestSize)) return undefined;
    levels[i] = [at, amount];
  }
  return levels;
}

/** The texts of levels, for a venue's sum. */
export function levelTexts(rows: unknown): readonly LevelText[] {
  return Array.isArray(rows) ? rows.map((row) => [String(row?.[0]), String(row?.[1])]) : [];
}
