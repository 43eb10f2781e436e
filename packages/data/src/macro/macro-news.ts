import type { MacroEvent, MarketObservation, MarketStep } from '@perpdesk/core';

/** What of a timeline has been told and what has not. */
export class MacroNews {
  readonly #told = new Map<string, string>();
  readonly #released = new Set<string>();
  readonly #due = new Map<string, number>();
  #steps: readonly MarketStep[] = [];

  /**
   * What is known by `nowMs` and was not told: of dates the last word on each event only, figures all. Figures from before
   * `newsFromMs` are what was known before, not news.
   */
  take(
    steps: readonly MarketStep[],
    nowMs: number,
    newsFromMs: number,
  ): { readonly before: readonly MarketStep[]; readonly now: readonly MarketObservation[] } {
    this.#steps = steps;
    const scheduled = new Map<string, MacroEvent>();
    const before: MarketStep[] = [];
    const now: MarketObservation[] = [];
    for (const { atMs, observations } of steps) {
      if (atMs > nowMs) break;
      for (const observation of observations) {
        if (observation.kind === 'macro-scheduled') scheduled.set(observation.event.id, observation.event);
        if (observation.kind !== 'macro-released') continue;
        const { id } = observation.release.event;
        scheduled.delete(id);
        this.#due.delete(id);
        if (this.#released.has(id)) continue;
        this.#released.add(id);
        if (atMs < newsFromMs) before.push({ atMs, observations: [observation] });
        else now.push(observation);
      }
    }
    const moved = [...scheduled.values()].filter((event) => this.#isNew(event));
    return { before, now: [...moved.map((event) => ({ kind: 'macro-scheduled' as const, event })), ...now] };
  }

  /** Whether a figure was scheduled between the two instants and is not out. */
  isDue(fromMs: number, toMs: number): boolean {
    return [...this.#due.values()].some((atMs) => atMs > fromMs && atMs <= toMs);
  }

  /** The next instant at which something becomes known or a figure is scheduled, ms UTC. */
  nextMs(nowMs: number): number | undefined {
    const instants = [...this.#steps.map(({ atMs }) => atMs), ...this.#due.values()].filter((atMs) => atMs > nowMs);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  #isNew(event: MacroEvent): boolean {
    const state = JSON.stringify(event);
    if (this.#told.get(event.id) === state) return false;
    this.#told.set(event.id, state);
    this.#due.set(event.id, event.scheduledAtMs);
    return true;
  }
}
