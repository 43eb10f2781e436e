import type { MacroEvent, MacroRecord, MacroRelease, MarketStep } from '@perpdesk/core';

/** A record that says when it became known. */
export type KnownMacroRecord = MacroRecord & { readonly knownAtMs: number };

/** How one event came about. */
export interface EventHistory {
  /** Each state of the event while its figure was not out, at the instant it became known. */
  readonly scheduled: readonly MarketStep[];
  /** The figure and its revisions, in order, without the size of their surprise. */
  readonly releases: readonly MacroRelease[];
  readonly disagreements: number;
}

interface Figure {
  readonly atMs: number;
  readonly source: string;
  readonly actual: number;
}

/** Follows the records of one series and period through time. */
export function eventHistory(records: readonly KnownMacroRecord[], settleMs: number): EventHistory {
  const told = distinct(records);
  const { released, revisions, disagreements } = settle(figuresOf(told), settleMs);
  const scheduled: MarketStep[] = [];
  let last = '';
  for (const atMs of new Set(told.map(({ knownAtMs }) => knownAtMs))) {
    if (released !== undefined && atMs >= released.atMs) break;
    const event = eventAt(told, atMs);
    const state = JSON.stringify(event);
    if (state !== last) scheduled.push({ atMs, observations: [{ kind: 'macro-scheduled', event }] });
    last = state;
  }
  if (released === undefined) return { scheduled, releases: [], disagreements };
  const event = eventAt(told, released.atMs);
  const first: MacroRelease = { event, actual: released.actual, releasedAtMs: released.atMs };
  let before = released;
  const releases = [first];
  for (const [index, revision] of revisions.entries()) {
    const { consensus: _, ...rest } = event;
    const number = index + 1;
    releases.push({
      event: { ...rest, id: `${event.id}:revision-${number}` },
      actual: revision.actual,
      releasedAtMs: revision.atMs,
      revises: { eventId: event.id, number, actual: before.actual, releasedAtMs: before.atMs },
    });
    before = revision;
  }
  return { scheduled, releases, disagreements };
}

/** Without what a source said again, oldest first; of one instant by source and content. */
function distinct(records: readonly KnownMacroRecord[]): readonly KnownMacroRecord[] {
  const keyed = records.map((record) => ({ record, content: contentOf(record) }));
  keyed.sort((a, b) => a.record.knownAtMs - b.record.knownAtMs || (a.content < b.content ? -1 : 1));
  const last = new Map<string, string>();
  return keyed
    .filter(({ record: { source }, content }) => {
      const again = last.get(source) === content;
      last.set(source, content);
      return !again;
    })
    .map(({ record }) => record);
}

/** All that a record says but when it became known. The source first, so that it orders records. */
export function contentOf(record: MacroRecord): string {
  const { knownAtMs: _, source, ...content } = record;
  return JSON.stringify([source, Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The event by what was known at an instant. */
function eventAt(told: readonly KnownMacroRecord[], atMs: number): MacroEvent {
  const known = told.filter(({ knownAtMs }) => knownAtMs <= atMs);
  const published = known.filter(({ estimated }) => estimated !== true);
  const dated = newest(published.length > 0 ? published : known);
  if (dated === undefined) throw new RangeError('an event that nothing was known of');
  const consensus = newest(known.filter((record) => record.consensus !== undefined))?.consensus;
  const previous = newest(known.filter((record) => record.previous !== undefined))?.previous;
  const { actual: _, releasedAtMs: __, knownAtMs: ___, consensus: ____, previous: _____, ...event } = dated;
  return {
    id: `macro:${event.series}:${event.referencePeriod}`,
    ...event,
    ...(consensus === undefined ? {} : { consensus }),
    ...(previous === undefined ? {} : { previous }),
  };
}

/** The last in time; of one instant the first in order, so that a later source does not decide by its name. */
function newest(records: readonly KnownMacroRecord[]): KnownMacroRecord | undefined {
  const last = records.at(-1)?.knownAtMs;
  return records.find(({ knownAtMs }) => knownAtMs === last);
}

/** Figures at the instant they were out and known, in order. */
function figuresOf(told: readonly KnownMacroRecord[]): readonly Figure[] {
  return told
    .flatMap(({ actual, releasedAtMs, scheduledAtMs, knownAtMs, source }) =>
      actual === undefined ? [] : [{ actual, source, atMs: Math.max(knownAtMs, releasedAtMs ?? scheduledAtMs) }],
    )
    .sort((a, b) => a.atMs - b.atMs || (a.source < b.source ? -1 : a.source > b.source ? 1 : a.actual - b.actual));
}

/** Which figure was first, what changed it, and what only differed. */
function settle(
  figures: readonly Figure[],
  settleMs: number,
): { readonly released: Figure | undefined; readonly revisions: readonly Figure[]; readonly disagreements: number } {
  const [released, ...later] = figures;
  const revisions: Figure[] = [];
  let disagreements = 0;
  let standing = released;
  for (const figure of later) {
    if (standing === undefined || isSame(figure.actual, standing.actual)) continue;
    if (figure.source !== standing.source && figure.atMs <= standing.atMs + settleMs) {
      disagreements += 1;
      continue;
    }
    revisions.push(figure);
    standing = figure;
  }
  return { released, revisions, disagreements };
}

const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
