// A walk, and the plain steps that definitions are made of: whole windows anew for every row, no state carried on.
import { SeededRandom } from '@perpdesk/core';

export type Column = readonly number[];

const length = 400;
const random = new SeededRandom('definitions');
export const rows = Array.from({ length }, (_, i) => i);
let price = 100;
export const close = rows.map(() => {
  price *= 1 + (random.next() - 0.5) * 0.03;
  return price;
});
/** Bars open with a gap, so that true ranges are wider than ranges. */
export const open = close.map((value, i) => (close[i - 1] ?? value) * (1 + (random.next() - 0.5) * 0.02));
export const high = close.map((value, i) => Math.max(value, open[i] ?? value) * (1 + random.next() * 0.01));
export const low = close.map((value, i) => Math.min(value, open[i] ?? value) * (1 - random.next() * 0.01));
export const volume = rows.map(() => random.next() * 1000);
export const openAtMs = rows.map((i) => 1_767_225_600_000 + i * 3_600_000);
export const bars = {
  open: Float64Array.from(open),
  high: Float64Array.from(high),
  low: Float64Array.from(low),
  close: Float64Array.from(close),
  volume: Float64Array.from(volume),
  openAtMs: Float64Array.from(openAtMs),
};

export const at = (column: Column, i: number): number => column[i] ?? Number.NaN;
export const sum = (values: Column): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: Column): number => sum(values) / values.length;
export const zip = (a: Column, b: Column, merge: (x: number, y: number) => number): Column =>
  a.map((value, i) => merge(value, at(b, i)));
/** A value from each whole window. */
export const over = (column: Column, period: number, from: (window: Column) => number): Column =>
  column.map((_, i) => {
    const window = column.slice(Math.max(0, i + 1 - period), i + 1);
    return window.length === period && window.every(Number.isFinite) ? from(window) : Number.NaN;
  });
export const smaOf = (column: Column, period: number): Column => over(column, period, mean);
export const wmaOf = (column: Column, period: number): Column =>
  over(column, period, (window) => sum(window.map((value, k) => value * (k + 1))) / ((period * (period + 1)) / 2));
/** Exponential, from the mean of the first `period` values on. */
export function emaOf(column: Column, period: number, weight = 2 / (period + 1), seedLength = period): Column {
  const first = column.findIndex(Number.isFinite) + seedLength - 1;
  const out: number[] = [];
  for (const i of column.keys()) {
    const seed = mean(column.slice(i + 1 - seedLength, i + 1));
    out.push(i < first ? Number.NaN : i === first ? seed : weight * at(column, i) + (1 - weight) * at(out, i - 1));
  }
  return out;
}
export const smmaOf = (column: Column, period: number): Column => emaOf(column, period, 1 / period);
export const back = (column: Column, count: number): Column => column.map((_, i) => at(column, i - count));
export const change = (column: Column): Column => zip(column, back(column, 1), (now, before) => now - before);
export const highest = (column: Column, period: number): Column =>
  over(column, period, (window) => Math.max(...window));
export const lowest = (column: Column, period: number): Column => over(column, period, (window) => Math.min(...window));
export const deviationOf = (window: Column): number =>
  Math.sqrt(mean(window.map((value) => (value - mean(window)) ** 2)));

export const closeBefore = back(close, 1);
export const trueHigh = zip(high, closeBefore, Math.max);
export const trueLow = zip(low, closeBefore, Math.min);
export const ranges = zip(trueHigh, trueLow, (top, bottom) => top - bottom);
export const middle = zip(high, low, (top, bottom) => (top + bottom) / 2);
export const typical = rows.map((i) => (at(high, i) + at(low, i) + at(close, i)) / 3);
export const flow = rows.map(
  (i) => (at(volume, i) * (2 * at(close, i) - at(high, i) - at(low, i))) / (at(high, i) - at(low, i)),
);
export const line = rows.map((i) => sum(flow.slice(0, i + 1)));
export const raw = (period: number): Column =>
  rows.map((i) => {
    const bottom = at(lowest(low, period), i);
    return (100 * (at(close, i) - bottom)) / (at(highest(high, period), i) - bottom);
  });
export const middleOf = (period: number): Column =>
  zip(highest(high, period), lowest(low, period), (top, bottom) => (top + bottom) / 2);
export const gains = change(close).map((value) => (value > 0 ? value : 0 * value));
export const losses = change(close).map((value) => (value < 0 ? -value : 0 * value));
export const share = (part: Column, whole: Column): Column => zip(part, whole, (x, y) => x / y);
export const dot = (x: Column, y: Column): number => sum(zip(x, y, (a, b) => a * b));

export const double = (column: Column, first: number, second: number): Column => emaOf(emaOf(column, first), second);
export const begun = (column: Column, period: number): Column => emaOf(column, period, 2 / (period + 1), 1);
