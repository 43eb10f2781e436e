import { describe, expect, it } from 'vitest';
import { adx } from './adx.ts';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { macd } from './macd.ts';
import { obv } from './obv.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochRsi } from './stoch-rsi.ts';

/** A walk in cents from 100, by Lehmer's generator of 1951 (16807, 2³¹ − 1), that any language repeats to the digit. */
function walk(length: number) {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return Math.floor((seed / 2_147_483_647) * limit);
  };
  const column = (): Float64Array => new Float64Array(length);
  const columns = { high: column(), low: column(), close: column(), volume: column() };
  let cents = 10_000;
  for (let i = 0; i < length; i += 1) {
    cents += below(301) - 150;
    const up = below(80);
    const down = below(80);
    columns.close[i] = cents / 100;
    columns.high[i] = (cents + up) / 100;
    columns.low[i] = (cents - down) / 100;
    columns.volume[i] = below(1000);
  }
  return columns;
}

const columns = walk(80);
const { close } = columns;
const period = { period: 20 };
const { deviation } = standardDeviation(close, period);
const lines = macd(close);
const bands = bollinger(close);
const movement = adx(columns);
const stochastic = stochRsi(close);
const channel = donchian(columns);

// Computed once by TA-Lib's C code (npm talib-web 0.1.3): row and value; the first is TA-Lib's first. In that build BBANDS
// and STDDEV go wrong after some rows (0, and the variance), so only their first are kept. STOCHRSI begins with its fast %D.
type Expected = Readonly<Record<number, number>>;
const cases: readonly (readonly [name: string, ours: Float64Array, expected: Expected])[] = [
  ['SMA 20', sma(close, period), { 19: 105.598, 20: 106.272, 50: 113.7225, 79: 120.3605 }],
  ['EMA 20', ema(close, period), { 19: 105.598, 20: 106.20580952381, 50: 114.15462974067, 79: 120.62143997288 }],
  ['RSI 14', rsi(close), { 14: 95.408631772268, 15: 90.913374167059, 50: 69.307831902662, 79: 63.981104306997 }],
  ['MACD 12 26 9', lines.macd, { 33: 2.4618321144, 34: 2.1690421486, 50: 1.734769867, 79: 1.6429099897 }],
  ['MACD signal', lines.signal, { 33: 3.2652111495, 34: 3.0459773494, 50: 1.7474044195, 79: 1.5112754753 }],
  ['MACD histogram', lines.histogram, { 33: -0.8033790352, 34: -0.87693520074, 50: -0.01263455248, 79: 0.13163451436 }],
  ['BBANDS 20 2 upper', bands.upper, { 19: 113.22171720357, 20: 113.64584729975 }],
  ['BBANDS middle', bands.middle, { 19: 105.598, 20: 106.272 }],
  ['BBANDS lower', bands.lower, { 19: 97.974282796431, 20: 98.898152700252 }],
  ['ATR 14', atr(columns), { 14: 1.2285714286, 15: 1.2115306122, 50: 1.2019463244, 79: 1.2664853343 }],
  ['ADX 14', movement.adx, { 27: 67.784595290648, 28: 66.788207000516, 50: 32.833224719578, 79: 41.372728511668 }],
  ['PLUS_DI 14', movement.plus, { 14: 61.123254672793, 15: 57.307488136411, 50: 45.711925312836, 79: 44.7897840799 }],
  ['MINUS_DI 14', movement.minus, { 14: 6.5084534059, 15: 10.516206868817, 50: 22.833119407935, 79: 20.969848448042 }],
  ['OBV', obv(columns), { 0: 210, 1: 962, 50: 9991, 79: 15401 }],
  ['ROC 10', roc(close), { 10: 8.3959390863, 11: 7.8233692913, 50: 1.8302248562, 79: 1.9281914894 }],
  ['STDDEV 20', deviation, { 19: 3.8118586018, 20: 3.6869236499, 30: 2.3021196211 }],
  ['MAX of highs 20', channel.upper, { 19: 111.37, 20: 112.68, 50: 117.57, 79: 124.23 }],
  ['MIN of lows 20', channel.lower, { 19: 98.27, 20: 98.93, 50: 109.06, 79: 117.58 }],
];

describe('TA-Lib, to 1e-9', () => {
  it.each(cases)('behavior: %s from its first row', (_, ours, expected) => {
    const rows = Object.keys(expected).map(Number);
    expect(ours.findIndex((value) => Number.isFinite(value))).toBe(rows[0]);
    const wrong = rows.filter((row) => !(Math.abs((ours[row] ?? Number.NaN) - (expected[row] ?? Number.NaN)) < 1e-9));
    expect(wrong).toStrictEqual([]);
  });

  it('behavior: STOCHRSI 14 14 3: its fast %K is our raw value, its fast %D our %K', () => {
    const rows = [29, 30, 50, 79];
    const rounded = (column: Float64Array): readonly number[] => rows.map((row) => Number(column[row]?.toFixed(9)));
    expect(rounded(stochastic.raw)).toStrictEqual([0, 4.450307996, 89.211620653, 31.079723039]);
    expect(rounded(stochastic.k)).toStrictEqual([9.460358113, 8.371713358, 75.068037618, 77.026574346]);
  });
});
