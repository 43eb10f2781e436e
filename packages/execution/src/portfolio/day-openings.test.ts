import { plus, toUsd } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { calendarDay } from './calendar-day.ts';

const desks: TradingDesk[] = [];
const run = async (options: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.open(options);
  desks.push(desk);
  await desk.price(60_000);
  await desk.portfolio.start();
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) {
    await desk.portfolio.stop();
    await desk.stop();
  }
});

/** A long of 1: each dollar of price is a dollar of equity. */
const buy = async (desk: TradingDesk): Promise<void> => {
  await desk.paper.place(desk.market.authority.mint(examplePaperIntent({ leverage: 40 }), 'by hand'));
  await desk.clock.idle();
};
const priceAt = async (desk: TradingDesk, atMs: number, price: number): Promise<void> => {
  await desk.clock.advanceTo(atMs);
  await desk.price(price);
};
const opening = (desk: TradingDesk): string | undefined => desk.portfolio.dayOpenEquity('alice', 'paper');

describe('the opening of a day', () => {
  it("default: equity at the midnight of the user's zone, profits not taken included", async () => {
    const desk = await run({ startAtMs: Date.UTC(2026, 0, 5, 12) });
    expect(opening(desk)).toBe('10000');
    await buy(desk);
    await priceAt(desk, Date.UTC(2026, 0, 5, 23, 59), 60_100);
    expect(opening(desk)).toBe('10000');
    await desk.clock.advanceTo(Date.UTC(2026, 0, 6));
    await priceAt(desk, Date.UTC(2026, 0, 6, 0, 1), 61_000);
    // 10,000 − 30 of fees + 100.
    expect(opening(desk)).toBe('10070');
  });

  it('behavior: the day of a zone, also the two a year that are not of 24 hours', async () => {
    // Berlin goes to summer time on 29 March 2026: that day begins at 23:00 UTC and lasts 23 hours.
    const springMs = Date.UTC(2026, 2, 28, 12);
    const desk = await run({ startAtMs: springMs, user: { timeZone: 'Europe/Berlin' } });
    await buy(desk);
    const openings: (string | undefined)[] = [];
    for (const [day, hour, price] of [
      [28, 22.75, 60_010],
      [28, 23, 60_020],
      [29, 21.75, 60_030],
      [29, 22, 60_040],
      [30, 22, 60_050],
    ] as const) {
      // The price of the quarter before is what the day opens with.
      await priceAt(desk, Date.UTC(2026, 2, day) + hour * 3_600_000, price);
      openings.push(opening(desk));
    }
    expect(openings).toEqual(['10000', '9980', '9980', '10000', '10010']);
    expect(calendarDay(Date.UTC(2026, 9, 25, 22, 59), 'Europe/Berlin')).toBe('2026-10-25');
    expect(calendarDay(Date.UTC(2026, 9, 25, 23), 'Europe/Berlin')).toBe('2026-10-26');
    expect(calendarDay(Date.UTC(2026, 0, 5, 18, 15), 'Asia/Kathmandu')).toBe('2026-01-06');
  });

  it('behavior: what is paid in or out is no profit', async () => {
    const desk = await run({ startAtMs: Date.UTC(2026, 0, 5, 12) });
    desk.venue.on.fetchAccount = async (venue) => {
      const account = await venue.fetchAccount('alice');
      const paid = toUsd(2_500);
      return {
        ...account,
        deposits: plus(account.deposits, paid),
        balance: plus(account.balance, paid),
        equity: plus(account.equity, paid),
      };
    };
    await desk.portfolio.reconcile();
    expect(opening(desk)).toBe('12500');
    expect(desk.portfolio.account('alice', 'paper')?.value.equity).toBe('12500');
  });

  it('behavior: it stands over a restart of the same day, and begins anew after it', async () => {
    const first = await run({ startAtMs: Date.UTC(2026, 0, 5, 12) });
    await buy(first);
    await priceAt(first, Date.UTC(2026, 0, 5, 13), 60_500);
    await first.portfolio.stop();
    const second = await run({ folder: first.folder, startAtMs: Date.UTC(2026, 0, 5, 14), seed: 'second' });
    await second.price(60_700);
    expect(opening(second)).toBe('10000');
    await second.portfolio.stop();
    const third = await run({ folder: first.folder, startAtMs: Date.UTC(2026, 0, 6, 9), seed: 'third' });
    // The market view of a new life begins with 60,000.
    expect(opening(third)).toBe('9970');
  });

  it('error: while nothing is known of the account there is none', async () => {
    const desk = await TradingDesk.open();
    desks.push(desk);
    desk.venue.on.fetchAccount = async () => {
      throw new Error('no answer');
    };
    await desk.portfolio.start();
    expect(opening(desk)).toBeUndefined();
  });
});
