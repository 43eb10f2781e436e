import { Adl } from '../indicators/adl.ts';
import { Adx } from '../indicators/adx.ts';
import { Alligator } from '../indicators/alligator.ts';
import { Alma } from '../indicators/alma.ts';
import { AnchoredVwap } from '../indicators/anchored-vwap.ts';
import { Aroon } from '../indicators/aroon.ts';
import { Atr } from '../indicators/atr.ts';
import { AwesomeOscillator } from '../indicators/awesome-oscillator.ts';
import { BalanceOfPower } from '../indicators/balance-of-power.ts';
import { Bollinger } from '../indicators/bollinger.ts';
import { Cci } from '../indicators/cci.ts';
import { ChaikinOscillator } from '../indicators/chaikin-oscillator.ts';
import { Chandelier } from '../indicators/chandelier.ts';
import { Choppiness } from '../indicators/choppiness.ts';
import { Cmf } from '../indicators/cmf.ts';
import { Cmo } from '../indicators/cmo.ts';
import { Dema } from '../indicators/dema.ts';
import { Donchian } from '../indicators/donchian.ts';
import { Dpo } from '../indicators/dpo.ts';
import { ElderRay } from '../indicators/elder-ray.ts';
import { Ema } from '../indicators/ema.ts';
import { ForceIndex } from '../indicators/force-index.ts';
import { Fractals } from '../indicators/fractals.ts';
import { GarmanKlass } from '../indicators/garman-klass.ts';
import { HeikinAshi } from '../indicators/heikin-ashi.ts';
import { Hma } from '../indicators/hma.ts';
import { Ichimoku } from '../indicators/ichimoku.ts';
import { Kama } from '../indicators/kama.ts';
import { Keltner } from '../indicators/keltner.ts';
import { Klinger } from '../indicators/klinger.ts';
import { LinearRegression } from '../indicators/linear-regression.ts';
import { Macd } from '../indicators/macd.ts';
import { MassIndex } from '../indicators/mass-index.ts';
import { Mcginley } from '../indicators/mcginley.ts';
import { Mfi } from '../indicators/mfi.ts';
import { Momentum } from '../indicators/momentum.ts';
import { Natr } from '../indicators/natr.ts';
import { Obv } from '../indicators/obv.ts';
import { Parkinson } from '../indicators/parkinson.ts';
import { PivotPoints, type PivotPointsOptions } from '../indicators/pivot-points.ts';
import { Ppo } from '../indicators/ppo.ts';
import { Psar } from '../indicators/psar.ts';
import { RealisedVolatility } from '../indicators/realised-volatility.ts';
import { Roc } from '../indicators/roc.ts';
import { Rsi } from '../indicators/rsi.ts';
import { Sma } from '../indicators/sma.ts';
import { Smi } from '../indicators/smi.ts';
import { Smma } from '../indicators/smma.ts';
import { StandardDeviation } from '../indicators/standard-deviation.ts';
import { Starc } from '../indicators/starc.ts';
import { StochRsi } from '../indicators/stoch-rsi.ts';
import { Stochastic } from '../indicators/stochastic.ts';
import { Supertrend } from '../indicators/supertrend.ts';
import { Tema } from '../indicators/tema.ts';
import { Trima } from '../indicators/trima.ts';
import { Trix } from '../indicators/trix.ts';
import { Tsi } from '../indicators/tsi.ts';
import { UlcerIndex } from '../indicators/ulcer-index.ts';
import { UltimateOscillator } from '../indicators/ultimate-oscillator.ts';
import { Vortex } from '../indicators/vortex.ts';
import { Vwap } from '../indicators/vwap.ts';
import { VwapBands } from '../indicators/vwap-bands.ts';
import { Vwma } from '../indicators/vwma.ts';
import { WilliamsR } from '../indicators/williams-r.ts';
import { Wma } from '../indicators/wma.ts';
import { ZScore } from '../indicators/z-score.ts';
import { ZigZag } from '../indicators/zig-zag.ts';
import { ofBar, ofColumn, type PackedIndicator } from './packed-indicator.ts';
import { presentBar } from './present-bar.ts';

const { openAtMs, open, high, low, close, volume } = presentBar;
const now = (column: Float64Array): number => column[0] ?? Number.NaN;

interface Takes<Bar extends readonly number[]> {
  update(...bar: Bar): void;
}
const hl = (it: Takes<[number, number]>): void => it.update(now(high), now(low));
const hlc = (it: Takes<[number, number, number]>): void => it.update(now(high), now(low), now(close));
const ohlc = (it: Takes<[number, number, number, number]>): void =>
  it.update(now(open), now(high), now(low), now(close));
const cv = (it: Takes<[number, number]>): void => it.update(now(close), now(volume));
const hlcv = (it: Takes<[number, number, number, number]>): void =>
  it.update(now(high), now(low), now(close), now(volume));
const thlc = (it: Takes<[number, number, number, number]>): void =>
  it.update(now(openAtMs), now(high), now(low), now(close));
const thlcv = (it: Takes<[number, number, number, number, number]>): void =>
  it.update(now(openAtMs), now(high), now(low), now(close), now(volume));

/** Asks for the length of the bars, by which a volatility per year is reckoned: of a series, a default would be wrong. */
const overTimeframe =
  <Options>(create: (options: Options) => PackedIndicator) =>
  (options: Options & { readonly timeframeMs: number }): PackedIndicator =>
    create(options);

