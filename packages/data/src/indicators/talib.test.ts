import { describe, expect, it } from 'vitest';
import { adl } from './adl.ts';
import { adx } from './adx.ts';
import { aroon } from './aroon.ts';
import { atr } from './atr.ts';
import { balanceOfPower } from './balance-of-power.ts';
import { bollinger } from './bollinger.ts';
import { cci } from './cci.ts';
import { chaikinOscillator } from './chaikin-oscillator.ts';
import { cmo } from './cmo.ts';
import { correlation } from './correlation.ts';
import { dema } from './dema.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { kama } from './kama.ts';
import { linearRegression } from './linear-regression.ts';
import { macd } from './macd.ts';
import { mfi } from './mfi.ts';
import { momentum } from './momentum.ts';
import { natr } from './natr.ts';
import { obv } from './obv.ts';
import { ppo } from './ppo.ts';
import { psar } from './psar.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochRsi } from './stoch-rsi.ts';
import { stochastic } from './stochastic.ts';
import { tema } from './tema.ts';
import { trima } from './trima.ts';
import { trix } from './trix.ts';
import { ultimateOscillator } from './ultimate-oscillator.ts';
import { williamsR } from './williams-r.ts';
import { wma } from './wma.ts';

/** A walk in cents from 100, by Lehmer's generator of 1951 (16807, 2³¹ − 1), that any language repeats to the digit. */
function walk(length: number) {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return Math.floor((seed / 2_147_483_647) * limit);
  };
  const column = (): Float64Array => new Float64Array(length);
  const columns = { open: column(), high: column(), low: column(), close: column(), volume: column() };
  let cents = 10_000;
  for (let i = 0; i < length; i += 1) {
    columns.open[i] = cents / 100;
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
const rsiPlaces = stochRsi(close);
const channel = donchian(columns);
const fortnight = { period: 14 };
const places = aroon(columns);
const line = linearRegression(close);

// Computed once by TA-Lib's C code (npm talib-web 0.1.3): row and value; the first is TA-Lib's first. In that build BBANDS
// and STDDEV go wrong after some rows (0, and the variance), so only their first are kept; NATR's first is lost, so it is
// taken from ATR's; STOCH gives nothing but its first %K. STOCHRSI begins with its fast %D.
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
  [
    'WMA 20',
    wma(close, period),
    { 19: 107.63857142857, 20: 108.24638095238, 50: 114.70233333333, 79: 121.21942857143 },
  ],
  [
    'DEMA 14',
    dema(close, fortnight),
    { 26: 113.88690142483, 27: 114.15617337048, 50: 116.36912335159, 79: 122.92590084297 },
  ],
  [
    'TEMA 14',
    tema(close, fortnight),
    { 39: 112.49237265756, 40: 113.27475005905, 50: 116.48955419528, 79: 123.16221555308 },
  ],
  ['KAMA 10', kama(close), { 10: 106.35931998237, 11: 106.5970141845, 50: 114.82412997178, 79: 120.49068644091 }],
  [
    'TRIMA 20',
    trima(close, period),
    { 19: 105.96990909091, 20: 106.58836363636, 50: 113.71145454545, 79: 120.26309090909 },
  ],
  ['TRIX 15', trix(close), { 43: 0.17972976208984, 44: 0.18090518652234, 50: 0.19162114713651, 79: 0.17749331038788 }],
  ['MOM 10', momentum(close), { 10: 8.27, 11: 7.76, 50: 2.1, 79: 2.32 }],
  ['CMO 14', cmo(close), { 14: 90.817263544536, 15: 81.826748334119, 50: 38.615663805323, 79: 27.962208613994 }],
  [
    'PPO 12 26 EMA',
    ppo(close).ppo,
    { 25: 3.4844677732415, 26: 3.3508284689971, 50: 1.5299178327526, 79: 1.3698184797128 },
  ],
  [
    'NATR 14',
    natr(columns),
    { 14: 122.857142857143 / (close[14] ?? Number.NaN), 15: 1.1229313302854, 50: 1.0287113354695, 79: 1.0326853671421 },
  ],
  [
    'CCI 14',
    cci(columns, fortnight),
    { 13: 107.72269375367, 14: 88.252083941487, 50: 130.18138566756, 79: 85.912604511754 },
  ],
  ['MFI 14', mfi(columns), { 14: 80.599234053893, 15: 74.778018829294, 50: 75.830674054096, 79: 61.451385226642 }],
  [
    'WILLR 14',
    williamsR(columns),
    { 13: -6.5588499550764, 14: -9.6466093600765, 50: -12.086092715232, 79: -30.459770114943 },
  ],
  ['AD', adl(columns), { 0: -109.375, 1: -286.3161764706, 50: -1383.3653472295, 79: 321.98132664495 }],
  [
    'ADOSC 3 10',
    chaikinOscillator(columns),
    { 9: -16.097414893928, 10: -60.358326607106, 50: 119.13960090078, 79: 339.14619000858 },
  ],
  ['BOP', balanceOfPower(columns), { 0: -1.5625, 1: 1.0147058823529, 50: 0.66896551724138, 79: -3.6585365853659 }],
  [
    'ULTOSC 7 14 28',
    ultimateOscillator(columns),
    { 28: 62.237866515454, 29: 53.469127408964, 50: 57.794761654531, 79: 59.199315097832 },
  ],
  ['AROON 14 up', places.up, { 14: 92.857142857143, 15: 85.714285714286, 50: 100, 79: 92.857142857143 }],
  ['AROON 14 down', places.down, { 14: 0, 15: 0, 50: 0, 79: 50 }],
  ['AROONOSC 14', places.oscillator, { 14: 92.857142857143, 15: 85.714285714286, 50: 100, 79: 42.857142857143 }],
  ['SAR 0.02 0.2', psar(columns).value, { 1: 98.27, 2: 98.2968, 50: 113.05070117096, 79: 120.28436977604 }],
  ['LINEARREG 14', line.value, { 13: 109.21971428571, 14: 109.58742857143, 50: 116.70285714286, 79: 123.042 }],
  [
    'LINEARREG_SLOPE 14',
    line.slope,
    { 13: 0.81248351648351, 14: 0.76037362637362, 50: 0.29703296703296, 79: 0.29316483516484 },
  ],
  [
    'LINEARREG_INTERCEPT 14',
    line.intercept,
    { 13: 98.657428571429, 14: 99.702571428571, 50: 112.84142857143, 79: 119.23085714286 },
  ],
  [
    'CORREL 20',
    correlation({ values: close, benchmark: columns.volume }).correlation,
    { 19: -0.35524688251009, 20: -0.31383459757176, 50: -0.18111394363737, 79: 0.067163848592231 },
  ],
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
    expect(rounded(rsiPlaces.raw)).toStrictEqual([0, 4.450307996, 89.211620653, 31.079723039]);
    expect(rounded(rsiPlaces.k)).toStrictEqual([9.460358113, 8.371713358, 75.068037618, 77.026574346]);
  });

  it('behavior: STOCHF 14 3: its first two fast %K are our raw value', () => {
    const { raw } = stochastic(walk(200));
    expect([15, 16].map((row) => Number(raw[row]?.toFixed(9)))).toStrictEqual([84.869739479, 95.93220339]);
  });
});
