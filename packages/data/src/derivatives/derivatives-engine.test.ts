import { type MarketObservation, SimulatedClock } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerivativesEngine, type DerivativesEngineOptions } from './derivatives-engine.ts';
import {
  btc,
  btcAt,
  fundingAt,
  hourMs,
  liquidationAt,
  minuteAt,
  minuteMs,
  openInterestAt,
  startMs,
  tickerAt,
  tradeAt,
  venues,
} from './testing/example-derivatives.ts';

function engineAt(atMs: number, options: Omit<DerivativesEngineOptions, 'clock'> = {}) {
  const clock = new SimulatedClock({ startAtMs: atMs });
  return { clock, engine: new DerivativesEngine({ clock, ...options }) };
}

/** An hour and a bit of one instrument: bars, tickers, open interest every five minutes, hourly funding. */
function hour(instrumentId = btc, growth = 10): MarketObservation[] {
  return Array.from({ length: 13 }, (_, i): MarketObservation[] => {
    const atMs = startMs + i * 5 * minuteMs;
    return [
      { kind: 'ticker', ticker: tickerAt(atMs, 100 + i, 100, instrumentId) },
      ...Array.from({ length: 5 }, (_, minute): MarketObservation => {
        const openAtMs = atMs - (5 - minute) * minuteMs;
        return { kind: 'candle', candle: minuteAt(openAtMs, 2, 100 + i, instrumentId) };
      }),
      { kind: 'open-interest', openInterest: openInterestAt(atMs, 1000 + i * growth, 100 + i, instrumentId) },
    ];
  }).flat();
}

