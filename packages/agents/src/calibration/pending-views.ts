import type { PendingScore } from './pending-score.ts';

/** Views that wait, by the series whose closes they go by and by when their horizon passes. */
export class PendingViews {
  readonly #series = new Map<string, Map<number, PendingScore[]>>();
  readonly #ids = new Set<string>();

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(view: PendingScore): void {
    if (this.#ids.has(view.id)) return;
    this.#ids.add(view.id);
    const key = seriesKey(view.instrumentId, view.series);
    const byDue = this.#series.get(key) ?? new Map<number, PendingScore[]>();
    this.#series.set(key, byDue);
    const others = byDue.get(view.dueAtMs);
    if (others === undefined) byDue.set(view.dueAtMs, [view]);
    else others.push(view);
  }

  /** Takes out those of a series whose horizon has passed with a close, or did before it: the earliest first. */
  takeDue(key: string, closeAtMs: number): readonly PendingScore[] {
    const byDue = this.#series.get(key);
    if (byDue === undefined) return [];
    const due: PendingScore[] = [];
    for (const [dueAtMs, views] of byDue) {
      if (dueAtMs > closeAtMs) continue;
      byDue.delete(dueAtMs);
      for (const view of views) {
        this.#ids.delete(view.id);
        due.push(view);
      }
    }
    if (byDue.size === 0) this.#series.delete(key);
    return due.sort((a, b) => a.dueAtMs - b.dueAtMs);
  }

  /** True where something of a series waits for this close or an earlier one. */
  isDue(key: string, closeAtMs: number): boolean {
    const byDue = this.#series.get(key);
    if (byDue === undefined) return false;
    for (const dueAtMs of byDue.keys()) if (dueAtMs <= closeAtMs) return true;
    return false;
  }

  all(): readonly PendingScore[] {
    return [...this.#series.values()].flatMap((byDue) => [...byDue.values()].flat());
  }

  clear(): void {
    this.#series.clear();
    this.#ids.clear();
  }
}

/** What a series is known by. */
export const seriesKey = (instrumentId: string, timeframe: string): string => `${instrumentId}:${timeframe}`;
