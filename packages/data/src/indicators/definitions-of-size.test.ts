// Indicators against the plainest form of their definitions: the whole window anew for every row, no state carried on.
import { describe, expect, it } from 'vitest';
import { adl } from './adl.ts';
import { anchoredVwap } from './anchored-vwap.ts';
import { chaikinOscillator } from './chaikin-oscillator.ts';
import { chandelier } from './chandelier.ts';
import { choppiness } from './choppiness.ts';
import { cmf } from './cmf.ts';
import { correlation } from './correlation.ts';
import { cumulativeVolumeDelta } from './cumulative-volume-delta.ts';
import { forceIndex } from './force-index.ts';
import { fundingStatistics } from './funding-statistics.ts';
import { garmanKlass } from './garman-klass.ts';
import { keltner } from './keltner.ts';
import { massIndex } from './mass-index.ts';
import { mfi } from './mfi.ts';
import { natr } from './natr.ts';
import { openInterestStatistics } from './open-interest-statistics.ts';
import { parkinson } from './parkinson.ts';
import { realisedVolatility } from './realised-volatility.ts';
import { starc } from './starc.ts';
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
  flow,
  high,
  highest,
  line,
  low,
  lowest,
  mean,
  open,
  openAtMs,
  over,
  ranges,
  rows,
  share,
  smaOf,
  smmaOf,
  sum,
  trueHigh,
  trueLow,
  typical,
  volume,
  zip,
} from './testing/plain-definitions.ts';
import { ulcerIndex } from './ulcer-index.ts';
import { vwapBands } from './vwap-bands.ts';
import { zScore } from './z-score.ts';

const dayOf = (i: number): number => Math.floor(at(openAtMs, i) / 86_400_000);
const logs = close.map((value, i) => Math.log(value / at(close, i - 1)));

/** Average and deviation, weighted by volume, of the typical prices of the rows that count. */
function weighted(counts: (row: number, i: number) => boolean): { readonly price: Column; readonly width: Column } {
  const members = rows.map((i) => rows.filter((row) => row <= i && counts(row, i)));
  const total = (own: Column, value: (row: number) => number): number =>
    sum(own.map((row) => value(row) * at(volume, row))) / sum(own.map((row) => at(volume, row)));
  const price = members.map((own) => total(own, (row) => at(typical, row)));
  const width = members.map((own, i) => Math.sqrt(total(own, (row) => (at(typical, row) - at(price, i)) ** 2)));
  return { price, width };
}

const pairs = (period: number, from: (x: Column, y: Column) => number): Column =>
  rows.map((i) => {
    const window = rows.slice(Math.max(0, i + 1 - period), i + 1);
    const x = window.map((row) => at(close, row));
    const y = window.map((row) => at(volume, row));
    return window.length < period
      ? Number.NaN
      : from(
          x.map((value) => value - mean(x)),
          y.map((value) => value - mean(y)),
        );
  });
const keltnerDistance = smmaOf(ranges, 10).map((value) => 2 * value);
const atr22 = smmaOf(ranges, 22);
const session = weighted((row, i) => dayOf(row) === dayOf(i));
const anchored = weighted((row) => row >= 100);
const moneyUp = rows.map((i) => at(typical, i) * at(volume, i) * (at(typical, i) > at(typical, i - 1) ? 1 : 0));
const moneyDown = rows.map((i) => at(typical, i) * at(volume, i) * (at(typical, i) < at(typical, i - 1) ? 1 : 0));
const afterFirst = (column: Column): Column => column.map((value, i) => (i === 0 ? Number.NaN : value));
const annual = (column: Column): Column => column.map((value) => Math.sqrt(365 * value));
const rangeRatio = share(
  emaOf(
    zip(high, low, (a, b) => a - b),
    9,
  ),
  double(
    zip(high, low, (a, b) => a - b),
    9,
    9,
  ),
);

