import { type CandleColumns, type Price, toPrice } from '@perpdesk/core';

/** How finely the prices and volumes of recorded bars are written. */
export interface ObservedPrecision {
  /** Decimals that all prices but one in a thousand keep to: recordings hold some interpolated ones. */
  readonly priceDecimals: number;
  /** Decimals of the finest volume, at most 8. */
  readonly volumeDecimals: number;
  /** The tick in units of the last price decimal: 1, or 5 when as many of at least 1,000 prices are multiples of it. */
  readonly tickUnits: 1 | 5;
}

const mostDecimals = 10;
const fewestForFives = 1000;
const exceptions = 1 / 1000;

/** Decimals of the shortest notation of a number, at most 10. */
export function decimalsOf(value: number): number {
  let factor = 1;
  for (let decimals = 0; decimals < mostDecimals; decimals += 1, factor *= 10) {
    if (Math.round(value * factor) / factor === value) return decimals;
  }
  return mostDecimals;
}

/**
 * Reads the precision off bars. Few bars may lie on coarser steps than the venue has; then sizes and prices made from
 * it are coarser too, which is still allowed there.
 */
export function observedPrecision(bars: CandleColumns): ObservedPrecision {
  const columns = [bars.open, bars.high, bars.low, bars.close];
  const prices = bars.length * columns.length;
  const byDecimals = new Uint32Array(mostDecimals + 1);
  let volumeDecimals = 0;
  for (let i = 0; i < bars.length; i += 1) {
    for (const column of columns) {
      const decimals = decimalsOf(column[i] ?? 0);
      byDecimals[decimals] = (byDecimals[decimals] ?? 0) + 1;
    }
    volumeDecimals = Math.max(volumeDecimals, decimalsOf(bars.volume[i] ?? 0));
  }
  let priceDecimals = mostDecimals;
  for (let finer = byDecimals[mostDecimals] ?? 0; priceDecimals > 0 && finer <= prices * exceptions; ) {
    priceDecimals -= 1;
    finer += byDecimals[priceDecimals] ?? 0;
  }
  const onFives = prices >= fewestForFives && areOnFives(columns, bars.length, priceDecimals);
  return { priceDecimals, volumeDecimals: Math.min(8, volumeDecimals), tickUnits: onFives ? 5 : 1 };
}

function areOnFives(columns: readonly Float64Array[], length: number, decimals: number): boolean {
  const factor = 10 ** decimals;
  const least = columns.length * length * (1 - exceptions);
  let most = columns.length * length;
  for (const column of columns)
    for (let i = 0; i < length; i += 1) {
      if (Number.isInteger(Math.round((column[i] ?? 0) * factor) / 5)) continue;
      most -= 1;
      if (most < least) return false;
    }
  return true;
}

/** The tick that prices were seen on. */
export const observedTick = (precision: ObservedPrecision): Price =>
  toPrice(`${precision.tickUnits}e-${precision.priceDecimals}`);