/** The kind of levels is called `levels` in a spec, whose `kind` is the indicator's. */
const pivotPoints = ({
  levels = 'classic',
  ...options
}: Omit<PivotPointsOptions, 'kind'> & {
  readonly levels?: NonNullable<PivotPointsOptions['kind']>;
}): PackedIndicator => {
  const numbers = levels === 'camarilla' ? [1, 2, 3, 4] : [1, 2, 3];
  const outputs = ['', ...numbers.map((level) => `r${level}`), ...numbers.map((level) => `s${level}`)];
  return ofBar(PivotPoints, thlc, outputs)({ ...options, kind: levels });
};

/**
 * Every indicator of candles by its kind, which is the name of its file: its class, what it reads of a bar, and what its
 * outputs are called in the order of the class. A further indicator is a further line; its specs and types follow from it.
 * Those of trades, funding, open interest and of two series (cumulative volume delta, correlation) are not of candles.
 */
export const indicatorKinds = {
  sma: ofColumn(Sma),
  ema: ofColumn(Ema),
  wma: ofColumn(Wma),
  hma: ofColumn(Hma),
  dema: ofColumn(Dema),
  tema: ofColumn(Tema),
  trima: ofColumn(Trima),
  smma: ofColumn(Smma),
  kama: ofColumn(Kama),
  alma: ofColumn(Alma),
  mcginley: ofColumn(Mcginley),
  rsi: ofColumn(Rsi),
  macd: ofColumn(Macd, ['', 'signal', 'histogram']),
  ppo: ofColumn(Ppo, ['', 'signal', 'histogram']),
  bollinger: ofColumn(Bollinger, ['upper', 'middle', 'lower']),
  'stoch-rsi': ofColumn(StochRsi, ['', 'k', 'd'], (options) => ({ [`rsi(${options.rsi ?? 14})`]: 3 })),
  roc: ofColumn(Roc),
  momentum: ofColumn(Momentum),
  cmo: ofColumn(Cmo),
  dpo: ofColumn(Dpo),
  trix: ofColumn(Trix),
  tsi: ofColumn(Tsi, ['', 'signal']),
  'ulcer-index': ofColumn(UlcerIndex),
  'standard-deviation': ofColumn(StandardDeviation, ['', 'mean']),
  'z-score': ofColumn(ZScore),
  'linear-regression': ofColumn(LinearRegression, ['slope', 'intercept', '', 'rSquared']),
  'realised-volatility': overTimeframe(ofColumn(RealisedVolatility)),
  atr: ofBar(Atr, hlc),
  natr: ofBar(Natr, hlc),
  adx: ofBar(Adx, hlc, ['', 'plus', 'minus']),
  keltner: ofBar(Keltner, hlc, ['upper', 'middle', 'lower']),
  starc: ofBar(Starc, hlc, ['upper', 'middle', 'lower']),
  chandelier: ofBar(Chandelier, hlc, ['long', 'short']),
  supertrend: ofBar(Supertrend, hlc, ['', 'trend']),
  cci: ofBar(Cci, hlc),
  choppiness: ofBar(Choppiness, hlc),
  'elder-ray': ofBar(ElderRay, hlc, ['bull', 'bear']),
  smi: ofBar(Smi, hlc, ['', 'signal']),
  stochastic: ofBar(Stochastic, hlc, ['', 'k', 'd']),
  'ultimate-oscillator': ofBar(UltimateOscillator, hlc),
  vortex: ofBar(Vortex, hlc, ['plus', 'minus']),
  'williams-r': ofBar(WilliamsR, hlc),
  'zig-zag': ofBar(ZigZag, hlc, ['', 'direction', 'barsAgo', 'confirmed']),
  donchian: ofBar(Donchian, hl, ['upper', 'middle', 'lower']),
  alligator: ofBar(Alligator, hl, ['jaw', 'teeth', 'lips']),
  aroon: ofBar(Aroon, hl, ['up', 'down', 'oscillator']),
  'awesome-oscillator': ofBar(AwesomeOscillator, hl),
  fractals: ofBar(Fractals, hl, ['high', 'highBarsAgo', 'low', 'lowBarsAgo']),
  ichimoku: ofBar(Ichimoku, hl, ['conversion', 'base', 'leadingA', 'leadingB']),
  'mass-index': ofBar(MassIndex, hl),
  parkinson: overTimeframe(ofBar(Parkinson, hl)),
  psar: ofBar(Psar, hl, ['', 'trend']),
  'balance-of-power': ofBar(BalanceOfPower, ohlc),
  'garman-klass': overTimeframe(ofBar(GarmanKlass, ohlc)),
  'heikin-ashi': ofBar(HeikinAshi, ohlc, ['open', 'high', 'low', 'close']),
  obv: ofBar(Obv, cv),
  'force-index': ofBar(ForceIndex, cv),
  vwma: ofBar(Vwma, cv),
  adl: ofBar(Adl, hlcv),
  'chaikin-oscillator': ofBar(ChaikinOscillator, hlcv),
  cmf: ofBar(Cmf, hlcv),
  klinger: ofBar(Klinger, hlcv, ['', 'signal']),
  mfi: ofBar(Mfi, hlcv),
  vwap: ofBar(Vwap, thlcv),
  'anchored-vwap': ofBar(AnchoredVwap, thlcv),
  'vwap-bands': ofBar(VwapBands, thlcv, ['upper', 'vwap', 'lower']),
  'pivot-points': pivotPoints,
};
