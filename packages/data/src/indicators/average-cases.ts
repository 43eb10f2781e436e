import { Alma, alma } from './alma.ts';
import { Dema, dema } from './dema.ts';
import { Hma, hma } from './hma.ts';
import { at, type IndicatorCase, ofBar, ofValue } from './indicator-case.ts';
import { Kama, kama } from './kama.ts';
import { Mcginley, mcginley } from './mcginley.ts';
import { Smma, smma } from './smma.ts';
import { Tema, tema } from './tema.ts';
import { Trima, trima } from './trima.ts';
import { Vwma, vwma } from './vwma.ts';
import { Wma, wma } from './wma.ts';

/** Moving averages. */
export const averageCases: readonly IndicatorCase[] = [
  ofValue(
    () => new Smma({ period: 14 }),
    (x) => [x.value],
    13,
    (values) => [smma(values, { period: 14 })],
  ),
  ofValue(
    () => new Wma({ period: 20 }),
    (x) => [x.value],
    19,
    (values) => [wma(values, { period: 20 })],
  ),
  ofValue(
    () => new Hma({ period: 14 }),
    (x) => [x.value],
    15,
    (values) => [hma(values, { period: 14 })],
  ),
  ofValue(
    () => new Dema({ period: 14 }),
    (x) => [x.value],
    26,
    (values) => [dema(values, { period: 14 })],
  ),
  ofValue(
    () => new Tema({ period: 14 }),
    (x) => [x.value],
    39,
    (values) => [tema(values, { period: 14 })],
  ),
  ofValue(
    () => new Kama(),
    (x) => [x.value],
    10,
    (values) => [kama(values)],
  ),
  ofBar(
    () => new Vwma(),
    (x, columns, i) => x.update(at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    19,
    (columns) => [vwma(columns)],
  ),
  ofValue(
    () => new Trima({ period: 20 }),
    (x) => [x.value],
    19,
    (values) => [trima(values, { period: 20 })],
  ),
  ofValue(
    () => new Alma(),
    (x) => [x.value],
    8,
    (values) => [alma(values)],
  ),
  ofValue(
    () => new Mcginley(),
    (x) => [x.value],
    0,
    (values) => [mcginley(values)],
  ),
];
