// Indicators against the plainest form of their definitions: the whole window anew for every row, no state carried on.
import { describe, expect, it } from 'vitest';
import { alligator } from './alligator.ts';
import { alma } from './alma.ts';
import { aroon } from './aroon.ts';
import { awesomeOscillator } from './awesome-oscillator.ts';
import { balanceOfPower } from './balance-of-power.ts';
import { cci } from './cci.ts';
import { cmo } from './cmo.ts';
import { dema } from './dema.ts';
import { dpo } from './dpo.ts';
import { elderRay } from './elder-ray.ts';
import { fractals } from './fractals.ts';
import { heikinAshi } from './heikin-ashi.ts';
import { hma } from './hma.ts';
import { ichimoku } from './ichimoku.ts';
import { kama } from './kama.ts';
import { linearRegression } from './linear-regression.ts';
import { mcginley } from './mcginley.ts';
import { momentum } from './momentum.ts';
import { ppo } from './ppo.ts';
import { smi } from './smi.ts';
import { smma } from './smma.ts';
import { stochastic } from './stochastic.ts';
import { tema } from './tema.ts';
import {
  at,
  back,
  bars,
  begun,
  type Column,
  change,
  close,
  deviationOf,
  dot,
  double,
  emaOf,
  gains,
  high,
  highest,
  losses,
  low,
  lowest,
  mean,
  middle,
  middleOf,
  open,
  over,
  ranges,
  raw,
  rows,
  share,
  smaOf,
  smmaOf,
  sum,
  trueLow,
  typical,
  volume,
  wmaOf,
  zip,
} from './testing/plain-definitions.ts';
import { trima } from './trima.ts';
import { trix } from './trix.ts';
import { tsi } from './tsi.ts';
import { ultimateOscillator } from './ultimate-oscillator.ts';
import { vortex } from './vortex.ts';
import { vwma } from './vwma.ts';
import { williamsR } from './williams-r.ts';
import { wma } from './wma.ts';

const twice = emaOf(emaOf(close, 10), 10);
const thrice = emaOf(twice, 10);
/** Index of the latest extreme in a window, as bars since. */
const since = (window: Column, extreme: number): number => window.length - 1 - window.lastIndexOf(extreme);

function kamaOf(period: number): Column {
  const out: number[] = [];
  for (const i of rows) {
    const noise = sum(
      change(close)
        .slice(i + 1 - period, i + 1)
        .map(Math.abs),
    );
    const straight = Math.abs(at(close, i) - at(close, i - period)) / noise;
    const weight = (straight * (2 / 3 - 2 / 31) + 2 / 31) ** 2;
    const before = i === period ? at(close, i - 1) : at(out, i - 1);
    out.push(i < period ? Number.NaN : before + weight * (at(close, i) - before));
  }
  return out;
}

function mcginleyOf(period: number): Column {
  const out: number[] = [at(close, 0)];
  for (const i of rows.slice(1)) {
    const before = at(out, i - 1);
    out.push(before + (at(close, i) - before) / (0.6 * period * (at(close, i) / before) ** 4));
  }
  return out;
}

function regressionOf(period: number): readonly Column[] {
  const fit = (window: Column): readonly number[] => {
    const x = window.map((_, k) => k - (period - 1) / 2);
    const slope = sum(window.map((value, k) => value * at(x, k))) / sum(x.map((value) => value ** 2));
    const residuals = window.map((value, k) => value - mean(window) - slope * at(x, k));
    const explained = 1 - sum(residuals.map((value) => value ** 2)) / (period * deviationOf(window) ** 2);
    const reach = (slope * (period - 1)) / 2;
    return [slope, mean(window) - reach, mean(window) + reach, explained];
  };
  return [0, 1, 2, 3].map((output) => over(close, period, (window) => at(fit(window), output)));
}

/** The last confirmed extreme of each row, and how far back it lies. */
function confirmed(column: Column, sign: number): readonly [Column, Column] {
  const peaks = rows.filter((i) => {
    const around = [i - 2, i - 1, i + 1, i + 2].map((row) => at(column, row));
    return around.every((other) => sign * at(column, i) > sign * other);
  });
  const last = rows.map((i) => peaks.filter((peak) => peak + 2 <= i).at(-1) ?? Number.NaN);
  return [last.map((peak) => at(column, peak)), last.map((peak, i) => i - peak)];
}

