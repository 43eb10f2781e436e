import type { EquitySeries } from '@perpdesk/core';

/** One point of a curve to draw. */
export interface CurvePoint {
  readonly atMs: number;
  readonly equity: number;
  /** How far below the highest equity before, as a fraction of it; 0 at a high. */
  readonly drawdown: number;
}

/**
 * At most about so many points of a curve, in which no high and no low is lost: of each stretch the first, the highest, the
 * lowest and the last. Drawdowns are reckoned before anything is left out.
 */
export function thinEquity({ atMs, equity }: EquitySeries, most: number): CurvePoint[] {
  const { length } = equity;
  const drawdown = new Float64Array(length);
  let peak = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i += 1) {
    const value = equity[i] as number;
    if (value > peak) peak = value;
    drawdown[i] = peak > 0 ? (peak - value) / peak : 0;
  }
  const point = (i: number): CurvePoint => ({
    atMs: atMs[i] as number,
    equity: equity[i] as number,
    drawdown: drawdown[i] as number,
  });
  if (length <= most) return Array.from({ length }, (_, i) => point(i));
  const stretch = Math.ceil((4 * length) / Math.max(4, most));
  const points: CurvePoint[] = [];
  for (let from = 0; from < length; from += stretch) {
    const to = Math.min(from + stretch, length) - 1;
    let highest = from;
    let lowest = from;
    for (let i = from; i <= to; i += 1) {
      if ((equity[i] as number) > (equity[highest] as number)) highest = i;
      if ((equity[i] as number) < (equity[lowest] as number)) lowest = i;
    }
    for (const i of [...new Set([from, highest, lowest, to])].sort((a, b) => a - b)) points.push(point(i));
  }
  return points;
}