const cases: readonly (readonly [name: string, ours: readonly Float64Array[], expected: readonly Column[]])[] = [
  [
    'chandelier',
    Object.values(chandelier(bars)),
    [zip(highest(high, 22), atr22, (a, b) => a - 3 * b), zip(lowest(low, 22), atr22, (a, b) => a + 3 * b)],
  ],
  [
    'keltner',
    Object.values(keltner(bars)),
    [
      zip(emaOf(close, 20), keltnerDistance, (a, b) => a + b),
      emaOf(close, 20),
      zip(emaOf(close, 20), keltnerDistance, (a, b) => a - b),
    ],
  ],
  [
    'starc',
    Object.values(starc(bars)),
    [
      zip(smaOf(close, 5), keltnerDistance, (a, b) => a + b),
      smaOf(close, 5),
      zip(smaOf(close, 5), keltnerDistance, (a, b) => a - b),
    ],
  ],
  ['natr', [natr(bars)], [zip(smmaOf(ranges, 14), close, (a, b) => (100 * a) / b)]],
  [
    'choppiness',
    [choppiness(bars)],
    [
      rows.map(
        (i) =>
          (100 *
            Math.log10(at(over(ranges, 14, sum), i) / (at(highest(trueHigh, 14), i) - at(lowest(trueLow, 14), i)))) /
          Math.log10(14),
      ),
    ],
  ],
  [
    'ulcer',
    [ulcerIndex(bars.close)],
    [over(close, 14, (w) => Math.sqrt(mean(w.map((v, k) => (100 * (v / Math.max(...w.slice(0, k + 1)) - 1)) ** 2))))],
  ],
  ['z-score', [zScore(bars.close)], [over(close, 20, (w) => (at(w, 19) - mean(w)) / deviationOf(w))]],
  ['mass index', [massIndex(bars)], [over(rangeRatio, 25, sum)]],
  [
    'realised volatility',
    [realisedVolatility(bars.close)],
    [annual(over(logs, 20, (w) => (deviationOf(w) ** 2 * 20) / 19))],
  ],
  [
    'parkinson',
    [parkinson(bars)],
    [
      annual(
        over(
          zip(high, low, (a, b) => Math.log(a / b) ** 2),
          20,
          (w) => mean(w) / (4 * Math.log(2)),
        ),
      ),
    ],
  ],
  [
    'garman klass',
    [garmanKlass(bars)],
    [
      annual(
        over(
          rows.map(
            (i) =>
              0.5 * Math.log(at(high, i) / at(low, i)) ** 2 -
              (2 * Math.log(2) - 1) * Math.log(at(close, i) / at(open, i)) ** 2,
          ),
          20,
          mean,
        ),
      ),
    ],
  ],
  [
    'mfi',
    [mfi(bars)],
    [
      rows.map((i) => {
        const inflow = at(over(afterFirst(moneyUp), 14, sum), i);
        return (100 * inflow) / (inflow + at(over(afterFirst(moneyDown), 14, sum), i));
      }),
    ],
  ],
  ['adl', [adl(bars)], [line]],
  ['cmf', [cmf(bars)], [share(over(flow, 20, sum), over(volume, 20, sum))]],
  [
    'chaikin oscillator',
    [chaikinOscillator(bars)],
    [zip(begun(line, 3), begun(line, 10), (a, b) => a - b).map((value, i) => (i < 9 ? Number.NaN : value))],
  ],
  [
    'force index',
    [forceIndex(bars)],
    [
      emaOf(
        zip(change(close), volume, (a, b) => a * b),
        13,
      ),
    ],
  ],
  [
    'vwap bands',
    Object.values(vwapBands(bars, { deviations: 2 })),
    [
      zip(session.price, session.width, (a, b) => a + 2 * b),
      session.price,
      zip(session.price, session.width, (a, b) => a - 2 * b),
    ],
  ],
  [
    'vwap bands, anchored',
    Object.values(vwapBands(bars, { anchorMs: at(openAtMs, 100) })),
    [
      zip(anchored.price, anchored.width, (a, b) => a + b),
      anchored.price,
      zip(anchored.price, anchored.width, (a, b) => a - b),
    ],
  ],
  ['anchored vwap', [anchoredVwap(bars, { anchorMs: at(openAtMs, 100) })], [anchored.price]],
  [
    'funding',
    Object.values(fundingStatistics(bars.close, { period: 30, intervalMs: 3_600_000 })),
    [
      smaOf(close, 30),
      over(close, 30, (w) => (at(w, 29) - mean(w)) / deviationOf(w)),
      smaOf(close, 30).map((value) => value * 8760),
    ],
  ],
  [
    'open interest',
    Object.values(openInterestStatistics(bars.close, { change: 3 })),
    [
      zip(close, back(close, 3), (a, b) => (100 * (a - b)) / b),
      over(close, 20, (w) => (at(w, 19) - mean(w)) / deviationOf(w)),
    ],
  ],
  [
    'volume delta',
    Object.values(cumulativeVolumeDelta({ buyVolume: bars.close, sellVolume: bars.volume })),
    [zip(close, volume, (a, b) => a - b), rows.map((i) => sum(close.slice(0, i + 1)) - sum(volume.slice(0, i + 1)))],
  ],
  [
    'correlation',
    Object.values(correlation({ values: bars.close, benchmark: bars.volume })),
    [pairs(20, (x, y) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))), pairs(20, (x, y) => dot(x, y) / dot(y, y))],
  ],
];

describe('volatility, volume and derivatives by the plainest form of each definition, to 1e-9', () => {
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
