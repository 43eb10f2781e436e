import { Choppiness, choppiness } from './choppiness.ts';
import { GarmanKlass, garmanKlass } from './garman-klass.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { Keltner, keltner } from './keltner.ts';
import { MassIndex, massIndex } from './mass-index.ts';
import { Natr, natr } from './natr.ts';
import { Parkinson, parkinson } from './parkinson.ts';
import { RealisedVolatility, realisedVolatility } from './realised-volatility.ts';
import { Starc, starc } from './starc.ts';
import { UlcerIndex, ulcerIndex } from './ulcer-index.ts';
import { ZScore, zScore } from './z-score.ts';

/** Volatility and bands. */
export const volatilityCases: readonly IndicatorCase[] = [
  ofBar(
    () => new Keltner(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.upper, x.middle, x.lower],
    19,
    (columns) => Object.values(keltner(columns)),
  ),
  ofBar(
    () => new Starc(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.upper, x.middle, x.lower],
    10,
    (columns) => Object.values(starc(columns)),
  ),
  ofBar(
    () => new Natr(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    14,
    (columns) => [natr(columns)],
  ),
  ofValue(
    () => new UlcerIndex(),
    (x) => [x.value],
    13,
    (values) => [ulcerIndex(values)],
  ),
  ofBar(
    () => new Choppiness(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    14,
    (columns) => [choppiness(columns)],
  ),
  ofValue(
    () => new ZScore(),
    (x) => [x.value],
    19,
    (values) => [zScore(values)],
  ),
  ofValue(
    () => new RealisedVolatility(),
    (x) => [x.value],
    20,
    (values) => [realisedVolatility(values)],
  ),
  ofBar(
    () => new Parkinson(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.value],
    19,
    (columns) => [parkinson(columns)],
  ),
  ofBar(
    () => new GarmanKlass(),
    (x, columns, i) => x.update(at(columns.open, i), at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value],
    19,
    (columns) => [garmanKlass(columns)],
  ),
  ofBar(
    () => new MassIndex(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.value],
    40,
    (columns) => [massIndex(columns)],
  ),
];
