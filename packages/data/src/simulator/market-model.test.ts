import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarDay } from './calendar-day.ts';
import { fundingRate } from './funding-rate.ts';
import { HashedRandom } from './hashed-random.ts';
import { MacroCalendar } from './macro-calendar.ts';
import { MarketModel } from './market-model.ts';
import { ticksPerMinute, tracePath } from './minute-path.ts';
import { nextRegime, regimes } from './regime.ts';
import { simulatedMarkets, simulatedVenues } from './simulated-market.ts';

const firstMinute = Date.UTC(2026, 0, 5) / 60_000;
const model = (seed: string) =>
  new MarketModel({
    markets: simulatedMarkets,
    venues: simulatedVenues,
    calendar: new MacroCalendar(seed),
    from: { seed, minute: firstMinute },
  });

describe('MarketModel', () => {
  it('behavior: over two years no price is absurd and every quantity is above zero', () => {
    const long = model('two years');
    const lowest = simulatedMarkets.map(() => Number.POSITIVE_INFINITY);
    const highest = simulatedMarkets.map(() => 0);
    let wrong = 0;
    for (let i = 0; i < 2 * 365 * 1440; i += 1) {
      long.advance();
      for (let m = 0; m < simulatedMarkets.length; m += 1) {
        const [open = 0, high = 0, low = 0, close = 0] = [long.open[m], long.high[m], long.low[m], long.close[m]];
        lowest[m] = Math.min(lowest[m] ?? 0, low);
        highest[m] = Math.max(highest[m] ?? 0, high);
        const isBar = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && high < low * 1.25;
        if (!isBar || !((long.volume[m] ?? 0) > 0) || !((long.openInterest[m] ?? 0) > 0)) wrong += 1;
      }
    }
    expect(wrong).toBe(0);
    simulatedMarkets.forEach(({ anchorPrice }, m) => {
      expect((lowest[m] ?? 0) / anchorPrice).toBeGreaterThan(0.25);
      expect((highest[m] ?? 0) / anchorPrice).toBeLessThan(4);
    });
  }, 60_000);

  it('behavior: hours in which price and open interest go each way, in every combination', () => {
    const days = model('quadrants');
    const seen = new Map<string, number>();
    let price = 0;
    let interest = 0;
    for (let i = 0; i <= 20 * 1440; i += 1) {
      days.advance();
      if (i % 240 !== 0) continue;
      const [nextPrice = 0, nextInterest = 0] = [days.close[0], days.openInterest[0]];
      const quadrant = `price ${nextPrice > price ? 'up' : 'down'}, open interest ${nextInterest > interest ? 'up' : 'down'}`;
      if (i > 0) seen.set(quadrant, (seen.get(quadrant) ?? 0) + 1);
      [price, interest] = [nextPrice, nextInterest];
    }
    expect([...seen.values()].every((count) => count >= 10)).toBe(true);
    expect(seen.size).toBe(4);
  });

  it('behavior: volume and open interest follow the moves, funding takes both signs', () => {
    const days = model('relations');
    const wild: number[] = [];
    const calm: number[] = [];
    const rates: number[] = [];
    let forced = 0;
    let forcedInCalm = 0;
    for (let i = 0; i < 30 * 1440; i += 1) {
      days.advance();
      const moved = Math.abs(Math.log((days.close[0] ?? 1) / (days.open[0] ?? 1)));
      (moved > 0.0008 ? wild : calm).push(days.volume[0] ?? 0);
      forced += days.liquidations[0] ?? 0;
      if (moved < 0.0005) forcedInCalm += days.liquidations[0] ?? 0;
      const settled = days.settledFunding[0] ?? Number.NaN;
      if (!Number.isNaN(settled)) rates.push(settled);
    }
    const mean = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0) / numbers.length;
    expect(mean(wild)).toBeGreaterThan(2 * mean(calm));
    expect([forced > 100, forcedInCalm]).toEqual([true, 0]);
    expect(rates).toHaveLength(30 * 24 - 1);
    expect(Math.min(...rates)).toBeLessThan(0);
    expect(Math.max(...rates)).toBeGreaterThan(0.00002);
  });

  it('behavior: alike markets move together, unlike ones less', () => {
    const days = model('together');
    const returns = simulatedMarkets.map((): number[] => []);
    for (let i = 0; i < 5 * 1440; i += 1) {
      days.advance();
      for (const [m, list] of returns.entries()) list.push(Math.log((days.close[m] ?? 1) / (days.open[m] ?? 1)));
    }
    const correlation = (a: readonly number[], b: readonly number[]) => {
      const dot = (x: readonly number[], y: readonly number[]) =>
        x.reduce((total, one, i) => total + one * (y[i] ?? 0), 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };
    const [btc = [], eth = []] = returns;
    expect(correlation(btc, eth)).toBeGreaterThan(0.5);
    expect(correlation(btc, eth)).toBeLessThan(0.98);
  });
});

