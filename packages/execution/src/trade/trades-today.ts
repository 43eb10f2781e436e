import type { Clock, EventBus, User } from '@perpdesk/core';
import { calendarDay } from '../portfolio/calendar-day.ts';

/** No day is longer: what is older need not be put on the calendar. */
const longestDayMs = 25 * 3_600_000;
/** The approvals of a user that are read back. */
const mostApprovals = 500;
/** How long a signal that was let pass may take to be found in the journal; one that failed before that is no trade. */
const unwrittenMs = 600_000;

/**
 * Counts the trades approved since the user's day began: those that the journal has, and those that this process let pass a
 * moment ago and that it may not have yet.
 */
export class TradesToday {
  readonly #options: { readonly clock: Clock; readonly eventBus: EventBus };
  /** When signals were let pass, by user and signal. */
  readonly #passed = new Map<string, Map<string, number>>();

  constructor(options: { readonly clock: Clock; readonly eventBus: EventBus }) {
    this.#options = options;
  }

  /** Judges a signal by the trades before it; `passes` says whether the judgement makes it one of them. */
  async judge<Judgement>(
    user: Pick<User, 'id' | 'timeZone'>,
    signalId: string,
    judge: (tradesToday: number) => Judgement,
    passes: (judgement: Judgement) => boolean,
  ): Promise<Judgement> {
    const { clock, eventBus } = this.#options;
    const types = ['signal.approved'] as const;
    const query = { types, userId: user.id, order: 'descending', limit: mostApprovals } as const;
    const approvals = await eventBus.read(query);
    // No wait from here on: what another judgement lets pass meanwhile is known to this one.
    const nowMs = clock.nowMs();
    const today = calendarDay(nowMs, user.timeZone);
    const isToday = (atMs: number): boolean =>
      atMs > nowMs - longestDayMs && calendarDay(atMs, user.timeZone) === today;
    const passed = new Map([...(this.#passed.get(user.id) ?? [])].filter(([, atMs]) => atMs > nowMs - unwrittenMs));
    const before = new Set([...passed].filter(([, atMs]) => isToday(atMs)).map(([id]) => id));
    for (const { event } of approvals)
      if (event.type === 'signal.approved' && isToday(event.atMs)) before.add(event.payload.signalId);
    // Asked again after a crash, it is not before itself.
    before.delete(signalId);
    const judgement = judge(before.size);
    if (passes(judgement)) passed.set(signalId, nowMs);
    if (passed.size > 0) this.#passed.set(user.id, passed);
    else this.#passed.delete(user.id);
    return judgement;
  }
}