const macdLike = zip(emaOf(close, 12), emaOf(close, 26), (fast, slow) => (100 * (fast - slow)) / slow);
const ppoSignal = emaOf(macdLike, 9);
const blau = share(
  double(change(close), 25, 13).map((value) => 100 * value),
  double(change(close).map(Math.abs), 25, 13),
);
const width13 = zip(highest(high, 13), lowest(low, 13), (top, bottom) => top - bottom);
const smiLine = share(
  begun(
    begun(
      zip(close, middleOf(13), (value, centre) => value - centre),
      25,
    ),
    2,
  ).map((value) => 200 * value),
  begun(begun(width13, 25), 2),
);
const tenkan = middleOf(9);
const kijun = middleOf(26);
const spanA = zip(tenkan, kijun, (a, b) => (a + b) / 2);
const cloudIsKnown = back(middleOf(52), 26).map((value) => value * 0);
const smoothedOpen: number[] = [];
const heikinClose = rows.map((i) => (at(open, i) + at(high, i) + at(low, i) + at(close, i)) / 4);
for (const i of rows) {
  smoothedOpen.push(
    i === 0 ? (at(open, 0) + at(close, 0)) / 2 : (at(smoothedOpen, i - 1) + at(heikinClose, i - 1)) / 2,
  );
}
const pressure = zip(close, trueLow, (value, bottom) => value - bottom);
const buying = (period: number): Column => share(over(pressure, period, sum), over(ranges, period, sum));
const almaWeights = rows.slice(0, 9).map((k) => Math.exp(-((k - 0.85 * 8) ** 2) / (2 * 1.5 ** 2)));
const up = zip(high, back(low, 1), (top, bottom) => Math.abs(top - bottom));
const down = zip(low, back(high, 1), (bottom, top) => Math.abs(bottom - top));
const aroonOf = (column: Column, extreme: (...values: number[]) => number): Column =>
  over(column, 15, (window) => (100 * (14 - since(window, extreme(...window)))) / 14);

const coarseHigh = high.map((value) => Math.round(value / 3));
const coarseLow = low.map((value) => Math.round(value / 3));

