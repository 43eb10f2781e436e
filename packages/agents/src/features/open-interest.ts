import type { DerivativesView, InstrumentId, OpenInterestMove } from '@perpdesk/core';
import { at, type Series } from './series.ts';

/** How open interest moved over about an hour. */
export interface OpenInterestChange extends Pick<OpenInterestMove, 'percent' | 'spanMs'> {
  /** The newest value in dollars. */
  readonly notionalUsd: number;
}

const minuteMs = 60_000;
/** The span that a change is measured over, the least that counts as one, and how old the newest value may be. */
const spanMs = 60 * minuteMs;
const leastSpanMs = 15 * minuteMs;
const oldestMs = 30 * minuteMs;
/** Enough for an hour of values a few seconds apart. */
const points = 1_000;

/** Reads the change of open interest up to `atMs`. Undefined without two recent values a quarter of an hour apart or more. */
export function readOpenInterest(
  view: DerivativesView,
  id: InstrumentId,
  atMs: number,
): OpenInterestChange | undefined {
  const values = view.openInterest(id, points);
  const last = values.at(-1);
  if (last === undefined || last.exchangeAtMs < atMs - oldestMs) return undefined;
  const base = values.findLast((value) => value.exchangeAtMs <= last.exchangeAtMs - spanMs) ?? values[0];
  if (base === undefined || base.size <= 0) return undefined;
  const span = last.exchangeAtMs - base.exchangeAtMs;
  if (span < leastSpanMs || span > 2 * spanMs) return undefined;
  return { percent: 100 * (last.size / base.size - 1), spanMs: span, notionalUsd: last.notionalUsd };
}

/** The price's change in percent over the bars that a span covers. Undefined when the series is shorter. */
export function priceChangeOver(series: Series, stepMs: number, span: number): number | undefined {
  const back = series.length - 1 - Math.max(1, Math.round(span / stepMs));
  if (back < 0) return undefined;
  return 100 * (at(series.close, series.length - 1) / at(series.close, back) - 1);
}
