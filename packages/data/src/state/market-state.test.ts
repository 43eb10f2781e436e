import {
  type MacroEvent,
  type MarketObservation,
  type OrderBookSnapshot,
  SimulatedClock,
  ValidationError,
} from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCandle, exampleCandles, exampleInstrument, exampleTicker } from '../player/testing/example-market.ts';
import { freshnessFor } from './freshness.ts';
import { MarketState } from './market-state.ts';

const id = 'BTC-PERP@hyperliquid';
const fromMs = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

function stateAt(atMs: number, options: Partial<ConstructorParameters<typeof MarketState>[0]> = {}) {
  const clock = new SimulatedClock({ startAtMs: atMs });
  return { clock, state: new MarketState({ clock, ...options }) };
}

const funding = (
  settlesAtMs: number,
  rate: number,
  predicted = false,
  receivedAtMs = settlesAtMs,
): MarketObservation => ({
  kind: 'funding',
  funding: {
    instrumentId: id,
    rate,
    intervalMs: 3_600_000,
    settlesAtMs,
    predicted,
    exchangeAtMs: receivedAtMs,
    receivedAtMs,
  },
});

const macroEvent = (name: string, scheduledAtMs: number): MacroEvent => ({
  id: name,
  series: 'US.CPI.YOY',
  title: 'Consumer prices',
  country: 'US',
  importance: 'high',
  theme: 'rate-expectations',
  polarity: -1,
  scheduledAtMs,
  unit: '%',
});

describe('candles and indicators', () => {
  it('default: a bar can be read from its close on, to the millisecond', async () => {
    const { clock, state } = stateAt(fromMs);
    const bars = exampleCandles(id, '1m', fromMs, 3);
    for (const candle of bars) state.observe({ kind: 'candle', candle });
    expect(state.candles(id, '1m', 10)).toStrictEqual([]);
    await clock.advanceTo(fromMs + minuteMs - 1);
    expect(state.candles(id, '1m', 10)).toStrictEqual([]);
    await clock.advanceTo(fromMs + minuteMs);
    expect(state.candles(id, '1m', 10)).toStrictEqual(bars.slice(0, 1));
    await clock.advanceTo(fromMs + 5 * minuteMs);
    expect(state.candles(id, '1m', 2)).toStrictEqual(bars.slice(1));
  });

  it('behavior: rings are bounded, and bars told ahead push nothing out before their time', async () => {
    const { clock, state } = stateAt(fromMs + 3 * minuteMs, { candleCapacity: 3 });
    const bars = exampleCandles(id, '1m', fromMs, 6);
    for (const candle of bars) state.addCandle(candle);
    expect(state.candles(id, '1m', 10)).toStrictEqual(bars.slice(0, 3));
    await clock.advanceTo(fromMs + 6 * minuteMs);
    expect(state.candles(id, '1m', 10)).toStrictEqual(bars.slice(3));
  });

  it('behavior: an older bar or snapshot than the newest is passed over', () => {
    const { state } = stateAt(fromMs + 10 * minuteMs);
    const [first, second] = exampleCandles(id, '1m', fromMs, 2);
    if (first === undefined || second === undefined) throw new Error('two bars are needed');
    for (const candle of [second, first, second]) state.addCandle(candle);
    expect(state.candles(id, '1m', 10)).toStrictEqual([second]);
    const newest = {
      instrumentId: id,
      timeframe: '1m',
      openAtMs: second.openAtMs,
      values: { 'rsi(14)': 40 },
      bars: 2,
    } as const;
    state.setIndicators(newest);
    state.setIndicators({ ...newest, openAtMs: first.openAtMs });
    expect(state.indicators(id, '1m')).toBe(newest);
  });
});