describe('DerivativesEngine', () => {
  it('default: features of an instrument and of its market, each saying how good it is', () => {
    const atMs = startMs + hourMs;
    const { engine } = engineAt(atMs);
    for (const observation of [...hour(), ...hour(btcAt('binance'), -10)]) engine.observe(observation);
    engine.observe({ kind: 'funding', funding: fundingAt(atMs, 0.00005) });
    const eightHourly = { instrumentId: btcAt('binance'), intervalMs: 8 * hourMs };
    engine.observe({ kind: 'funding', funding: fundingAt(atMs, 0.0001, eightHourly) });
    engine.observe({ kind: 'liquidation', liquidation: liquidationAt(atMs - 1000, 'sell', 100, 5) });
    expect(engine.derivativesOf(btc)).toMatchObject({
      openInterest: { quality: 'fresh', atMs, value: { size: 1120, move: { quadrant: 'new-longs', spanMs: hourMs } } },
      funding: {
        quality: 'fresh',
        value: { per8h: expect.closeTo(0.0004, 12), spreadPer8h: expect.closeTo(0.0003, 12) },
      },
      volume: { quality: 'fresh', value: { bars: 12 } },
      liquidations: { quality: 'fresh', value: { longsUsd: 500, imbalance: -1 } },
      basis: { quality: 'fresh', value: { indexBp: expect.closeTo(1200, 6), venuesBp: 0 } },
    });
    const market = engine.marketDerivatives('BTC-PERP');
    expect(market.positions?.venues.map(({ venue }) => venue)).toEqual(['binance', 'hyperliquid']);
    expect(market.positions?.build).toBeCloseTo((1120 - 880) / 2000, 9);
    expect(market).toMatchObject({
      volume: { venues: 2, concentration: 0.5 },
      funding: { venues: 2, lowest: { venue: 'binance' }, highest: { venue: 'hyperliquid' } },
      liquidations: { count: 1, longsUsd: 500 },
    });
  });

  it('behavior: what nobody told is left out, never 0', () => {
    const { engine } = engineAt(startMs);
    expect(engine.derivativesOf(btc)).toEqual({});
    expect(engine.marketDerivatives('BTC-PERP')).toEqual({});
    engine.observe({ kind: 'ticker', ticker: tickerAt(startMs, 100) });
    engine.observe({ kind: 'trade', trade: tradeAt(startMs, 'buy', 1) });
    expect(engine.derivativesOf(btc)).toEqual({});
  });

  it('behavior: what grows old is stale, and counts no more among venues', async () => {
    const { engine, clock } = engineAt(startMs + hourMs);
    for (const observation of [...hour(), ...hour(btcAt('binance'))]) engine.observe(observation);
    engine.observe({ kind: 'funding', funding: fundingAt(startMs + hourMs, 0.00005) });
    await clock.advanceBy(90_001);
    expect(engine.derivativesOf(btc)).toMatchObject({
      openInterest: { quality: 'fresh' },
      basis: { quality: 'stale', ageMs: 90_001 },
    });
    expect(engine.derivativesOf(btc).basis?.value).not.toHaveProperty('venuesBp');
    await clock.advanceBy(30 * minuteMs);
    expect(engine.derivativesOf(btc)).toMatchObject({
      openInterest: { quality: 'stale' },
      funding: { quality: 'fresh' },
      volume: { quality: 'stale' },
    });
    expect(engine.marketDerivatives('BTC-PERP')).toEqual({});
    await clock.advanceBy(90 * minuteMs);
    expect(engine.derivativesOf(btc).funding?.quality).toBe('stale');
  });

  it('behavior: the bounds can be moved', async () => {
    const { engine, clock } = engineAt(startMs + hourMs, { freshness: { openInterestMs: 1000 } });
    for (const observation of hour()) engine.observe(observation);
    await clock.advanceBy(1001);
    expect(engine.derivativesOf(btc).openInterest?.quality).toBe('stale');
  });

  it('behavior: after a hole, a state is gapped until it is heard anew, a sum of an hour until the hole has left it', async () => {
    const { engine, clock } = engineAt(startMs + hourMs);
    for (const observation of hour()) engine.observe(observation);
    const gap = { fromMs: startMs + hourMs, toMs: startMs + hourMs + 5 * minuteMs, missing: 5 };
    engine.noteGap(btc, gap);
    expect(engine.derivativesOf(btc).openInterest?.quality).toBe('fresh');
    await clock.advanceTo(gap.toMs);
    expect(engine.derivativesOf(btc)).toMatchObject({
      openInterest: { quality: 'gapped', missing: 5 },
      basis: { quality: 'gapped' },
      volume: { quality: 'gapped', missing: 5 },
    });
    engine.observe({ kind: 'open-interest', openInterest: openInterestAt(gap.toMs, 1200) });
    expect(engine.derivativesOf(btc).openInterest?.quality).toBe('fresh');
    for (let minute = 0; minute < 61; minute += 1) {
      engine.observe({ kind: 'candle', candle: minuteAt(gap.toMs + minute * minuteMs, 1) });
    }
    await clock.advanceTo(gap.toMs + hourMs - 1);
    expect(engine.derivativesOf(btc).volume?.quality).toBe('gapped');
    await clock.advanceTo(gap.toMs + hourMs);
    expect(engine.derivativesOf(btc).volume?.quality).toBe('fresh');
  });

  it('behavior: a hole in one stream gaps what is summed of that stream, until the last span it touched has left the hour', async () => {
    const { engine, clock } = engineAt(startMs + hourMs);
    for (const observation of hour()) engine.observe(observation);
    engine.observe({ kind: 'liquidation', liquidation: liquidationAt(startMs + hourMs, 'sell', 100, 2) });
    const toMs = startMs + hourMs - 2 * minuteMs;
    const gap = { fromMs: toMs - minuteMs, toMs, missing: 2 };
    engine.noteGap(btc, { ...gap, channel: 'liquidations' });
    expect(engine.derivativesOf(btc)).toMatchObject({
      liquidations: { quality: 'gapped', missing: 2, value: { longsUsd: 200 } },
      volume: { quality: 'fresh' },
      openInterest: { quality: 'fresh' },
      basis: { quality: 'fresh' },
    });
    engine.noteGap(btc, { ...gap, channel: 'trades' });
    expect(engine.derivativesOf(btc).volume).toMatchObject({ quality: 'gapped', missing: 2 });
    const bars = Array.from({ length: 62 }, (_, minute) => minuteAt(startMs + hourMs + minute * minuteMs, 1));
    for (const candle of bars) engine.observe({ kind: 'candle', candle });
    // 58 minutes later the hole is an hour old, and its five minutes are still among the twelve that are summed.
    await clock.advanceTo(toMs + hourMs + 1);
    expect(engine.derivativesOf(btc).liquidations?.quality).toBe('fresh');
    expect(engine.derivativesOf(btc).volume?.quality).toBe('gapped');
    await clock.advanceTo(toMs + hourMs + 2 * minuteMs);
    expect(engine.derivativesOf(btc).volume?.quality).toBe('fresh');
  });

  it('behavior: the price of a move is that of the ticker, or of the bars where no ticker speaks', () => {
    const { engine } = engineAt(startMs + hourMs);
    const bars = hour().filter(({ kind }) => kind !== 'ticker');
    for (const observation of bars) engine.observe(observation);
    const reading = engine.derivativesOf(btc).openInterest;
    expect(reading?.value.move?.pricePercent).toBeCloseTo(100 * (112 / 100 - 1), 9);
    expect(engine.derivativesOf(btc)).not.toHaveProperty('basis');
  });
});

