import type { EquitySeries } from '@perpdesk/core';

/** What equity did in one calendar month, UTC. */
export interface MonthlyReturn {
  /** `2026-01`. */
  readonly month: string;
  /** Last equity of the month over the last before it, − 1; the first month counts from the beginning of the series. */
  readonly return: number;
}

/**
 * Returns by calendar month, UTC; one without points carries equity on. A point at a month's very end, midnight, belongs to
 * the month that ends. Ends with the month in which equity was used up.
 */
export function monthlyReturns({ atMs, equity }: EquitySeries): MonthlyReturn[] {
  const months: MonthlyReturn[] = [];
  let before = equity[0] ?? 0;
  let last = before;
  let endMs = atMs.length === 0 ? 0 : monthEndMs(atMs[0] as number);
  const close = (): boolean => {
    if (before <= 0) return false;
    months.push({ month: new Date(endMs - 1).toISOString().slice(0, 7), return: last / before - 1 });
    before = last;
    return true;
  };
  for (let i = 0; i < atMs.length; i += 1) {
    while ((atMs[i] as number) > endMs) {
      if (!close()) return months;
      endMs = monthEndMs(endMs);
    }
    last = equity[i] as number;
  }
  if (atMs.length > 1) close();
  return months;
}

/** The end of the month that an instant is in: the first of the next, midnight. */
function monthEndMs(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
