import { Adl, adl } from './adl.ts';
import { AnchoredVwap, anchoredVwap } from './anchored-vwap.ts';
import { ChaikinOscillator, chaikinOscillator } from './chaikin-oscillator.ts';
import { Cmf, cmf } from './cmf.ts';
import { ForceIndex, forceIndex } from './force-index.ts';
import { at, type IndicatorCase, ofBar } from './indicator-case.ts';
import { Klinger, klinger } from './klinger.ts';
import { Mfi, mfi } from './mfi.ts';
import { VwapBands, vwapBands } from './vwap-bands.ts';

/** Volume. */
export const volumeCases: readonly IndicatorCase[] = [
  ofBar(
    () => new Mfi(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    14,
    (columns) => [mfi(columns)],
  ),
  ofBar(
    () => new Adl(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    0,
    (columns) => [adl(columns)],
  ),
  ofBar(
    () => new Cmf(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    19,
    (columns) => [cmf(columns)],
  ),
  ofBar(
    () => new ChaikinOscillator(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    9,
    (columns) => [chaikinOscillator(columns)],
  ),
  ofBar(
    () => new ForceIndex(),
    (x, columns, i) => x.update(at(columns.close, i), at(columns.volume, i)),
    (x) => [x.value],
    13,
    (columns) => [forceIndex(columns)],
  ),
  ofBar(
    () => new VwapBands(),
    (x, columns, i) =>
      x.update(
        at(columns.openAtMs, i),
        at(columns.high, i),
        at(columns.low, i),
        at(columns.close, i),
        at(columns.volume, i),
      ),
    (x) => [x.upper, x.vwap, x.lower],
    0,
    (columns) => Object.values(vwapBands(columns)),
  ),
  ofBar(
    () => new AnchoredVwap({ anchorMs: Date.UTC(2026, 0, 1, 12) }),
    (x, columns, i) =>
      x.update(
        at(columns.openAtMs, i),
        at(columns.high, i),
        at(columns.low, i),
        at(columns.close, i),
        at(columns.volume, i),
      ),
    (x) => [x.value],
    0,
    (columns) => [anchoredVwap(columns, { anchorMs: Date.UTC(2026, 0, 1, 12) })],
  ),
  ofBar(
    () => new Klinger(),
    (x, columns, i) => x.update(at(columns.high, i), at(columns.low, i), at(columns.close, i), at(columns.volume, i)),
    (x) => [x.oscillator, x.signal],
    68,
    (columns) => Object.values(klinger(columns)),
  ),
];
