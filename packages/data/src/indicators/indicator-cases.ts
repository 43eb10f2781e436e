// Every indicator in one shape, for the tests and the bench that say the same of all of them.
import { Adx, adx } from './adx.ts';
import { Atr, atr } from './atr.ts';
import { averageCases } from './average-cases.ts';
import { Bollinger, bollinger } from './bollinger.ts';
import { derivativesCases } from './derivatives-cases.ts';
import { Donchian, donchian } from './donchian.ts';
import { Ema, ema } from './ema.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { Macd, macd } from './macd.ts';
import { momentumCases } from './momentum-cases.ts';
import { Obv, obv } from './obv.ts';
import { Roc, roc } from './roc.ts';
import { Rsi, rsi } from './rsi.ts';
import { Sma, sma } from './sma.ts';
import { StandardDeviation, standardDeviation } from './standard-deviation.ts';
import { StochRsi, stochRsi } from './stoch-rsi.ts';
import { trendCases } from './trend-cases.ts';
import { volatilityCases } from './volatility-cases.ts';
import { volumeCases } from './volume-cases.ts';
import { Vwap, vwap } from './vwap.ts';

const threeOf = (a: Float64Array, b: Float64Array, c: Float64Array): readonly Float64Array[] => [a, b, c];

/** All of them, with the parameters the desk uses where it uses them. */
export const indicatorCases: readonly IndicatorCase[] = [
  ofValue(
    () => new Sma({ period: 20 }),
    (x) => [x.value],
    19,
    (values) => [sma(values, { period: 20 })],
  ),
  ofValue(
    () => new Ema({ period: 20 }),
    (x) => [x.value],
    19,
    (values) => [ema(values, { period: 20 })],
  ),
  ofValue(
    () => new Rsi(),
    (x) => [x.value],
    14,
    (values) => [rsi(values)],
  ),
  ofValue(
    () => new Macd(),
    (x) => [x.value, x.signal, x.histogram],
    33,
    (values) => {
      const { macd: line, signal, histogram } = macd(values);
      return threeOf(line, signal, histogram);
    },
  ),
  ofValue(
    () => new Bollinger(),
    (x) => [x.upper, x.middle, x.lower],
    19,
    (values) => {
      const { upper, middle, lower } = bollinger(values);
      return threeOf(upper, middle, lower);
    },
  ),
  ofBar(
    () => new Atr(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    14,
    (columns) => [atr(columns)],
  ),
  ofValue(
    () => new StochRsi(),
    (x) => [x.raw, x.k, x.d],
    31,
    (values) => {
      const { raw, k, d } = stochRsi(values);
      return threeOf(raw, k, d);
    },
  ),
  ofBar(
    () => new Adx(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value, x.plus, x.minus],
    27,
    (columns) => {
      const { adx: strength, plus, minus } = adx(columns);
      return threeOf(strength, plus, minus);
    },
  ),
  ofBar(
    () => new Obv(),
    (x, columns, i) => x.update(at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    0,
    (columns) => [obv(columns)],
  ),
  ...[{}, { period: 20 }].map((options) =>
    ofBar(
      () => new Vwap(options),
      (x, { openAtMs, high, low, close, volume }, i) =>
        x.update(at(openAtMs, i), at(high, i), at(low, i), at(close, i), at(volume, i)),
      (x) => [x.value],
      'period' in options ? 19 : 0,
      (columns) => [vwap(columns, options)],
    ),
  ),
  ofValue(
    () => new Roc(),
    (x) => [x.value],
    10,
    (values) => [roc(values)],
  ),
  ofBar(
    () => new Donchian(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.upper, x.middle, x.lower],
    19,
    (columns) => {
      const { upper, middle, lower } = donchian(columns);
      return threeOf(upper, middle, lower);
    },
  ),
  ofValue(
    () => new StandardDeviation({ period: 20 }),
    (x) => [x.value, x.mean],
    19,
    (values) => {
      const { deviation, mean } = standardDeviation(values, { period: 20 });
      return [deviation, mean];
    },
  ),
  ...averageCases,
  ...momentumCases,
  ...trendCases,
  ...volatilityCases,
  ...volumeCases,
  ...derivativesCases,
];