describe('fundingRate', () => {
  it('default', () => {
    // Near the index the rate is the interest, 0.01 % in 8 hours; beyond ±0.05 % of it, the premium less that.
    expect(fundingRate(0, 28_800_000)).toBe(0.0001);
    expect(fundingRate(0.0004, 3_600_000)).toBe(0.0000125);
    expect(fundingRate(0.001, 28_800_000)).toBeCloseTo(0.0005, 12);
    expect(fundingRate(-0.001, 28_800_000)).toBeCloseTo(-0.0005, 12);
  });
});

describe('tracePath', () => {
  it('behavior: begins at the open, ends at the close, touches high and low and never leaves them', () => {
    const path = new Float64Array(ticksPerMinute);
    const price = fc.double({ min: 90, max: 110, noNaN: true });
    fc.assert(
      fc.property(price, price, fc.nat(3), fc.nat(3), fc.nat(10_000), (open, close, above, below, place) => {
        const bar = { open, close, high: Math.max(open, close) + above / 10, low: Math.min(open, close) - below / 10 };
        tracePath(bar, 0.01, new HashedRandom('path').seek(place, 0), path, 0);
        expect([path[0], path.at(-1), Math.max(...path), Math.min(...path)]).toEqual([open, close, bar.high, bar.low]);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});

describe('nextRegime', () => {
  it('behavior: chances sum to one and no regime follows itself', () => {
    regimes.forEach((regime, index) => {
      expect(regime.next.reduce((total, share) => total + share, 0)).toBeCloseTo(1, 12);
      for (const chance of [0, 0.3, 0.6, 0.9, 1 - 2 ** -32]) expect(nextRegime(index, chance)).not.toBe(index);
    });
  });
});

describe('calendarDay', () => {
  it('default', () => {
    expect(calendarDay(0)).toEqual({ year: 1970, month: 1, day: 1, weekday: 4 });
    expect(calendarDay(Date.UTC(2024, 1, 29) / 86_400_000)).toEqual({ year: 2024, month: 2, day: 29, weekday: 4 });
    expect(calendarDay(Date.UTC(2026, 11, 31) / 86_400_000)).toEqual({ year: 2026, month: 12, day: 31, weekday: 4 });
  });
});

describe('MacroCalendar', () => {
  const firstDay = Date.UTC(2026, 0, 1) / 86_400_000;
  const year = (calendar: MacroCalendar) =>
    Array.from({ length: 365 }, (_, i) => calendar.releasesOn(firstDay + i)).flat();

  it('default', () => {
    const releases = year(new MacroCalendar('a'));
    const count = (series: string) => releases.filter((release) => release.event.series === series).length;
    expect([count('US.CPI.YOY'), count('US.NFP.CHANGE'), count('US.CLAIMS.INITIAL')]).toEqual([12, 12, 53]);
    expect(count('US.FED.RATE')).toBeGreaterThanOrEqual(8);
    expect(new Set(releases.map((release) => release.event.theme)).size).toBe(4);
    expect(
      releases.every(({ event, surprise = 9 }) => Math.abs(surprise) < 5 && event.id.startsWith('simulated:')),
    ).toBe(true);
    expect(
      releases.some(({ surprise = 0 }) => surprise > 0.5) && releases.some(({ surprise = 0 }) => surprise < -0.5),
    ).toBe(true);
  });

  it('behavior: the previous figure is what was released the time before', () => {
    const cpi = year(new MacroCalendar('a')).filter((release) => release.event.series === 'US.CPI.YOY');
    expect(cpi.slice(1).map((release) => release.event.previous)).toEqual(
      cpi.slice(0, -1).map((release) => release.actual),
    );
  });

  it('behavior: days are the same in whatever order they are asked for', () => {
    const backwards = new MacroCalendar('a');
    for (let i = 364; i >= 0; i -= 1) backwards.releasesOn(firstDay + i);
    expect(year(backwards)).toEqual(year(new MacroCalendar('a')));
    expect(year(new MacroCalendar('b'))).not.toEqual(year(backwards));
  });
});
