import {
  type Candle,
  ConfigError,
  candleSchema,
  fundingRateSchema,
  instrumentSchema,
  isOnLot,
  isOnRule,
  liquidationSchema,
  type MarketObservation,
  type MarketStep,
  macroEventSchema,
  macroReleaseSchema,
  openInterestSchema,
  orderBookSchema,
  tickerSchema,
  timeframeMs,
  timeframes,
  toPrice,
  toSize,
  tradeSchema,
  ValidationError,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { CandleRollup } from '../candles/candle-rollup.ts';
import { MarketSimulator } from './market-simulator.ts';
import type { MarketSimulatorOptions } from './simulator-setup.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const startAtMs = Date.UTC(2026, 0, 5);
const small = { backfillDays: 2, seed: 5 } as const;

async function take(source: MarketSimulator, count: number): Promise<MarketStep[]> {
  const steps: MarketStep[] = [];
  if (count === 0) return steps;
  for await (const step of source.steps()) if (steps.push(step) === count) break;
  return steps;
}

async function all<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const part of parts) items.push(...part);
  return items;
}

const ofKind = <Kind extends MarketObservation['kind']>(observations: readonly MarketObservation[], kind: Kind) =>
  observations.filter((seen): seen is Extract<MarketObservation, { kind: Kind }> => seen.kind === kind);
const seenIn = (steps: readonly MarketStep[]) => steps.flatMap((step) => step.observations);
const simulate = (options: MarketSimulatorOptions = {}) => new MarketSimulator({ ...small, ...options });

