import type { MacroEvent, MacroRelease } from '@perpdesk/core';
import { Ring } from './ring.ts';

/** For how long an event that was never released stays known. */
const overdueMs = 86_400_000;

/** The economic calendar: events still due and figures published. */
export class MacroBoard {
  readonly #due = new Map<string, MacroEvent>();
  readonly #released: Ring<MacroRelease>;
  readonly #releasedIds = new Set<string>();

  constructor(capacity: number) {
    this.#released = new Ring(capacity);
  }

  /** Adds an event, or what is now known of it (a new date, a consensus). One whose figure is out stays out. */
  schedule(event: MacroEvent, nowMs: number): void {
    if (this.#releasedIds.has(event.id)) return;
    this.#due.set(event.id, event);
    for (const [id, { scheduledAtMs }] of this.#due) if (scheduledAtMs < nowMs - overdueMs) this.#due.delete(id);
  }

  /** Adds a figure. Its event is no longer due. */
  release(release: MacroRelease): void {
    const { id } = release.event;
    this.#due.delete(id);
    if (this.#releasedIds.has(id)) return;
    this.#releasedIds.add(id);
    this.#released.push(release);
  }

  /** Events due from `fromMs` to `toMs`, both included, soonest first. */
  due(fromMs: number, toMs: number): readonly MacroEvent[] {
    return [...this.#due.values()]
      .filter(({ scheduledAtMs }) => scheduledAtMs >= fromMs && scheduledAtMs <= toMs)
      .sort((a, b) => a.scheduledAtMs - b.scheduledAtMs || (a.id < b.id ? -1 : 1));
  }

  /** Figures published after `fromMs`, newest first. */
  releasedSince(fromMs: number): readonly MacroRelease[] {
    return this.#released
      .last(this.#released.length)
      .filter(({ releasedAtMs }) => releasedAtMs > fromMs)
      .sort((a, b) => b.releasedAtMs - a.releasedAtMs || (a.event.id < b.event.id ? -1 : 1));
  }
}
