import type { MacroRecord, MacroRelease, MarketObservation, MarketStep } from '@perpdesk/core';
import { type EventHistory, eventHistory } from './event-history.ts';
import { seriesById } from './macro-series.ts';
import { usualSurprise } from './usual-surprise.ts';

/** For how long before an event it counts as known, where a record does not say. Calendars run at least this far ahead. */
const assumedLeadMs = 7 * 86_400_000;

/** Options of {@link macroTimeline}. */
export interface MacroTimelineOptions {
  /**
   * A different figure from another source within this time is a disagreement, and the first one stands; later, or from
   * the same source, it is a revision. Default an hour.
   */
  readonly settleMs?: number;
}

/** What was known when, in the order it became known. */
export interface MacroTimeline {
  /** Scheduled and moved events, figures, revisions; each step at the instant it became known. */
  readonly steps: readonly MarketStep[];
  /** Figures that another source said otherwise, and that were passed over. */
  readonly disagreements: number;
}

/**
 * One calendar out of what several sources say. Records of one series and period are one event, told once; a new date moves it; a
 * figure is told once; a changed one is told as a revision. A published date goes before an estimated one, then what
 * became known later, then the source first in the alphabet. The result depends on the set of records alone, not on their
 * order or on how often they are there, and what is told of an instant on nothing that became known after it.
 */
export function macroTimeline(records: Iterable<MacroRecord>, options: MacroTimelineOptions = {}): MacroTimeline {
  const known = [...records].map((record) => ({
    ...record,
    knownAtMs: record.knownAtMs ?? record.scheduledAtMs - assumedLeadMs,
  }));
  const events = Map.groupBy(known, ({ series, referencePeriod }) => `${series} ${referencePeriod}`);
  const histories = [...events.values()].map((ofEvent) => eventHistory(ofEvent, options.settleMs ?? 3_600_000));
  return {
    steps: stepsOf([...histories.flatMap(({ scheduled }) => scheduled), ...measured(histories)]),
    disagreements: histories.reduce((sum, { disagreements }) => sum + disagreements, 0),
  };
}

/** Gives figures the size of their surprise, by what the series had surprised with before. */
function measured(histories: readonly EventHistory[]): readonly MarketStep[] {
  const releases = histories.flatMap((history) => history.releases).sort(byTime);
  const pasts = new Map<string, { atMs: number; surprise: number }[]>();
  return releases.map((release) => {
    const { series, consensus } = release.event;
    const past = pasts.get(series) ?? [];
    pasts.set(series, past);
    const earlier = past.filter(({ atMs }) => atMs < release.releasedAtMs).map(({ surprise }) => surprise);
    const size = usualSurprise(earlier, seriesById(series)?.usualSurprise);
    const against = release.revises?.actual ?? consensus;
    if (consensus !== undefined) past.push({ atMs: release.releasedAtMs, surprise: release.actual - consensus });
    const surprise = size === undefined || against === undefined ? undefined : (release.actual - against) / size;
    return {
      atMs: release.releasedAtMs,
      observations: [
        { kind: 'macro-released' as const, release: surprise === undefined ? release : { ...release, surprise } },
      ],
    };
  });
}

const byTime = (a: MacroRelease, b: MacroRelease): number =>
  a.releasedAtMs - b.releasedAtMs || (a.event.id < b.event.id ? -1 : 1);

/** One step for each instant: dates before figures, each by the id of its event. */
function stepsOf(steps: readonly MarketStep[]): readonly MarketStep[] {
  const entries = steps
    .flatMap(({ atMs, observations }) => observations.map((observation) => ({ atMs, observation })))
    .sort((a, b) => a.atMs - b.atMs || (keyOf(a.observation) < keyOf(b.observation) ? -1 : 1));
  return [...Map.groupBy(entries, ({ atMs }) => atMs)].map(([atMs, ofInstant]) => ({
    atMs,
    observations: ofInstant.map(({ observation }) => observation),
  }));
}

function keyOf(observation: MarketObservation): string {
  if (observation.kind === 'macro-scheduled') return `1 ${observation.event.id}`;
  return observation.kind === 'macro-released' ? `2 ${observation.release.event.id}` : '';
}