describe('tickers and books', () => {
  it('default: fresh for 90 s, then stale with its age', async () => {
    const { clock, state } = stateAt(fromMs);
    const ticker = exampleTicker(id, fromMs);
    state.observe({ kind: 'ticker', ticker });
    await clock.advanceTo(fromMs + 90_000);
    expect(state.ticker(id)).toStrictEqual({ quality: 'fresh', value: ticker, atMs: fromMs });
    await clock.advanceTo(fromMs + 90_001);
    expect(state.ticker(id)).toStrictEqual({ quality: 'stale', value: ticker, atMs: fromMs, ageMs: 90_001 });
    expect(state.ticker('ETH-PERP@hyperliquid')).toBeUndefined();
  });

  it('behavior: the bound follows the cadence of the source, and age counts from when it happened', async () => {
    const { state } = stateAt(fromMs + 4000, { freshness: freshnessFor(2000) });
    state.observe({ kind: 'ticker', ticker: { ...exampleTicker(id, fromMs), receivedAtMs: fromMs + 4000 } });
    expect(state.ticker(id)).toMatchObject({ quality: 'stale', ageMs: 4000 });
    const atMs = fromMs + 2000;
    const book: OrderBookSnapshot = { instrumentId: id, bids: [], asks: [], exchangeAtMs: atMs, receivedAtMs: atMs };
    state.observe({ kind: 'book', book });
    expect(state.book(id)).toMatchObject({ quality: 'fresh', value: book });
  });

  it('behavior: what was last heard before a known gap is gapped, what came in it or after is not', () => {
    const { state } = stateAt(fromMs + 10 * minuteMs);
    const gap = {
      instrumentId: id,
      timeframe: '1m',
      fromMs: fromMs + minuteMs,
      toMs: fromMs + 9 * minuteMs,
      missing: 8,
    } as const;
    const before = exampleTicker(id, gap.fromMs);
    state.observe({ kind: 'ticker', ticker: before });
    state.noteGap(gap);
    expect(state.ticker(id)).toStrictEqual({ quality: 'gapped', value: before, atMs: gap.fromMs, missing: 8 });
    state.observe({ kind: 'ticker', ticker: exampleTicker(id, gap.toMs) });
    expect(state.ticker(id)?.quality).toBe('fresh');
  });

  it('behavior: an older ticker does not replace a newer one', () => {
    const { state } = stateAt(fromMs);
    state.observe({ kind: 'ticker', ticker: exampleTicker(id, fromMs, 101) });
    state.observe({ kind: 'ticker', ticker: exampleTicker(id, fromMs - 1, 99) });
    expect(state.ticker(id)?.value.last).toBe(101);
  });
});

describe('the reference instrument', () => {
  const inverse = exampleInstrument('BTC-PERP', 'binance', { contract: 'inverse' });
  const bybit = exampleInstrument('BTC-PERP', 'bybit');
  const okx = exampleInstrument('BTC-PERP', 'okx');
  const hyperliquid = exampleInstrument('BTC-PERP', 'hyperliquid');
  const reference = (listed: (typeof okx)[], options: Partial<ConstructorParameters<typeof MarketState>[0]> = {}) => {
    const { state } = stateAt(fromMs, options);
    state.list(listed);
    return state.reference('BTC-PERP')?.venue;
  };

  it('default: hyperliquid, else the first linear one listed, an inverse one only where there is no other', () => {
    expect(reference([inverse, bybit, hyperliquid])).toBe('hyperliquid');
    expect(reference([inverse, okx, bybit])).toBe('okx');
    expect(reference([inverse])).toBe('binance');
    expect(reference([exampleInstrument('ETH-PERP', 'hyperliquid')])).toBeUndefined();
  });

  it('behavior: a preferred venue does not make an inverse instrument one, nor a settled one', () => {
    expect(reference([inverse, bybit], { preferredVenues: ['binance'] })).toBe('bybit');
    expect(reference([{ ...hyperliquid, status: 'settled' }, bybit])).toBe('bybit');
    expect(reference([okx, bybit], { preferredVenues: ['bybit', 'okx'] })).toBe('bybit');
  });

  it('behavior: configured for one market', () => {
    expect(reference([hyperliquid, okx], { references: { 'BTC-PERP': okx.id } })).toBe('okx');
  });

  it('error: configured of another market', () => {
    expect(() => reference([hyperliquid], { references: { 'ETH-PERP': hyperliquid.id } })).toThrow(ValidationError);
  });
});

