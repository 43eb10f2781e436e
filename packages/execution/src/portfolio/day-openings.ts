import { type Account, type Clock, type Logger, minus, plus, type Usd } from '@perpdesk/core';
import { calendarDay } from './calendar-day.ts';
import type { AccountKey, DayOpening, PortfolioStore } from './portfolio-store.ts';

interface OpenDay {
  readonly day: string;
  readonly opening: DayOpening;
  kept: boolean;
}

/** Options of {@link DayOpenings}. */
export interface DayOpeningsOptions {
  readonly store: PortfolioStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What accounts were worth when their users' days began: the first figure known of a day, kept over restarts. */
export class DayOpenings {
  readonly #options: DayOpeningsOptions;
  readonly #days = new Map<string, OpenDay>();

  constructor(options: DayOpeningsOptions) {
    this.#options = options;
  }

  /** Takes up the present day where an earlier process has opened it. @throws StoreError */
  async load(key: AccountKey, timeZone: string): Promise<void> {
    const day = this.#today(timeZone);
    const opening = await this.#options.store.dayOpening(key, day);
    if (opening !== undefined) this.#days.set(nameOf(key), { day, opening, kept: true });
  }

  /** True when the present day has begun already and its opening is kept: asking for the equity would change nothing. */
  isOpen(timeZone: string, key: AccountKey): boolean {
    const open = this.#days.get(nameOf(key));
    return open?.kept === true && open.day === this.#today(timeZone);
  }

  /** Equity when the present day began, with what was paid in or out since. It begins with `present` when it is new. */
  equity(timeZone: string, present: Account): Usd {
    const day = this.#today(timeZone);
    let open = this.#days.get(nameOf(present));
    if (open?.day !== day) {
      open = { day, opening: { equity: present.equity, deposits: present.deposits }, kept: false };
      this.#days.set(nameOf(present), open);
    }
    if (!open.kept) this.#keep(present, open);
    const { equity, deposits } = open.opening;
    return present.deposits === deposits ? equity : plus(equity, minus(present.deposits, deposits));
  }

  #keep(key: AccountKey, open: OpenDay): void {
    open.kept = true;
    const release = this.#options.clock.hold();
    this.#options.store
      .putDayOpening(key, open.day, open.opening)
      .catch((error: unknown) => {
        open.kept = false;
        this.#options.logger.error({ error, day: open.day }, 'the opening of a day could not be kept');
      })
      .finally(release);
  }

  #today(timeZone: string): string {
    return calendarDay(this.#options.clock.nowMs(), timeZone);
  }
}

const nameOf = ({ userId, venue }: AccountKey): string => `${userId}|${venue}`;