describe('MarketSimulator', () => {
  it('default', async () => {
    const source = new MarketSimulator();
    const instruments = await source.instruments();
    expect(instruments).toHaveLength(15);
    expect(instruments[0]).toMatchObject({ id: 'BTC-PERP@hyperliquid', fundingIntervalMs: hourMs });
    for (const instrument of instruments) expect(instrumentSchema.parse(instrument)).toEqual(instrument);
    const history = await all(source.history());
    const of = (id: string, timeframe: string) =>
      history.filter((bar) => bar.instrumentId === id && bar.timeframe === timeframe);
    expect(timeframes.map((timeframe) => of('DOGE-PERP@bybit', timeframe).length)).toEqual([
      2880, 17_280, 5760, 1440, 360, 60,
    ]);
    for (const timeframe of timeframes) {
      const bars = of('BTC-PERP@hyperliquid', timeframe);
      expect((bars.at(-1)?.openAtMs ?? 0) + timeframeMs(timeframe)).toBe(startAtMs);
    }
    const [first, second] = await take(source, 2);
    expect([first?.atMs, second?.atMs]).toEqual([startAtMs, startAtMs + 2000]);
  });

  it('behavior: one seed, one sequence of bytes; another seed, another', async () => {
    const bytes = async (options: MarketSimulatorOptions) => {
      const source = simulate(options);
      return JSON.stringify([await all(source.history()), await all(source.background()), await take(source, 200)]);
    };
    const once = await bytes({});
    expect(await bytes({})).toBe(once);
    expect(await bytes({ seed: 6 })).not.toBe(once);
  });

  it('behavior: what is asked before does not change the steps', async () => {
    const straight = JSON.stringify(await take(simulate(), 70));
    const source = simulate();
    source.state();
    await all(source.background());
    await all(source.history());
    const steps = [...(await take(source, 40)), ...(await take(source, 30))];
    expect(JSON.stringify(steps)).toBe(straight);
  });

  it.each([0, 1, 29, 30, 31, 60, 1799, 1800, 1801, 2500])(
    'behavior: saved after %i steps, it goes on to the byte',
    async (count) => {
      const source = simulate({ startAtMs: startAtMs + 5 * minuteMs });
      await take(source, count);
      const saved = JSON.stringify(source.state());
      const rest = await take(source, 100);
      const resumed = new MarketSimulator({ resume: JSON.parse(saved) });
      expect(JSON.stringify(resumed.state())).toBe(saved);
      expect(JSON.stringify(await take(resumed, 100))).toBe(JSON.stringify(rest));
      expect(JSON.stringify(resumed.state())).toBe(JSON.stringify(source.state()));
    },
  );

  it('behavior: after a restart history holds the bars that were seen live, without a hole', async () => {
    const source = simulate();
    const before = await all(source.history());
    const live = seenIn(await take(source, 30 * 200 + 17));
    const resumed = new MarketSimulator({ resume: source.state() });
    const after = await all(resumed.history());
    const series = (bars: readonly Candle[], id: string, timeframe: string) =>
      bars.filter((bar) => bar.instrumentId === id && bar.timeframe === timeframe);
    for (const { id } of await resumed.instruments()) {
      const minutes = [
        ...series(before, id, '1m'),
        ...ofKind(live, 'candle')
          .map((seen) => seen.candle)
          .filter((bar) => bar.instrumentId === id),
      ];
      expect(series(after, id, '1m')).toEqual(minutes.slice(-2880));
      // Higher bars are what a roll-up of those minutes gives.
      const rolled: Candle[] = [];
      const rollup = new CandleRollup({ instrumentId: id, listener: { closed: (bar) => rolled.push(bar) } });
      for (const bar of minutes) rollup.push(bar);
      for (const timeframe of timeframes.slice(1)) {
        const expected = series(rolled, id, timeframe);
        const actual = series(after, id, timeframe).slice(-expected.length);
        expect(actual.map((bar) => ({ ...bar, volume: 0 }))).toEqual(expected.map((bar) => ({ ...bar, volume: 0 })));
        for (const [i, bar] of actual.entries()) expect(bar.volume).toBeCloseTo(expected[i]?.volume ?? 0, 3);
      }
    }
    const settlements = ofKind(await all(resumed.background()), 'funding').filter(
      ({ funding }) => funding.instrumentId === 'BTC-PERP@hyperliquid',
    );
    expect(settlements.at(-1)?.funding.settlesAtMs).toBe(startAtMs + 3 * hourMs);
    const live3 = ofKind(live, 'funding').find(
      ({ funding }) =>
        !funding.predicted &&
        funding.settlesAtMs === startAtMs + 3 * hourMs &&
        funding.instrumentId === 'BTC-PERP@hyperliquid',
    );
    expect(settlements.at(-1)).toEqual(live3);
  });

  it('behavior: history reaches back over the checkpoint after more days than the backfill', async () => {
    const source = new MarketSimulator({ seed: 1, backfillDays: 1, markets: ['BTC-PERP'], venues: ['hyperliquid'] });
    const live = ofKind(seenIn(await take(source, 30 * 1440 * 5)), 'candle').map((seen) => seen.candle);
    const resumed = new MarketSimulator({ resume: source.state() });
    const minutes = (await all(resumed.history())).filter((bar) => bar.timeframe === '1m');
    expect(minutes).toHaveLength(2 * 1440 - 1);
    expect(minutes).toEqual(live.slice(-minutes.length));
  });

  it('behavior: a bar is what its tickers were', async () => {
    const steps = await take(simulate(), 30 * 30 + 1);
    const tickers = ofKind(seenIn(steps), 'ticker').map((seen) => seen.ticker);
    const candles = ofKind(seenIn(steps), 'candle').map((seen) => seen.candle);
    expect(candles).toHaveLength(30 * 15);
    for (const candle of candles) {
      const inside = tickers
        .filter((ticker) => ticker.instrumentId === candle.instrumentId)
        .filter(({ exchangeAtMs }) => exchangeAtMs >= candle.openAtMs && exchangeAtMs < candle.openAtMs + minuteMs)
        .map((ticker) => ticker.last);
      expect(inside).toHaveLength(30);
      expect([candle.open, candle.high, candle.low, candle.close]).toEqual([
        inside[0],
        Math.max(...inside),
        Math.min(...inside),
        inside.at(-1),
      ]);
    }
  });

  it('behavior: everything fits its schema, prices the rule, sizes the lot, and comes in order', async () => {
    const source = simulate();
    const rules = new Map((await source.instruments()).map((one) => [one.id, one]));
    const offPrices: string[] = [];
    const offSizes: string[] = [];
    const prices = (id: Candle['instrumentId'], ...values: number[]): void => {
      const rule = rules.get(id)?.priceRule;
      for (const price of values)
        if (rule === undefined || !isOnRule(rule, toPrice(price))) offPrices.push(`${id} ${price}`);
    };
    const sizes = (id: Candle['instrumentId'], ...values: number[]): void => {
      const lot = rules.get(id)?.lotSize ?? toSize(1);
      for (const size of values) if (!(size > 0 && isOnLot(lot, toSize(size)))) offSizes.push(`${id} ${size}`);
    };
    const steps = await take(source, 30 * 20);
    const seen = [...seenIn(steps), ...(await all(source.background()))];
    expect(steps.map((step) => step.atMs)).toEqual(steps.map((_, i) => startAtMs + i * 2000));
    for (const { candle } of ofKind(seen, 'candle')) {
      const bar = candleSchema.parse(candle);
      prices(bar.instrumentId, bar.open, bar.high, bar.low, bar.close);
    }
    for (const { ticker } of ofKind(seen, 'ticker')) {
      const { instrumentId, last, mark, bid, ask, index = 0 } = tickerSchema.parse(ticker);
      prices(instrumentId, last, mark, bid, ask, index);
      expect(bid).toBeLessThan(ask);
      expect([bid, ask]).toContain(last);
    }
    for (const { book } of ofKind(seen, 'book')) {
      const { instrumentId, bids, asks } = orderBookSchema.parse(book);
      const ladder = [...bids.map(([price]) => price).reverse(), ...asks.map(([price]) => price)];
      expect(ladder).toHaveLength(40);
      expect(ladder.every((price, i) => i === 0 || price > (ladder[i - 1] ?? 0))).toBe(true);
      prices(instrumentId, ...ladder);
      sizes(instrumentId, ...[...bids, ...asks].map(([, size]) => size));
    }
    for (const { trade } of ofKind(seen, 'trade')) {
      const { instrumentId, price, size } = tradeSchema.parse(trade);
      prices(instrumentId, price);
      sizes(instrumentId, size);
    }
    for (const { liquidation } of ofKind(seen, 'liquidation')) {
      const { instrumentId, price, size } = liquidationSchema.parse(liquidation);
      prices(instrumentId, price);
      sizes(instrumentId, size);
    }
    for (const { funding } of ofKind(seen, 'funding')) fundingRateSchema.parse(funding);
    for (const { openInterest } of ofKind(seen, 'open-interest')) openInterestSchema.parse(openInterest);
    for (const { event } of ofKind(seen, 'macro-scheduled')) macroEventSchema.parse(event);
    for (const { release } of ofKind(seen, 'macro-released')) macroReleaseSchema.parse(release);
    expect([offPrices, offSizes]).toEqual([[], []]);
  });

  it('behavior: funding is settled on the interval of its venue and foretold in between', async () => {
    const rates = ofKind(seenIn(await take(simulate(), 30 * 60 * 8 + 1)), 'funding').map((seen) => seen.funding);
    const settled = (venue: string) =>
      rates.filter((rate) => rate.instrumentId === `BTC-PERP@${venue}` && !rate.predicted);
    expect(settled('hyperliquid').map((rate) => (rate.settlesAtMs - startAtMs) / hourMs)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(settled('binance').map((rate) => (rate.settlesAtMs - startAtMs) / hourMs)).toEqual([0, 8]);
    for (const rate of rates.filter((other) => other.predicted)) {
      expect(rate.settlesAtMs % rate.intervalMs).toBe(0);
      expect(rate.settlesAtMs - rate.exchangeAtMs).toBeGreaterThan(0);
      expect(rate.settlesAtMs - rate.exchangeAtMs).toBeLessThanOrEqual(rate.intervalMs);
    }
    expect(rates.every((rate) => Math.abs(rate.rate) < 0.003)).toBe(true);
  });

  it('behavior: each figure is scheduled before it is released, released once, and said to be simulated', async () => {
    const wednesdayMs = startAtMs + 2 * dayMs;
    const one = { markets: ['BTC-PERP'], venues: ['hyperliquid'] } as const;
    const source = new MarketSimulator({ seed: 2, backfillDays: 1, startAtMs: wednesdayMs, ...one });
    const known = await all(source.background());
    const events = ofKind(known, 'macro-scheduled').map((seen) => seen.event);
    expect(
      events.every((event) => event.scheduledAtMs >= wednesdayMs && event.scheduledAtMs < wednesdayMs + 15 * dayMs),
    ).toBe(true);
    expect(ofKind(known, 'macro-released').every(({ release }) => release.releasedAtMs < wednesdayMs)).toBe(true);
    const scheduled = new Set(events.map((event) => event.id));
    const released: string[] = [];
    for await (const step of source.steps()) {
      if (step.atMs >= wednesdayMs + 2 * dayMs) break;
      for (const { event } of ofKind(step.observations, 'macro-scheduled')) scheduled.add(event.id);
      for (const { release } of ofKind(step.observations, 'macro-released')) {
        expect(scheduled).toContain(release.event.id);
        expect(release.releasedAtMs).toBe(step.atMs);
        expect(release.event.title).toMatch(/\(simulated\)$/);
        released.push(release.event.id);
      }
    }
    expect(released.length).toBeGreaterThanOrEqual(2);
    expect(new Set(released).size).toBe(released.length);
    expect(released).toEqual(
      events.filter((event) => event.scheduledAtMs < wednesdayMs + 2 * dayMs).map((event) => event.id),
    );
  });

  it('behavior: markets and venues can be chosen, in any order', async () => {
    const source = simulate({ markets: ['SOL-PERP', 'BTC-PERP'], venues: ['bybit'] });
    expect((await source.instruments()).map((one) => one.id)).toEqual(['SOL-PERP@bybit', 'BTC-PERP@bybit']);
    expect(ofKind(seenIn(await take(source, 1)), 'ticker')).toHaveLength(2);
  });

  it('error: markets, venues, starts and states that are none', () => {
    const errorOf = (options: MarketSimulatorOptions): string => {
      try {
        new MarketSimulator(options);
      } catch (error) {
        if (error instanceof ConfigError || error instanceof ValidationError) return `${error.code}: ${error.message}`;
        throw error;
      }
      return 'none';
    };
    expect(errorOf({ markets: ['PEPE-PERP'] })).toBe(
      'simulator.market: The simulator has no PEPE-PERP; it has BTC-PERP, ETH-PERP, SOL-PERP, XRP-PERP, DOGE-PERP.',
    );
    expect(errorOf({ venues: ['okx'] })).toBe(
      'simulator.venue: The simulator has no venue okx; it has hyperliquid, binance, bybit.',
    );
    expect(errorOf({ startAtMs: startAtMs + 1 })).toContain('simulator.start');
    expect(errorOf({ backfillDays: 0.5 })).toContain('simulator.backfill');
    expect(errorOf({ resume: { version: 2 } })).toContain(
      'simulator.resume: The saved simulation is not one of this version',
    );
    const saved = simulate().state();
    expect(errorOf({ resume: saved, seed: 8 })).toContain('simulator.resume: The saved simulation is of ["5",2,');
    const cut = { ...saved, present: { ...saved.present, numbers: saved.present.numbers.slice(1) } };
    expect(errorOf({ resume: cut })).toBe(
      'simulator.resume: The saved simulation is of another version of the simulator.',
    );
  });
});