describe('derivatives', () => {
  it('default: one rate per settlement, the settled over the predicted, newest last', () => {
    const { state } = stateAt(fromMs + 10 * 3_600_000);
    const hour = (n: number): number => fromMs + n * 3_600_000;
    const observations = [
      funding(hour(1), 0.1, true, hour(0)),
      funding(hour(1), 0.2, true, hour(0) + 1),
      funding(hour(2), 0.3, true, hour(1)),
      funding(hour(1), 0.25),
      funding(hour(1), 0.9, true, hour(1)),
    ];
    for (const observation of observations) state.observe(observation);
    expect(
      state.funding(id, 10).map(({ settlesAtMs, rate, predicted }) => [settlesAtMs, rate, predicted]),
    ).toStrictEqual([
      [hour(1), 0.25, false],
      [hour(2), 0.3, true],
    ]);
    expect(state.funding(id, 1).map(({ rate }) => rate)).toStrictEqual([0.3]);
  });

  it('behavior: open interest as a ring, liquidations within a window', async () => {
    const { clock, state } = stateAt(fromMs, { derivativesCapacity: { openInterest: 2 } });
    for (const [i, size] of [5, 6, 7].entries()) {
      const moments = { exchangeAtMs: fromMs + i * minuteMs, receivedAtMs: fromMs + i * minuteMs };
      state.observe({ kind: 'open-interest', openInterest: { instrumentId: id, size, notionalUsd: size, ...moments } });
      state.observe({
        kind: 'liquidation',
        liquidation: { instrumentId: id, side: 'sell', price: 100, size, ...moments },
      });
    }
    await clock.advanceTo(fromMs + 2 * minuteMs);
    expect(state.openInterest(id, 10).map(({ size }) => size)).toStrictEqual([6, 7]);
    expect(state.liquidations(id, 2 * minuteMs).map(({ size }) => size)).toStrictEqual([6, 7]);
  });
});

describe('the calendar', () => {
  it('default: due within the window, soonest first, until the figure is out', async () => {
    const { clock, state } = stateAt(fromMs);
    const hourMs = 3_600_000;
    for (const [name, hours] of [
      ['b', 2],
      ['a', 1],
      ['c', 5],
    ] as const) {
      state.observe({ kind: 'macro-scheduled', event: macroEvent(name, fromMs + hours * hourMs) });
    }
    expect(state.upcoming(4 * hourMs).map(({ id }) => id)).toStrictEqual(['a', 'b']);
    const release = { event: macroEvent('a', fromMs + hourMs), actual: 3.1, releasedAtMs: fromMs + hourMs };
    state.observe({ kind: 'macro-released', release });
    expect(state.released(hourMs)).toStrictEqual([]);
    await clock.advanceTo(fromMs + hourMs);
    expect(state.upcoming(4 * hourMs).map(({ id }) => id)).toStrictEqual(['b', 'c']);
    expect(state.released(hourMs)).toStrictEqual([release]);
    await clock.advanceTo(fromMs + 2 * hourMs);
    expect(state.released(hourMs)).toStrictEqual([]);
  });

  it('behavior: overdue from its time on, the latest first, until its figure is out or the window is over', async () => {
    const { clock, state } = stateAt(fromMs);
    const hourMs = 3_600_000;
    for (const [name, minutes] of [
      ['a', 30],
      ['b', 60],
    ] as const)
      state.observe({ kind: 'macro-scheduled', event: macroEvent(name, fromMs + minutes * 60_000) });
    const overdue = () => state.overdue(hourMs).map(({ id }) => id);
    expect(overdue()).toStrictEqual([]);
    await clock.advanceTo(fromMs + hourMs);
    expect(overdue()).toStrictEqual(['b', 'a']);
    const release = { event: macroEvent('b', fromMs + hourMs), actual: 3.1, releasedAtMs: fromMs + hourMs };
    state.observe({ kind: 'macro-released', release });
    expect(overdue()).toStrictEqual(['a']);
    await clock.advanceTo(fromMs + hourMs + 30 * 60_000 + 1);
    expect(overdue()).toStrictEqual([]);
  });
});

