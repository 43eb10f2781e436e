import type { MacroEvent, MacroView } from '@perpdesk/core';

/** A scheduled event that may move the market soon. */
export interface Catalyst {
  readonly series: string;
  readonly title: string;
  readonly country: string;
  readonly importance: MacroEvent['importance'];
  readonly scheduledAtMs: number;
}

const ranks = { critical: 0, high: 1, medium: 2, low: 3 } as const;
/** Titles and series come from outside: no more of them than this is carried on. */
const longestText = 120;
const mostCatalysts = 10;

/** The events of the window: the most important first, among equals the soonest. At most ten. */
export function readCatalysts(view: MacroView, windowMs: number): readonly Catalyst[] {
  return view
    .upcoming(windowMs)
    .map((event) => ({
      series: plainText(event.series),
      title: plainText(event.title),
      country: event.country,
      importance: event.importance,
      scheduledAtMs: event.scheduledAtMs,
    }))
    .sort(
      (a, b) =>
        ranks[a.importance] - ranks[b.importance] || a.scheduledAtMs - b.scheduledAtMs || compare(a.series, b.series),
    )
    .slice(0, mostCatalysts);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Foreign text without control, format (zero-width, bidirectional) and line-separating characters, capped. */
export function plainText(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return [...plain].slice(0, longestText).join('');
}
