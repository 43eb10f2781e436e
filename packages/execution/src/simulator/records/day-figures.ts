import { Decimal, type Price, type Size, toPrice, toSize, toUsd, type Usd } from '@perpdesk/core';

const hourMs = 3_600_000;
const hoursOfDay = 24;

interface Hour {
  readonly startMs: number;
  readonly open: Price;
  base: Decimal;
  quote: Decimal;
}

/** What a coin traded in the last 24 hours, by the hour. */
export class DayFigures {
  readonly #hours: Hour[] = [];

  add(price: Price, size: Size, atMs: number): void {
    const startMs = Math.floor(atMs / hourMs) * hourMs;
    let hour = this.#hours.at(-1);
    if (hour === undefined || hour.startMs < startMs) {
      hour = { startMs, open: price, base: new Decimal(0), quote: new Decimal(0) };
      this.#hours.push(hour);
      if (this.#hours.length > hoursOfDay + 1) this.#hours.shift();
    }
    hour.base = hour.base.plus(size);
    hour.quote = hour.quote.plus(new Decimal(price).times(size));
  }

  /** Volumes of the last 24 hours and the first price in them. */
  at(nowMs: number): { readonly base: Size; readonly quote: Usd; readonly open: Price | undefined } {
    const recent = this.#hours.filter((hour) => hour.startMs > nowMs - hoursOfDay * hourMs);
    const total = (of: 'base' | 'quote'): Decimal => recent.reduce((sum, hour) => sum.plus(hour[of]), new Decimal(0));
    return {
      base: toSize(total('base')),
      quote: toUsd(total('quote')),
      open: recent[0] === undefined ? undefined : toPrice(recent[0].open),
    };
  }
}
