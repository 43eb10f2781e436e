import { describe, expect, it } from 'vitest';
import { adl } from './adl.ts';
import { alligator } from './alligator.ts';
import { anchoredVwap } from './anchored-vwap.ts';
import { aroon } from './aroon.ts';
import { atr } from './atr.ts';
import { cci } from './cci.ts';
import { chandelier } from './chandelier.ts';
import { cmf } from './cmf.ts';
import { correlation } from './correlation.ts';
import { dema } from './dema.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { forceIndex } from './force-index.ts';
import { fractals } from './fractals.ts';
import { hma } from './hma.ts';
import { kama } from './kama.ts';
import { klinger } from './klinger.ts';
import { macd } from './macd.ts';
import { mcginley } from './mcginley.ts';
import { momentum } from './momentum.ts';
import { natr } from './natr.ts';
import { obv } from './obv.ts';
import { ppo } from './ppo.ts';
import { roc } from './roc.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { smi } from './smi.ts';
import { starc } from './starc.ts';
import { stochRsi } from './stoch-rsi.ts';
import { supertrend } from './supertrend.ts';
import { tema } from './tema.ts';
import { expectedRows, hasFixtures, quotes } from './testing/reference-fixtures.ts';
import { trix } from './trix.ts';
import { ulcerIndex } from './ulcer-index.ts';
import { vwap } from './vwap.ts';
import { vwapBands } from './vwap-bands.ts';
import { williamsR } from './williams-r.ts';

/** What is compared: our column, the output of the reference, and from which row on they are the same. */
interface Comparison {
  readonly set: string;
  readonly output: string;
  readonly ours: Float64Array;
  /** Left out: both are empty before the same first row and the same from it on. */
  readonly fromRow?: number;
  /** Rows in which the two differ by definition. */
  readonly except?: readonly number[];
}

function wrongRows({ set, output, ours, fromRow, except = [] }: Comparison): readonly object[] {
  return expectedRows(set).flatMap((row, i) => {
    const value = row[output] ?? Number.NaN;
    const actual = ours[i] ?? Number.NaN;
    const compared = i >= (fromRow ?? 0) && !except.includes(i);
    const same =
      typeof value === 'number' &&
      ((Number.isNaN(value) && Number.isNaN(actual)) ||
        Math.abs(actual - value) <= 1e-8 * Math.max(1e-6, Math.abs(value)));
    return compared && !same ? [{ i, actual, value }] : [];
  });
}

const changes = (values: Float64Array): Float64Array => values.map((value, i) => value / (values[i - 1] ?? NaN) - 1);
const previous = (values: Float64Array): Float64Array => values.map((_, i) => values[i - 1] ?? NaN);

