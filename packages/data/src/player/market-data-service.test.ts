import { type Candle, type MarketObservation, type MarketStep, type SeriesKind, silentLogger } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { testClock } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../store/sql-time-series-store.ts';
import { type MarketDataStore, StoreWriter } from './store-writer.ts';
import { exampleCandle, exampleCandles, exampleInstrument, exampleTicker } from './testing/example-market.ts';
import { stepsOf } from './testing/scripted-source.ts';
import { serviceHarness } from './testing/service-harness.ts';

const btc = exampleInstrument('BTC-PERP', 'hyperliquid');
const eth = exampleInstrument('ETH-PERP', 'hyperliquid');
const fromMs = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
const harness = (options: Partial<Parameters<typeof serviceHarness>[0]> = {}) =>
  serviceHarness({ startAtMs: fromMs, instruments: [btc, eth], ...options });
const minutes = (id: Candle['instrumentId'], from: number, count: number): Candle[] =>
  exampleCandles(id, '1m', fromMs + from * minuteMs, count);
const step = (atMs: number, ...observations: MarketObservation[]): MarketStep => ({ atMs, observations });
const at = (n: number): number => fromMs + n * minuteMs;

describe('a step', () => {
  it('default: state first, then the MarketBus, then durable events by instrument in listing order, timeframes ascending', async () => {
    const { told, marketBus, state, play } = harness();
    const seen: number[] = [];
    marketBus.onPublish = () => {
      seen.push(state.candles(btc.id, '15m', 9).length + state.candles(eth.id, '15m', 9).length);
    };
    const steps = stepsOf([...minutes(eth.id, 0, 15), ...minutes(btc.id, 0, 15)]);
    for (const one of steps.slice(0, 14)) await play(one);
    seen.length = 0;
    told.length = 0;
    const last = steps[14];
    if (last === undefined) throw new Error('fifteen steps are needed');
    await play({
      ...last,
      observations: [...last.observations, { kind: 'ticker', ticker: exampleTicker(btc.id, last.atMs) }],
    });
    expect(told.map(({ bus, type, key }) => `${bus} ${type} ${key}`)).toStrictEqual([
      'market candle.updated ETH-PERP@hyperliquid:1m',
      'market candle.updated BTC-PERP@hyperliquid:1m',
      'market ticker.updated BTC-PERP@hyperliquid',
      'market candle.updated ETH-PERP@hyperliquid:5m',
      'market candle.updated ETH-PERP@hyperliquid:15m',
      'market candle.updated ETH-PERP@hyperliquid:1h',
      'market candle.updated ETH-PERP@hyperliquid:4h',
      'market candle.updated ETH-PERP@hyperliquid:1d',
      'market indicators.updated ETH-PERP@hyperliquid:5m',
      'market indicators.updated ETH-PERP@hyperliquid:15m',
      'market candle.updated BTC-PERP@hyperliquid:5m',
      'market candle.updated BTC-PERP@hyperliquid:15m',
      'market candle.updated BTC-PERP@hyperliquid:1h',
      'market candle.updated BTC-PERP@hyperliquid:4h',
      'market candle.updated BTC-PERP@hyperliquid:1d',
      'market indicators.updated BTC-PERP@hyperliquid:5m',
      'market indicators.updated BTC-PERP@hyperliquid:15m',
      'event candle.closed BTC-PERP@hyperliquid:5m',
      'event candle.closed BTC-PERP@hyperliquid:15m',
      'event candle.closed ETH-PERP@hyperliquid:5m',
      'event candle.closed ETH-PERP@hyperliquid:15m',
    ]);
    expect(new Set(seen)).toStrictEqual(new Set([2]));
  });

  it('behavior: ids are derived from series and close, the payload is the bar', async () => {
    const { told, play } = harness();
    for (const one of stepsOf(minutes(btc.id, 0, 5))) await play(one);
    const [closed] = told.filter(({ bus }) => bus === 'event');
    const bars = minutes(btc.id, 0, 5);
    expect(closed).toStrictEqual({
      bus: 'event',
      type: 'candle.closed',
      key: 'BTC-PERP@hyperliquid:5m',
      id: `candle.closed:BTC-PERP@hyperliquid:5m:${at(5)}`,
      atMs: at(5),
      payload: {
        instrumentId: btc.id,
        timeframe: '5m',
        openAtMs: fromMs,
        open: bars[0]?.open,
        high: Math.max(...bars.map(({ high }) => high)),
        low: Math.min(...bars.map(({ low }) => low)),
        close: bars[4]?.close,
        volume: bars.reduce((sum, { volume }) => sum + volume, 0),
      },
    });
  });

  it('behavior: the events of an instrument are worked off before the next one is told', async () => {
    const { clock, eventBus, told, play } = harness();
    const order: string[] = [];
    eventBus.handler = async ({ key }) => {
      order.push(`begin ${key}`);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${key}`);
    };
    for (const one of stepsOf([...minutes(btc.id, 0, 5), ...minutes(eth.id, 0, 5)])) await play(one);
    expect(order).toStrictEqual([`begin ${btc.id}:5m`, `end ${btc.id}:5m`, `begin ${eth.id}:5m`, `end ${eth.id}:5m`]);
    expect(told.length).toBeGreaterThan(0);
    expect(clock.nowMs()).toBe(at(5));
  });

  it('behavior: durable events wait until handlers that are behind on the MarketBus have room', async () => {
    const { clock, marketBus, durable, service } = harness();
    let makeRoom = (): void => {};
    marketBus.onPublish = ({ type }) =>
      type === 'trade.received' ? new Promise<void>((resolve) => (makeRoom = resolve)) : undefined;
    await clock.advanceTo(at(5));
    const moments = { exchangeAtMs: at(5), receivedAtMs: at(5) };
    const trade = { instrumentId: btc.id, id: '1', side: 'buy', price: 100, size: 1, ...moments } as const;
    const bars = minutes(btc.id, 0, 5).map((candle): MarketObservation => ({ kind: 'candle', candle }));
    const ingesting = service.ingest(step(at(5), ...bars, { kind: 'trade', trade }));
    for (let look = 0; look < 5; look += 1) await clock.idle();
    expect(durable()).toStrictEqual([]);
    makeRoom();
    await ingesting;
    expect(durable()).toStrictEqual([`candle.closed:${btc.id}:5m:${at(5)}`]);
  });

  it('behavior: steps given at once are taken one after the other', async () => {
    const { clock, service, durable } = harness();
    await clock.advanceTo(at(10));
    await Promise.all(stepsOf(minutes(btc.id, 0, 10)).map((one) => service.ingest(one)));
    expect(durable()).toStrictEqual([`candle.closed:${btc.id}:5m:${at(5)}`, `candle.closed:${btc.id}:5m:${at(10)}`]);
  });

  it('behavior: 1m bars become durable events only where they are asked for', async () => {
    const { play, durable } = harness({ service: { timeframes: ['1m', '5m'] } });
    for (const one of stepsOf(minutes(btc.id, 0, 5))) await play(one);
    expect(durable()).toStrictEqual([
      ...[1, 2, 3, 4, 5].map((n) => `candle.closed:${btc.id}:1m:${at(n)}`),
      `candle.closed:${btc.id}:5m:${at(5)}`,
    ]);
  });

  it('behavior: a published figure is told before the bars of its step', async () => {
    const { play, durable, state } = harness();
    const event = {
      id: 'us-cpi-2026-01',
      series: 'US.CPI.YOY',
      title: 'CPI',
      country: 'US',
      importance: 'high',
      theme: 'rate-expectations',
      polarity: -1,
      scheduledAtMs: at(5),
      unit: '%',
    } as const;
    const steps = stepsOf(minutes(btc.id, 0, 5));
    const release = { event, actual: 3, releasedAtMs: at(5) };
    for (const one of steps.slice(0, 4)) await play(one);
    const last = steps[4];
    if (last === undefined) throw new Error('five steps are needed');
    await play({ ...last, observations: [...last.observations, { kind: 'macro-released', release }] });
    expect(durable()).toStrictEqual(['macro.released:us-cpi-2026-01', `candle.closed:${btc.id}:5m:${at(5)}`]);
    expect(state.released(minuteMs)).toStrictEqual([release]);
  });
});

describe('what is not in order', () => {
  it('behavior: a hole is told, its higher bars are skipped, never closed, and nothing is invented', async () => {
    const { play, durable, service, state } = harness();
    const bars = minutes(btc.id, 0, 20).filter((_, i) => i !== 7 && i !== 8);
    for (const one of stepsOf(bars)) await play(one);
    expect(durable()).toStrictEqual([
      `candle.closed:${btc.id}:5m:${at(5)}`,
      `feed.gapped:${btc.id}:1m:${at(9)}`,
      `candle.skipped:${btc.id}:5m:${at(10)}`,
      `candle.skipped:${btc.id}:15m:${at(15)}`,
      `candle.closed:${btc.id}:5m:${at(15)}`,
      `candle.closed:${btc.id}:5m:${at(20)}`,
    ]);
    expect(service.counts()).toStrictEqual({
      candles: 18,
      gaps: 1,
      missingCandles: 2,
      partialBars: 2,
      duplicates: 0,
      late: 0,
      conflicting: 0,
      invalid: 0,
    });
    expect(state.candles(btc.id, '15m', 9)).toStrictEqual([]);
    expect(state.indicators(btc.id, '5m')?.missing).toBe(1);
  });

  it('behavior: duplicates, late, conflicting and impossible bars are counted and change nothing', async () => {
    const { play, durable, service, state, told } = harness();
    const [first, second] = minutes(btc.id, 0, 2);
    if (first === undefined || second === undefined) throw new Error('two bars are needed');
    const candle = (one: Candle): MarketObservation => ({ kind: 'candle', candle: one });
    await play(step(at(2), candle(first), candle(second)));
    const before = told.length;
    await play(
      step(
        at(3),
        candle(second),
        candle(first),
        candle({ ...second, close: second.close + 0.1 }),
        candle({ ...exampleCandle(btc.id, '1m', at(2)), high: Number.NaN }),
        candle({ ...exampleCandle(btc.id, '1m', at(2)), low: -1 }),
        candle(exampleCandle(btc.id, '5m', at(0))),
        candle(exampleCandle('XRP-PERP@nowhere', '1m', at(2))),
        { kind: 'ticker', ticker: exampleTicker('XRP-PERP@nowhere', at(3)) },
      ),
    );
    expect(service.counts()).toMatchObject({ candles: 2, duplicates: 1, late: 1, conflicting: 1, invalid: 5, gaps: 0 });
    expect(state.candles(btc.id, '1m', 9)).toStrictEqual([first, second]);
    expect(told.length).toBe(before);
    expect(durable()).toStrictEqual([]);
  });
});

describe('warming', () => {
  const hourMs = 60 * minuteMs;

  it('default: history fills state and indicators, and nothing is told or counted', async () => {
    const { service, state, told } = harness();
    await service.warm([exampleCandles(btc.id, '1h', fromMs - 300 * hourMs, 300)]);
    expect(state.candles(btc.id, '1h', 1000).length).toBe(300);
    expect(state.indicators(btc.id, '1h')?.values).toHaveProperty('ema(200)');
    expect(told).toStrictEqual([]);
    expect(service.counts().candles).toBe(0);
  });

  it('behavior: history and roll-up join without overlap; the bar that both cover in part is skipped and leaves a marked hole', async () => {
    const { service, state, play, durable } = harness({ startAtMs: at(25) });
    await service.warm([
      exampleCandles(btc.id, '1h', fromMs - 50 * hourMs, 50),
      exampleCandles(btc.id, '5m', fromMs - 50 * 5 * minuteMs, 55),
    ]);
    for (const one of stepsOf(minutes(btc.id, 25, 95))) await play(one);
    const opens = (timeframe: '5m' | '1h'): readonly number[] =>
      state.candles(btc.id, timeframe, 1000).map(({ openAtMs }) => openAtMs);
    const fives = opens('5m');
    expect(fives).toStrictEqual(Array.from({ length: 50 + 24 }, (_, i) => fromMs + (i - 50) * 5 * minuteMs));
    expect(opens('1h').slice(-2)).toStrictEqual([fromMs - hourMs, fromMs + hourMs]);
    expect(state.indicators(btc.id, '1h')).toMatchObject({ bars: 51, missing: 1 });
    expect(durable().filter((id) => id.includes(':1h:'))).toStrictEqual([
      `candle.skipped:${btc.id}:1h:${fromMs + hourMs}`,
      `candle.closed:${btc.id}:1h:${fromMs + 2 * hourMs}`,
    ]);
  });

  it('behavior: 1m history goes on forming the bars it began, in whatever order the series come', async () => {
    const ten = exampleCandles(btc.id, '1m', fromMs, 10);
    const own = exampleCandles(btc.id, '5m', fromMs - 25 * minuteMs, 6);
    for (const series of [
      [ten, own],
      [own, ten],
    ]) {
      const { service, state, play, durable } = harness({ startAtMs: at(10) });
      await service.warm(series);
      expect(state.candles(btc.id, '5m', 99).map(({ openAtMs }) => openAtMs)).toStrictEqual(
        [-25, -20, -15, -10, -5, 0, 5].map(at),
      );
      for (const one of stepsOf(minutes(btc.id, 10, 5))) await play(one);
      expect(durable()).toStrictEqual([
        `candle.closed:${btc.id}:5m:${at(15)}`,
        `candle.closed:${btc.id}:15m:${at(15)}`,
      ]);
    }
  });

  it('behavior: a bar that history has is not told again when its minutes come', async () => {
    const { service, play, durable } = harness();
    await service.warm([exampleCandles(btc.id, '5m', fromMs - 25 * minuteMs, 6)]);
    for (const one of stepsOf(minutes(btc.id, 0, 10))) await play(one);
    expect(durable()).toStrictEqual([`candle.closed:${btc.id}:5m:${at(10)}`]);
  });

  it('behavior: history of an instrument whose replay begins later is not seen before its time', async () => {
    const { clock, service, state } = harness({ startAtMs: at(0) });
    await service.warm([exampleCandles(eth.id, '1h', fromMs - 2 * hourMs, 4)]);
    expect(state.candles(eth.id, '1h', 9).length).toBe(2);
    await clock.advanceTo(at(120));
    expect(state.candles(eth.id, '1h', 9).length).toBe(4);
  });

  it('behavior: what else was known fills the views and is not acted on', async () => {
    const { service, state, told } = harness();
    const funding = {
      instrumentId: btc.id,
      rate: 0.0001,
      intervalMs: hourMs,
      settlesAtMs: fromMs,
      predicted: false,
      exchangeAtMs: fromMs,
      receivedAtMs: fromMs,
    };
    await service.warm([], [[{ kind: 'funding', funding }]]);
    expect(state.funding(btc.id, 5)).toStrictEqual([funding]);
    expect(told).toStrictEqual([]);
  });
});

describe('a forming minute', () => {
  const forming = (changes: Partial<Candle>): MarketObservation => ({
    kind: 'forming-candle',
    candle: { ...exampleCandle(btc.id, '1m', at(7)), ...changes },
  });

  it('default: moves the bars above it on the MarketBus, and is in no state, no event and no closed value', async () => {
    const { told, state, pipeline, play, durable } = harness();
    for (const one of stepsOf(minutes(btc.id, 0, 7))) await play(one);
    const closed = pipeline.snapshot({ instrumentId: btc.id, timeframe: '5m' });
    const [sixth, seventh] = minutes(btc.id, 5, 2);
    told.length = 0;
    await play(step(at(7) + 30_000, forming({ high: 500, close: 333, volume: 4 })));
    const fiveMinutes = told.find(({ key }) => key === `${btc.id}:5m`);
    expect(fiveMinutes).toMatchObject({
      type: 'candle.updated',
      payload: {
        ...{ openAtMs: at(5), open: sixth?.open, high: 500, close: 333 },
        volume: (sixth?.volume ?? 0) + (seventh?.volume ?? 0) + 4,
      },
    });
    expect(told.map(({ type }) => type)).not.toContain('indicators.previewed');
    expect(durable()).not.toContain(`candle.closed:${btc.id}:1m:${at(8)}`);
    expect(state.candles(btc.id, '1m', 9)).toHaveLength(7);
    expect(pipeline.snapshot({ instrumentId: btc.id, timeframe: '5m' })).toStrictEqual(closed);
  });

  it('behavior: with the minute before it in one step, each bar above is told once as it stands', async () => {
    const { told, play } = harness();
    const [first, ...others] = minutes(btc.id, 5, 2);
    for (const candle of first === undefined ? [] : [first]) await play(step(at(6), { kind: 'candle', candle }));
    told.length = 0;
    const closed = others.map((candle): MarketObservation => ({ kind: 'candle', candle }));
    await play(step(at(7) + 30_000, ...closed, forming({ high: 500 })));
    expect(told.map(({ key }) => key.slice(btc.id.length + 1))).toEqual(['1m', '1m', '5m', '15m', '1h', '4h', '1d']);
    expect(told[2]?.payload).toMatchObject({ openAtMs: at(5), open: first?.open, high: 500 });
  });

  it('behavior: with intrabar, indicators are told as if the bar closed now, and what closes is as it would have been', async () => {
    const run = async (intrabar: boolean) => {
      const { told, pipeline, play } = harness({ service: { intrabar } });
      for (const one of stepsOf(minutes(btc.id, 0, 7))) await play(one);
      await play(step(at(7) + 30_000, forming({ high: 500, close: 333 })));
      const previews = told.filter(({ type }) => type === 'indicators.previewed');
      for (const one of stepsOf(minutes(btc.id, 7, 8))) await play(one);
      return { previews, closed: pipeline.snapshot({ instrumentId: btc.id, timeframe: '15m' }) };
    };
    const [without, withThem] = [await run(false), await run(true)];
    expect(without.previews).toEqual([]);
    const preview = withThem.previews.findLast(({ key }) => key === `${btc.id}:5m`);
    expect(preview?.payload).toMatchObject({ openAtMs: at(5), bars: 2, forming: true });
    expect(withThem.closed).toStrictEqual(without.closed);
  });
});

describe('the store', () => {
  function recordingStore(fail: () => boolean = () => false) {
    const written: Candle[][] = [];
    const others: [SeriesKind, number][] = [];
    const store: MarketDataStore = {
      write: async (kind, rows) => {
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if (fail()) throw new Error('disk full');
        const bars = rows.filter(
          (row): row is (typeof rows)[number] & Candle => kind === 'candle' && 'timeframe' in row,
        );
        if (bars.length > 0) written.push(bars);
        if (kind !== 'candle') others.push([kind, rows.length]);
        return { inserted: rows.length, replaced: 0, unchanged: 0 };
      },
    };
    return { store, written, others };
  }

  it('default: bars are written in batches, 5 s after the first at the latest, and the clock waits for it', async () => {
    const { store, written } = recordingStore();
    const { clock, play } = harness({ service: { store } });
    for (const one of stepsOf(minutes(btc.id, 0, 1))) await play(one);
    expect(written).toStrictEqual([]);
    await clock.advanceTo(at(1) + 5000);
    expect(written.map((batch) => batch.length)).toStrictEqual([1]);
  });

  it('behavior: what waits is written at stop', async () => {
    const { store, written } = recordingStore();
    const { service, play } = harness({ service: { store, batching: { flushAfterMs: 1e9 } } });
    for (const one of stepsOf(minutes(btc.id, 0, 5))) await play(one);
    await service.stop();
    expect(written.flat().map(({ timeframe }) => timeframe)).toStrictEqual(['1m', '1m', '1m', '1m', '1m', '5m']);
    expect(service.health()).toStrictEqual({ status: 'stopped' });
  });

  it('behavior: a failing store degrades health, loses nothing and holds nothing up', async () => {
    let failing = true;
    const { store, written } = recordingStore(() => failing);
    const { clock, service, play } = harness({ service: { store } });
    for (const one of stepsOf(minutes(btc.id, 0, 3))) await play(one);
    await clock.advanceTo(at(4));
    expect(service.health()).toMatchObject({ status: 'degraded', detail: expect.stringContaining('disk full') });
    failing = false;
    await clock.advanceTo(at(5));
    expect(written.flat().map(({ openAtMs }) => openAtMs)).toStrictEqual([at(0), at(1), at(2)]);
    expect(service.health()).toStrictEqual({ status: 'healthy', detail: '3 bars, 0 gaps' });
  });

  it('behavior: of prices and open interest the first of each minute, of liquidations and funding all', async () => {
    const { store, others } = recordingStore();
    const { service, play } = harness({ service: { store } });
    const moments = (seconds: number) => ({
      exchangeAtMs: at(1) + seconds * 1000,
      receivedAtMs: at(1) + seconds * 1000,
    });
    const observations = [0, 20, 40, 61, 70].flatMap((seconds): MarketObservation[] => [
      { kind: 'ticker', ticker: exampleTicker(btc.id, at(1) + seconds * 1000) },
      { kind: 'open-interest', openInterest: { instrumentId: btc.id, size: 1, notionalUsd: 1, ...moments(seconds) } },
      {
        kind: 'liquidation',
        liquidation: { instrumentId: btc.id, side: 'buy', price: 1, size: 1, ...moments(seconds) },
      },
    ]);
    await play({ atMs: at(3), observations });
    await service.stop();
    expect(Object.fromEntries(others)).toEqual({ quote: 2, 'open-interest': 2, liquidation: 5 });
  });

  it('behavior: a row that can not be right does not keep the others from being stored', async () => {
    await using database = await openDatabase({ url: 'sqlite::memory:' });
    const store = new SqlTimeSeriesStore({ database });
    await store.start();
    const clock = testClock();
    const writer = new StoreWriter({ store, clock, logger: silentLogger });
    const prices = [1, 2, Number.NaN, 4, 5];
    for (const [i, price] of prices.entries()) writer.add('quote', exampleTicker(btc.id, at(i), price));
    await writer.flush();
    expect([writer.refused(), writer.failure(), writer.givenUp()]).toEqual([1, undefined, 0]);
    const kept = await store.read('quote', { instrumentId: btc.id, fromMs: 0, toMs: at(9) });
    expect(kept.map(({ last }) => last)).toEqual([1, 2, 4, 5]);
  });

  it('error: nothing is told after stop', async () => {
    const { service, play, told } = harness();
    await service.stop();
    for (const one of stepsOf(minutes(btc.id, 0, 5))) await play(one);
    expect(told).toStrictEqual([]);
  });
});