describe('as of the clock', () => {
  const atMs = fc.integer({ min: 0, max: 60 }).map((minutes) => fromMs + minutes * minuteMs);
  const price = fc.double({ min: 1, max: 200, noNaN: true });
  const moments = (receivedAtMs: number) => ({ exchangeAtMs: receivedAtMs, receivedAtMs });
  const observation: fc.Arbitrary<{ readonly knownAtMs: number; readonly observation: MarketObservation }> = fc
    .tuple(atMs, price, fc.nat({ max: 6 }))
    .map(([knownAtMs, value, kind]) => {
      const of = (observation: MarketObservation) => ({ knownAtMs, observation });
      switch (kind) {
        case 0:
          return of({ kind: 'candle', candle: exampleCandle(id, '1m', knownAtMs - minuteMs, value) });
        case 1:
          return of({ kind: 'ticker', ticker: exampleTicker(id, knownAtMs, value) });
        case 2:
          return of({ kind: 'book', book: { instrumentId: id, bids: [[value, 1]], asks: [], ...moments(knownAtMs) } });
        case 3:
          return of(funding(knownAtMs + 3_600_000 * ((value % 3) | 0), value, value > 100, knownAtMs));
        case 4:
          return of({
            kind: 'open-interest',
            openInterest: { instrumentId: id, size: value, notionalUsd: value, ...moments(knownAtMs) },
          });
        case 5:
          return of({
            kind: 'liquidation',
            liquidation: { instrumentId: id, side: 'buy', price: value, size: 1, ...moments(knownAtMs) },
          });
        default: {
          const event = macroEvent(`event ${knownAtMs}`, knownAtMs + 1_800_000);
          return of(
            value > 100
              ? { kind: 'macro-scheduled', event }
              : {
                  kind: 'macro-released',
                  release: { event: { ...event, scheduledAtMs: knownAtMs }, actual: value, releasedAtMs: knownAtMs },
                },
          );
        }
      }
    });
  const answers = (state: MarketState) => ({
    candles: state.candles(id, '1m', 5),
    ticker: state.ticker(id),
    book: state.book(id),
    funding: state.funding(id, 5),
    openInterest: state.openInterest(id, 5),
    liquidations: state.liquidations(id, 1_800_000),
    upcoming: state.upcoming(7_200_000),
    overdue: state.overdue(1_800_000),
    released: state.released(1_800_000),
  });

  it('behavior: no answer at an instant changes with what comes after it, in rings of any size', () => {
    fc.assert(
      fc.property(
        fc.array(observation, { maxLength: 40, size: 'max' }),
        fc.array(observation, { maxLength: 40, size: 'max' }),
        atMs,
        fc.integer({ min: 1, max: 8 }),
        (past, future, nowMs, capacity) => {
          const known = past.filter(({ knownAtMs }) => knownAtMs <= nowMs);
          const later = future.filter(({ knownAtMs }) => knownAtMs > nowMs);
          const options = {
            candleCapacity: capacity,
            derivativesCapacity: { funding: capacity, openInterest: capacity, liquidations: capacity },
          };
          const alone = stateAt(nowMs, options).state;
          for (const { observation, knownAtMs } of known) alone.observe(observation, knownAtMs);
          const ahead = stateAt(nowMs, options).state;
          for (const { observation, knownAtMs } of later) ahead.observe(observation, knownAtMs);
          for (const { observation, knownAtMs } of known) ahead.observe(observation, knownAtMs);
          expect(answers(ahead)).toStrictEqual(answers(alone));
        },
      ),
    );
  });

  it('behavior: filled ahead and then lived through, it answers at each instant like one filled in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observation, { maxLength: 40, size: 'max' }), async (observations) => {
        const inOrder = [...observations].sort((a, b) => a.knownAtMs - b.knownAtMs);
        const ahead = stateAt(fromMs - 1);
        for (const { observation, knownAtMs } of inOrder) ahead.state.observe(observation, knownAtMs);
        const live = stateAt(fromMs - 1);
        for (const { observation, knownAtMs } of inOrder) {
          ahead.clock.startAt(knownAtMs);
          live.clock.startAt(knownAtMs);
          live.state.observe(observation, knownAtMs);
          const last = inOrder.findLast((other) => other.knownAtMs === knownAtMs);
          if (last?.observation === observation) expect(answers(ahead.state)).toStrictEqual(answers(live.state));
        }
      }),
    );
  });
});
