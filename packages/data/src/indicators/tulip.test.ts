import { describe, expect, it } from 'vitest';
import { adl } from './adl.ts';
import { adx } from './adx.ts';
import { aroon } from './aroon.ts';
import { balanceOfPower } from './balance-of-power.ts';
import { bollinger } from './bollinger.ts';
import { cci } from './cci.ts';
import { chaikinOscillator } from './chaikin-oscillator.ts';
import { donchian } from './donchian.ts';
import { dpo } from './dpo.ts';
import { hma } from './hma.ts';
import { kama } from './kama.ts';
import { linearRegression } from './linear-regression.ts';
import { mfi } from './mfi.ts';
import { momentum } from './momentum.ts';
import { obv } from './obv.ts';
import { psar } from './psar.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { smma } from './smma.ts';
import { standardDeviation } from './standard-deviation.ts';
import { stochRsi } from './stoch-rsi.ts';
import { stochastic } from './stochastic.ts';
import { hasFixtures, tulip } from './testing/reference-fixtures.ts';
import { trima } from './trima.ts';
import { ultimateOscillator } from './ultimate-oscillator.ts';
import { vwma } from './vwma.ts';
import { williamsR } from './williams-r.ts';
import { wma } from './wma.ts';

interface Printed {
  readonly title: string;
  /** Which of the block's rows. */
  readonly row: number;
  readonly ours: Float64Array;
  /** How many results at the beginning only one of the two has. Default none. */
  readonly more?: number;
}

function blocks(): readonly Printed[] {
  const [high = new Float64Array(), low = high, close = high, volume = high] = tulip('mfi 5');
  const [open = high] = tulip('bop');
  const bars = { open, high, low, close, volume };
  const period = { period: 5 };
  const bands = bollinger(close, period);
  const channel = donchian({ high: close, low: close }, period);
  const { slope, intercept, value: line } = linearRegression(close, period);
  const places = aroon(bars, period);
  const { deviation } = standardDeviation(close, period);
  const movement = adx(bars, period);
  const slow = stochastic(bars, period);
  return [
    { title: 'sma 5', row: 1, ours: sma(close, period) },
    { title: 'wma 5', row: 1, ours: wma(close, period) },
    { title: 'hma 5', row: 1, ours: hma(close, period) },
    { title: 'trima 5', row: 1, ours: trima(close, period) },
    { title: 'wilders 5', row: 1, ours: smma(close, period) },
    { title: 'vwma 5', row: 2, ours: vwma(bars, period) },
    // Tulip gives the seed as a first result.
    { title: 'kama 5', row: 1, ours: kama(close, period), more: 1 },
    { title: 'stddev 5', row: 1, ours: deviation },
    { title: 'var 5', row: 1, ours: deviation.map((value) => value * value) },
    { title: 'bbands 5 2', row: 1, ours: bands.lower },
    { title: 'bbands 5 2', row: 2, ours: bands.middle },
    { title: 'bbands 5 2', row: 3, ours: bands.upper },
    { title: 'max 5', row: 1, ours: channel.upper },
    { title: 'min 5', row: 1, ours: channel.lower },
    { title: 'rsi 5', row: 1, ours: rsi(close, period) },
    // Tulip gives fractions.
    { title: 'roc 5', row: 1, ours: roc(close, period).map((value) => value / 100) },
    { title: 'stochrsi 5', row: 1, ours: stochRsi(close, { rsi: 5, stochastic: 5 }).raw.map((value) => value / 100) },
    { title: 'mom 5', row: 1, ours: momentum(close, period) },
    { title: 'dpo 5', row: 1, ours: dpo(close, period) },
    { title: 'linreg 5', row: 1, ours: line },
    { title: 'linregslope 5', row: 1, ours: slope },
    { title: 'linregintercept 5', row: 1, ours: intercept },
    { title: 'tsf 5', row: 1, ours: line.map((value, i) => value + (slope[i] ?? Number.NaN)) },
    // Tulip's first result is where both %K and %D are.
    { title: 'stoch 5 3 3', row: 3, ours: slow.k, more: 2 },
    { title: 'stoch 5 3 3', row: 4, ours: slow.d },
    { title: 'aroon 5', row: 2, ours: places.down },
    { title: 'aroon 5', row: 3, ours: places.up },
    { title: 'aroonosc 5', row: 2, ours: places.oscillator },
    { title: 'psar .2 2', row: 2, ours: psar(bars, { acceleration: 0.2, maximum: 1 }).value },
    // Tulip begins a row earlier, with the first bar's range for its true range.
    { title: 'di 5', row: 3, ours: movement.plus, more: 1 },
    { title: 'di 5', row: 4, ours: movement.minus, more: 1 },
    { title: 'ultosc 2 3 5', row: 3, ours: ultimateOscillator(bars, { fast: 2, middle: 3, slow: 5 }) },
    // Tulip's first result waits for two whole windows.
    { title: 'cci 5', row: 3, ours: cci(bars, period), more: 4 },
    { title: 'willr 5', row: 3, ours: williamsR(bars, period) },
    { title: 'bop', row: 4, ours: balanceOfPower(bars) },
    { title: 'ad', row: 4, ours: adl(bars) },
    { title: 'adosc 2 5', row: 4, ours: chaikinOscillator(bars, { fast: 2, slow: 5 }) },
    { title: 'mfi 5', row: 4, ours: mfi(bars, period) },
    // TA-Lib and we begin with the first volume, Tulip with 0.
    { title: 'obv', row: 2, ours: obv(bars).map((value) => value - (volume[0] ?? Number.NaN)) },
  ];
}

describe.skipIf(!hasFixtures)('Tulip reference values, three decimals (fixtures/indicators/tulip)', () => {
  it.each(hasFixtures ? blocks() : [])('behavior: row $row of $title', ({ title, row, ours, more = 0 }) => {
    const results = [...ours.filter(Number.isFinite)];
    const printed = [...(tulip(title)[row] ?? [])];
    expect(Math.abs(results.length - printed.length)).toBe(more);
    const length = Math.min(results.length, printed.length);
    const wrong = results
      .slice(-length)
      .filter((value, i) => !(Math.abs(value - (printed.slice(-length)[i] ?? Number.NaN)) <= 0.000_501));
    expect(wrong).toStrictEqual([]);
  });
});