describe('what is told late', () => {
  it('behavior: open interest of the past has the price of its time, not of now', () => {
    const { engine } = engineAt(startMs + hourMs);
    const told = hour();
    for (const observation of told) if (observation.kind !== 'open-interest') engine.observe(observation);
    for (const observation of told) if (observation.kind === 'open-interest') engine.observe(observation);
    expect(engine.derivativesOf(btc).openInterest?.value.move).toMatchObject({
      pricePercent: expect.closeTo(12, 9),
      quadrant: 'new-longs',
    });
  });
});

describe('a venue whose clock runs ahead', () => {
  it('behavior: what it says counts from when it came in', () => {
    const nowMs = startMs + hourMs;
    const { engine } = engineAt(nowMs);
    for (const observation of hour()) engine.observe(observation);
    const ahead = { exchangeAtMs: nowMs + 365 * 24 * hourMs, receivedAtMs: nowMs };
    engine.observe({ kind: 'trade', trade: { ...tradeAt(nowMs, 'buy', 1), ...ahead } });
    engine.observe({ kind: 'liquidation', liquidation: { ...liquidationAt(nowMs, 'buy', 100, 2), ...ahead } });
    engine.observe({
      kind: 'open-interest',
      openInterest: { ...openInterestAt(nowMs + 1, 2000), ...ahead, receivedAtMs: nowMs },
    });
    expect(engine.derivativesOf(btc)).toMatchObject({
      openInterest: { atMs: nowMs, value: { size: 1120 } },
      volume: { quality: 'fresh', atMs: nowMs, value: { bars: 12 } },
      liquidations: { atMs: nowMs, value: { shortsUsd: 200, largest: { toMs: nowMs } } },
    });
  });
});

