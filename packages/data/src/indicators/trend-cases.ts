import { Alligator, alligator } from './alligator.ts';
import { Aroon, aroon } from './aroon.ts';
import { Chandelier, chandelier } from './chandelier.ts';
import { ElderRay, elderRay } from './elder-ray.ts';
import { Fractals, fractals } from './fractals.ts';
import { HeikinAshi, heikinAshi } from './heikin-ashi.ts';
import { Ichimoku, ichimoku } from './ichimoku.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { LinearRegression, linearRegression } from './linear-regression.ts';
import { PivotPoints, pivotPoints } from './pivot-points.ts';
import { Psar, psar } from './psar.ts';
import { Supertrend, supertrend } from './supertrend.ts';
import { Vortex, vortex } from './vortex.ts';
import { ZigZag, zigZag } from './zig-zag.ts';

/** Trend and stops. */
export const trendCases: readonly IndicatorCase[] = [
  ofBar(
    () => new Supertrend(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.value, x.trend],
    10,
    (columns) => Object.values(supertrend(columns)),
  ),
  ofBar(
    () => new Chandelier(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.long, x.short],
    22,
    (columns) => Object.values(chandelier(columns)),
  ),
  ofBar(
    () => new Aroon(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.up, x.down, x.oscillator],
    14,
    (columns) => Object.values(aroon(columns)),
  ),
  ofBar(
    () => new Psar(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.value, x.trend],
    1,
    (columns) => Object.values(psar(columns)),
  ),
  ofBar(
    () => new Ichimoku(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.conversion, x.base, x.leadingA, x.leadingB],
    77,
    (columns) => Object.values(ichimoku(columns)),
  ),
  ofBar(
    () => new ElderRay(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.bull, x.bear],
    12,
    (columns) => Object.values(elderRay(columns)),
  ),
  ofValue(
    () => new LinearRegression(),
    (x) => [x.slope, x.intercept, x.value, x.rSquared],
    13,
    (values) => Object.values(linearRegression(values)),
  ),
  ofBar(
    () => new Vortex(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.plus, x.minus],
    14,
    (columns) => Object.values(vortex(columns)),
  ),
  ofBar(
    () => new Alligator(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.jaw, x.teeth, x.lips],
    20,
    (columns) => Object.values(alligator(columns)),
  ),
  ofBar(
    () => new HeikinAshi(),
    (x, columns, i) => x.update(at(columns.open, i), at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.open, x.high, x.low, x.close],
    0,
    (columns) => Object.values(heikinAshi(columns)),
  ),
  ofBar(
    () => new ZigZag({ percent: 1 }),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i)),
    (x) => [x.pivot, x.direction, x.barsAgo, x.confirmed],
    undefined,
    (columns) => Object.values(zigZag(columns, { percent: 1 })),
  ),
  ofBar(
    () => new Fractals(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i)),
    (x) => [x.high, x.highBarsAgo, x.low, x.lowBarsAgo],
    undefined,
    (columns) => Object.values(fractals(columns)),
  ),
  ...(['classic', 'fibonacci', 'camarilla'] as const).map((kind) =>
    ofBar(
      () => new PivotPoints({ kind, sessionMs: 14_400_000 }),
      (x, columns, i) =>
        x.update(at(columns.openAtMs, i), at(columns.high, i), at(columns.low, i), at(columns.close, i)),
      (x) => {
        const levels = kind === 'camarilla' ? [1, 2, 3, 4] : [1, 2, 3];
        return [x.pivot, ...levels.map((level) => x.resistance(level)), ...levels.map((level) => x.support(level))];
      },
      8,
      (columns) => {
        const { pivot, resistance, support } = pivotPoints(columns, { kind, sessionMs: 14_400_000 });
        return [pivot, ...resistance, ...support];
      },
    ),
  ),
];