function comparisons(): readonly Comparison[] {
  const bars = quotes('default');
  const { close, volume } = bars;
  const other = quotes('compare').close;
  const jaws = alligator(bars);
  const gap = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => Math.abs(value - (b[i] ?? NaN)));
  const places = aroon(bars, { period: 25 });
  const channel = donchian(bars);
  const last = fractals(bars);
  const lines = macd(close);
  const volumes = ppo(volume);
  const stochastic = stochRsi(close);
  const bands = starc(bars);
  const trend = supertrend(bars);
  const force = klinger(bars);
  const strength = smi(bars);
  const volumeBefore = volume[0] ?? Number.NaN;
  return [
    { set: 'sma-analysis', output: 'sma', ours: sma(close, { period: 20 }) },
    { set: 'ema', output: 'ema', ours: ema(close, { period: 20 }) },
    { set: 'hma', output: 'hma', ours: hma(close, { period: 14 }) },
    // Theirs seed the averages of averages with the first average instead of a simple mean.
    { set: 'dema', output: 'dema', ours: dema(close, { period: 14 }), fromRow: 101 },
    { set: 'tema', output: 'tema', ours: tema(close, { period: 20 }), fromRow: 189 },
    { set: 'trix', output: 'trix', ours: trix(close, { period: 14 }), fromRow: 174 },
    // Theirs give the seed, the value of row 9, as a first result.
    { set: 'kama', output: 'kama', ours: kama(close), fromRow: 10 },
    // Theirs has no row 0.
    { set: 'dynamic', output: 'dynamic', ours: mcginley(close), fromRow: 1 },
    { set: 'rsi', output: 'rsi', ours: rsi(close) },
    // TA-Lib seeds the fast average of MACD where the slow one begins.
    { set: 'macd', output: 'macd', ours: lines.macd, fromRow: 220 },
    { set: 'macd', output: 'signal', ours: lines.signal, fromRow: 220 },
    { set: 'macd', output: 'histogram', ours: lines.histogram, fromRow: 220 },
    { set: 'pvo', output: 'pvo', ours: volumes.ppo },
    { set: 'pvo', output: 'signal', ours: volumes.signal },
    { set: 'pvo', output: 'histogram', ours: volumes.histogram },
    { set: 'stoch-rsi', output: 'stochRsi', ours: stochastic.raw },
    // Their signal of unsmoothed values is our %K.
    { set: 'stoch-rsi', output: 'signal', ours: stochastic.k },
    { set: 'smi', output: 'smi', ours: strength.smi },
    { set: 'smi', output: 'signal', ours: strength.signal },
    { set: 'cci', output: 'cci', ours: cci(bars) },
    { set: 'willr', output: 'williamsR', ours: williamsR(bars) },
    { set: 'roc', output: 'roc', ours: roc(close, { period: 14 }) },
    { set: 'roc', output: 'momentum', ours: momentum(close, { period: 14 }) },
    // Of two equal extremes TA-Lib takes the later, they the earlier: one such pair each.
    { set: 'aroon', output: 'aroonUp', ours: places.up, except: [193] },
    { set: 'aroon', output: 'aroonDown', ours: places.down, except: [232] },
    { set: 'aroon', output: 'oscillator', ours: places.oscillator, except: [193, 232] },
    { set: 'alligator', output: 'jaw', ours: jaws.jaw },
    { set: 'alligator', output: 'teeth', ours: jaws.teeth },
    { set: 'alligator', output: 'lips', ours: jaws.lips },
    { set: 'gator', output: 'upper', ours: gap(jaws.jaw, jaws.teeth) },
    { set: 'gator', output: 'lower', ours: gap(jaws.teeth, jaws.lips).map((value) => -value) },
    { set: 'fcb', output: 'upperBand', ours: last.high },
    { set: 'fcb', output: 'lowerBand', ours: last.low },
    { set: 'supertrend', output: 'superTrend', ours: trend.value },
    { set: 'supertrend', output: 'lowerBand', ours: trend.value.map((v, i) => (trend.trend[i] === 1 ? v : NaN)) },
    { set: 'chexit', output: 'chandelierExit', ours: chandelier(bars).long },
    { set: 'atr', output: 'atr', ours: atr(bars) },
    { set: 'atr', output: 'atrp', ours: natr(bars) },
    { set: 'ulcer', output: 'ulcerIndex', ours: ulcerIndex(close) },
    { set: 'starc', output: 'upperBand', ours: bands.upper },
    { set: 'starc', output: 'centerline', ours: bands.middle },
    { set: 'starc', output: 'lowerBand', ours: bands.lower },
    // Theirs leave the present bar out.
    { set: 'donchian', output: 'upperBand', ours: previous(channel.upper) },
    { set: 'donchian', output: 'centerline', ours: previous(channel.middle) },
    { set: 'donchian', output: 'lowerBand', ours: previous(channel.lower) },
    { set: 'adl', output: 'adl', ours: adl(bars) },
    { set: 'cmf', output: 'cmf', ours: cmf(bars) },
    { set: 'force', output: 'forceIndex', ours: forceIndex(bars, { period: 2 }) },
    { set: 'kvo', output: 'oscillator', ours: force.oscillator },
    { set: 'kvo', output: 'signal', ours: force.signal },
    // TA-Lib and we begin with the first volume, they with 0.
    { set: 'obv', output: 'obv', ours: obv(bars).map((value) => value - volumeBefore) },
    { set: 'vwap', output: 'vwap', ours: vwap(bars, { sessionMs: 1e15 }) },
    { set: 'vwap', output: 'vwap', ours: anchoredVwap(bars, { anchorMs: 0 }) },
    { set: 'vwap', output: 'vwap', ours: vwapBands(bars, { anchorMs: 0 }).vwap },
    { set: 'corr', output: 'correlation', ours: correlation({ values: close, benchmark: other }).correlation },
    {
      set: 'beta',
      output: 'beta',
      ours: correlation({ values: changes(other), benchmark: changes(close) }, { period: 50 }).beta,
    },
  ];
}

describe.skipIf(!hasFixtures)('Stock.Indicators reference values to 1e-8 (fixtures/indicators/skender)', () => {
  it.each(hasFixtures ? comparisons() : [])('behavior: $output of $set', (comparison) => {
    expect(wrongRows(comparison)).toStrictEqual([]);
  });

  it('behavior: confirmed fractals are their pivots, two rows after each', () => {
    const { high, highBarsAgo, low, lowBarsAgo } = fractals(quotes('default'));
    const confirmed = (prices: Float64Array, ago: Float64Array): readonly (readonly [number, number])[] =>
      [...prices].flatMap((price, i) => (ago[i] === 2 ? [[i - 2, price] as const] : []));
    const theirs = (output: string): readonly (readonly [number, number])[] =>
      expectedRows('pivots').flatMap((row, i) => (row[output] === null ? [] : [[i, Number(row[output])] as const]));
    expect(confirmed(high, highBarsAgo)).toStrictEqual(theirs('highPoint'));
    expect(confirmed(low, lowBarsAgo)).toStrictEqual(theirs('lowPoint'));
  });
});