describe('as of the clock', () => {
  const step = fc.record({
    minute: fc.integer({ min: 0, max: 240 }),
    venue: fc.constantFrom(...venues.slice(0, 3)),
    value: fc.double({ min: 1, max: 200, noNaN: true }),
    kind: fc.nat({ max: 6 }),
  });
  const observationOf = ({ minute, venue, value, kind }: typeof step extends fc.Arbitrary<infer T> ? T : never) => {
    const knownAtMs = startMs + minute * minuteMs;
    const id = btcAt(venue);
    const told = (observation: MarketObservation) => ({ knownAtMs, observation });
    if (kind === 0) return told({ kind: 'ticker', ticker: tickerAt(knownAtMs, value, 100, id) });
    if (kind === 1)
      return told({ kind: 'trade', trade: tradeAt(knownAtMs, value > 100 ? 'buy' : 'sell', value, 100, id) });
    if (kind === 2) return told({ kind: 'candle', candle: minuteAt(knownAtMs - minuteMs, value, value, id) });
    if (kind === 3) {
      const predicted = value > 100;
      const settlesAtMs = Math.ceil(knownAtMs / hourMs) * hourMs;
      const moments = { exchangeAtMs: knownAtMs, receivedAtMs: knownAtMs };
      return told({
        kind: 'funding',
        funding: fundingAt(settlesAtMs, value / 1e6, { instrumentId: id, predicted, ...moments }),
      });
    }
    if (kind === 4) return told({ kind: 'open-interest', openInterest: openInterestAt(knownAtMs, value, 100, id) });
    const side = kind === 5 ? 'buy' : 'sell';
    return told({ kind: 'liquidation', liquidation: liquidationAt(knownAtMs, side, 100 + value / 100, 1, id) });
  };
  const observations = fc.array(step.map(observationOf), { maxLength: 120, size: 'max' });
  const answers = (engine: DerivativesEngine) => ({
    instruments: venues.map((venue) => engine.derivativesOf(btcAt(venue))),
    market: engine.marketDerivatives('BTC-PERP'),
  });

  it('behavior: no feature at an instant changes with what comes after it', () => {
    let told = 0;
    fc.assert(
      fc.property(observations, observations, fc.integer({ min: 60, max: 240 }), (past, future, minute) => {
        const nowMs = startMs + minute * minuteMs;
        const known = past.filter(({ knownAtMs }) => knownAtMs <= nowMs);
        const later = future.filter(({ knownAtMs }) => knownAtMs > nowMs);
        const alone = engineAt(nowMs).engine;
        for (const { observation } of known) alone.observe(observation);
        const ahead = engineAt(nowMs).engine;
        for (const { observation } of later) ahead.observe(observation);
        for (const { observation } of known) ahead.observe(observation);
        expect(answers(ahead)).toStrictEqual(answers(alone));
        told += answers(alone).instruments.filter((each) => Object.keys(each).length > 0).length;
      }),
    );
    expect(told).toBeGreaterThan(100);
  });

  it('behavior: filled ahead and then lived through, it answers at each instant like one filled in time', () => {
    fc.assert(
      fc.property(observations, (unordered) => {
        const inOrder = [...unordered].sort((a, b) => a.knownAtMs - b.knownAtMs);
        const ahead = engineAt(startMs - 1);
        for (const { observation } of inOrder) ahead.engine.observe(observation);
        const live = engineAt(startMs - 1);
        for (const { observation, knownAtMs } of inOrder) {
          ahead.clock.startAt(knownAtMs);
          live.clock.startAt(knownAtMs);
          live.engine.observe(observation);
          const last = inOrder.findLast((other) => other.knownAtMs === knownAtMs);
          if (last?.observation === observation) expect(answers(ahead.engine)).toStrictEqual(answers(live.engine));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('behavior: after any data every number is finite, every share within its bounds', () => {
    const finite = (value: unknown): boolean =>
      typeof value === 'number'
        ? Number.isFinite(value)
        : typeof value !== 'object' || value === null || Object.values(value).every(finite);
    fc.assert(
      fc.property(observations, (told) => {
        const { engine } = engineAt(startMs + 4 * hourMs);
        for (const { observation } of told) engine.observe(observation);
        const { instruments, market } = answers(engine);
        expect(finite(instruments)).toBe(true);
        expect(finite(market)).toBe(true);
        for (const { volume, liquidations } of instruments) {
          expect(Math.abs(volume?.value.delta ?? 0)).toBeLessThanOrEqual(1);
          expect(Math.abs(liquidations?.value.imbalance ?? 0)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('memory', () => {
  it('behavior: of two like days the second reads like the first: what is older than a day is gone', () => {
    const { engine, clock } = engineAt(startMs);
    const day = (from: number): void => {
      for (let minute = from; minute < from + 1440; minute += 1) {
        const atMs = startMs + minute * minuteMs;
        clock.startAt(atMs);
        engine.observe({ kind: 'ticker', ticker: tickerAt(atMs, 100 + (minute % 7), 100) });
        engine.observe({ kind: 'trade', trade: tradeAt(atMs, 'buy', 1 + (minute % 3)) });
        engine.observe({ kind: 'open-interest', openInterest: openInterestAt(atMs, 1000 + (minute % 11)) });
        engine.observe({ kind: 'liquidation', liquidation: liquidationAt(atMs, 'sell', 100 + (minute % 5), 1) });
        if (minute % 60 === 0) engine.observe({ kind: 'funding', funding: fundingAt(atMs, 0.00001 * (minute % 13)) });
      }
    };
    day(0);
    const first = structuredClone(engine.derivativesOf(btc));
    day(1440);
    const second = engine.derivativesOf(btc);
    expect(Object.keys(second)).toEqual(Object.keys(first));
    expect(second.liquidations?.value.count).toBe(first.liquidations?.value.count);
    expect(second.volume?.value.usd).toBe(first.volume?.value.usd);
  });
});