const cases: readonly (readonly [name: string, ours: readonly Float64Array[], expected: readonly Column[]])[] = [
  ['smma', [smma(bars.close, { period: 14 })], [smmaOf(close, 14)]],
  ['wma', [wma(bars.close, { period: 20 })], [wmaOf(close, 20)]],
  ['wma of 1', [wma(bars.close, { period: 1 })], [close]],
  [
    'hma',
    [hma(bars.close, { period: 20 })],
    [
      wmaOf(
        zip(wmaOf(close, 10), wmaOf(close, 20), (a, b) => 2 * a - b),
        4,
      ),
    ],
  ],
  ['dema', [dema(bars.close, { period: 10 })], [zip(emaOf(close, 10), twice, (a, b) => 2 * a - b)]],
  [
    'tema',
    [tema(bars.close, { period: 10 })],
    [rows.map((i) => 3 * at(emaOf(close, 10), i) - 3 * at(twice, i) + at(thrice, i))],
  ],
  ['trix', [trix(bars.close, { period: 10 })], [zip(change(thrice), back(thrice, 1), (a, b) => (100 * a) / b)]],
  ['kama', [kama(bars.close)], [kamaOf(10)]],
  [
    'vwma',
    [vwma(bars)],
    [
      share(
        over(
          zip(close, volume, (a, b) => a * b),
          20,
          sum,
        ),
        over(volume, 20, sum),
      ),
    ],
  ],
  [
    'trima 6',
    [trima(bars.close, { period: 6 })],
    [over(close, 6, (w) => sum(w.map((v, k) => (v * at([1, 2, 3, 3, 2, 1], k)) / 12)))],
  ],
  [
    'trima 5',
    [trima(bars.close, { period: 5 })],
    [over(close, 5, (w) => sum(w.map((v, k) => (v * at([1, 2, 3, 2, 1], k)) / 9)))],
  ],
  ['alma', [alma(bars.close)], [over(close, 9, (w) => dot(w, almaWeights) / sum(almaWeights))]],
  ['mcginley', [mcginley(bars.close)], [mcginleyOf(14)]],
  ['momentum', [momentum(bars.close)], [zip(close, back(close, 10), (a, b) => a - b)]],
  [
    'cmo',
    [cmo(bars.close)],
    [
      rows.map((i) => {
        const g = at(smmaOf(gains, 14), i);
        const l = at(smmaOf(losses, 14), i);
        return (100 * (g - l)) / (g + l);
      }),
    ],
  ],
  ['ppo', Object.values(ppo(bars.close)), [macdLike, ppoSignal, zip(macdLike, ppoSignal, (a, b) => a - b)]],
  ['tsi', Object.values(tsi(bars.close)), [blau, emaOf(blau, 7)]],
  ['smi', Object.values(smi(bars)), [smiLine, begun(smiLine, 3)]],
  ['dpo', [dpo(bars.close)], [zip(back(close, 11), smaOf(close, 20), (a, b) => a - b)]],
  ['awesome oscillator', [awesomeOscillator(bars)], [zip(smaOf(middle, 5), smaOf(middle, 34), (a, b) => a - b)]],
  [
    'ultimate oscillator',
    [ultimateOscillator(bars)],
    [rows.map((i) => (100 * (4 * at(buying(7), i) + 2 * at(buying(14), i) + at(buying(28), i))) / 7)],
  ],
  [
    'balance of power',
    [balanceOfPower(bars)],
    [rows.map((i) => (at(close, i) - at(open, i)) / (at(high, i) - at(low, i)))],
  ],
  ['stochastic', Object.values(stochastic(bars)), [raw(14), smaOf(raw(14), 3), smaOf(smaOf(raw(14), 3), 3)]],
  ['williams r', [williamsR(bars)], [raw(14).map((value) => value - 100)]],
  [
    'cci',
    [cci(bars)],
    [over(typical, 20, (w) => (at(w, 19) - mean(w)) / (0.015 * mean(w.map((v) => Math.abs(v - mean(w))))))],
  ],
  [
    'aroon',
    Object.values(aroon(bars)),
    [
      aroonOf(high, Math.max),
      aroonOf(low, Math.min),
      zip(aroonOf(high, Math.max), aroonOf(low, Math.min), (a, b) => a - b),
    ],
  ],
  [
    'aroon, many equal',
    Object.values(aroon({ high: Float64Array.from(coarseHigh), low: Float64Array.from(coarseLow) })),
    [
      aroonOf(coarseHigh, Math.max),
      aroonOf(coarseLow, Math.min),
      zip(aroonOf(coarseHigh, Math.max), aroonOf(coarseLow, Math.min), (a, b) => a - b),
    ],
  ],
  [
    'ichimoku',
    Object.values(ichimoku(bars)),
    [tenkan, kijun, zip(back(spanA, 26), cloudIsKnown, (a, b) => a + b), back(middleOf(52), 26)],
  ],
  [
    'elder ray',
    Object.values(elderRay(bars)),
    [zip(high, emaOf(close, 13), (a, b) => a - b), zip(low, emaOf(close, 13), (a, b) => a - b)],
  ],
  ['linear regression', Object.values(linearRegression(bars.close)), regressionOf(14)],
  [
    'vortex',
    Object.values(vortex(bars)),
    [share(over(up, 14, sum), over(ranges, 14, sum)), share(over(down, 14, sum), over(ranges, 14, sum))],
  ],
  [
    'alligator',
    Object.values(alligator(bars)),
    [back(smmaOf(middle, 13), 8), back(smmaOf(middle, 8), 5), back(smmaOf(middle, 5), 3)],
  ],
  [
    'heikin ashi',
    Object.values(heikinAshi(bars)),
    [
      smoothedOpen,
      rows.map((i) => Math.max(at(high, i), at(smoothedOpen, i), at(heikinClose, i))),
      rows.map((i) => Math.min(at(low, i), at(smoothedOpen, i), at(heikinClose, i))),
      heikinClose,
    ],
  ],
  ['fractals', Object.values(fractals(bars)), [...confirmed(high, 1), ...confirmed(low, -1)]],
];

describe('averages, momentum and trend by the plainest form of each definition, to 1e-9', () => {
  it.each(cases)('behavior: %s', (_, ours, expected) => {
    expect(ours.length).toBe(expected.length);
    const wrong = ours.flatMap((column, output) =>
      [...column].flatMap((value, i) => {
        const other = at(expected[output] ?? [], i);
        const same = Number.isNaN(other)
          ? Number.isNaN(value)
          : Math.abs(value - other) <= 1e-9 * Math.max(1, Math.abs(other));
        return same ? [] : [{ output, i, value, other }];
      }),
    );
    expect(wrong.slice(0, 3)).toStrictEqual([]);
  });
});
