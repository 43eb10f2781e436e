import type { MacroEvent, MacroRelease, MacroView } from '@perpdesk/core';
import { clamp } from './measures.ts';

/** What a release moves. */
export type MacroTheme = MacroEvent['theme'];

/** A theme's recent surprises added up. */
export interface ThemeSurprise {
  /** Positive: good for risk assets. In usual surprises of a critical series, fading with age. */
  readonly surprise: number;
  readonly releases: number;
}

/** A figure that came out, against what was expected. */
export interface ReleaseReading {
  readonly release: MacroRelease;
  readonly outcome: 'beat' | 'miss' | 'in-line';
  /** For risk assets: polarity × surprise, at most 3 either way. */
  readonly impact: number;
}

const dayMs = 86_400_000;
/** How long a surprise is felt; it fades evenly to nothing. */
export const surpriseWindowMs = 7 * dayMs;
/** How much a surprise counts by the importance of its series. */
const importanceWeights = { critical: 1, high: 0.7, medium: 0.4, low: 0.2 } as const;
/** A surprise beyond this many usual ones is counted as this: more is likelier an error of the calendar. */
const largestSurprise = 3;
/** The size given to a surprise of a series whose usual size is not known. */
const unscaledSurprise = 0.5;
/** Below this a figure came in as expected. */
const inLine = 0.1;

/** Reads a release. Undefined when nothing was expected of it. */
export function readRelease(release: MacroRelease): ReleaseReading | undefined {
  const { consensus, polarity } = release.event;
  const surprise =
    release.surprise ??
    (consensus === undefined ? undefined : unscaledSurprise * Math.sign(release.actual - consensus));
  if (surprise === undefined || !Number.isFinite(surprise)) return undefined;
  const bounded = clamp(surprise, -largestSurprise, largestSurprise);
  const outcome = Math.abs(bounded) < inLine ? 'in-line' : bounded > 0 ? 'beat' : 'miss';
  return { release, outcome, impact: polarity * bounded };
}

/** Adds up the surprises of the last seven days by theme. A theme without a release is not in the map. */
export function readSurprises(view: MacroView, atMs: number): ReadonlyMap<MacroTheme, ThemeSurprise> {
  const themes = new Map<MacroTheme, ThemeSurprise>();
  for (const release of view.released(surpriseWindowMs)) {
    const reading = readRelease(release);
    const ageMs = atMs - release.releasedAtMs;
    if (reading === undefined || ageMs > surpriseWindowMs) continue;
    const { theme, importance } = release.event;
    const fade = 1 - Math.max(0, ageMs) / surpriseWindowMs;
    const before = themes.get(theme);
    themes.set(theme, {
      surprise: (before?.surprise ?? 0) + importanceWeights[importance] * fade * reading.impact,
      releases: (before?.releases ?? 0) + 1,
    });
  }
  return themes;
}
