import assert from 'node:assert/strict';
import type { Candle, CandleColumns } from '../domain/candle.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { type Timeframe, timeframeMs } from '../domain/timeframe.ts';
import { SeededRandom } from '../ids/random.ts';
import type { TimeSeriesStore } from '../ports/time-series-store.ts';
import type { ContractCase } from './contract-case.ts';

/** Makes an empty, running store. */
export type MakeTimeSeriesStore = () => Promise<{
  readonly store: TimeSeriesStore;
  readonly close: () => Promise<void>;
}>;

const startMs = Date.UTC(2026, 0, 5);
const btc: InstrumentId = 'BTC-PERP@hyperliquid';
const eth: InstrumentId = 'ETH-PERP@hyperliquid';

const bar = (index: number, changes: Partial<Candle> = {}): Candle => {
  const timeframe = changes.timeframe ?? '1m';
  return {
    instrumentId: btc,
    timeframe,
    openAtMs: startMs + index * timeframeMs(timeframe),
    open: 100 + index,
    high: 102 + index,
    low: 99 + index,
    close: 101 + index,
    volume: index / 3,
    ...changes,
  };
};
const bars = (count: number, changes: Partial<Candle> = {}): Candle[] =>
  Array.from({ length: count }, (_, i) => bar(i, changes));

const whole = (instrumentId: InstrumentId, timeframe: Timeframe = '1m') => ({
  instrumentId,
  timeframe,
  fromMs: 0,
  toMs: 8e15,
});

/** Columns as bars, so that they can be compared. */
const candlesIn = (columns: CandleColumns, instrumentId: InstrumentId, timeframe: Timeframe): Candle[] =>
  Array.from({ length: columns.length }, (_, i) => ({
    instrumentId,
    timeframe,
    openAtMs: columns.openAtMs[i] ?? Number.NaN,
    open: columns.open[i] ?? Number.NaN,
    high: columns.high[i] ?? Number.NaN,
    low: columns.low[i] ?? Number.NaN,
    close: columns.close[i] ?? Number.NaN,
    volume: columns.volume[i] ?? Number.NaN,
  }));

function scenario(name: string, run: (store: TimeSeriesStore) => Promise<void>): ContractCase<MakeTimeSeriesStore> {
  return {
    name,
    run: async (make) => {
      const { store, close } = await make();
      try {
        await run(store);
      } finally {
        await close();
      }
    },
  };
}

/** What every TimeSeriesStore keeps to. */
export const timeSeriesStoreContract: readonly ContractCase<MakeTimeSeriesStore>[] = [
  scenario('default: bars come back in the order of time, whatever order they were written in', async (store) => {
    const written = bars(5);
    await store.writeCandles([...written].reverse());
    assert.deepEqual(candlesIn(await store.readCandles(whole(btc)), btc, '1m'), written);
  }),
  scenario('behavior: a range takes its start and leaves its end', async (store) => {
    await store.writeCandles(bars(5));
    const range = { instrumentId: btc, timeframe: '1m', fromMs: startMs + 60_000, toMs: startMs + 180_000 } as const;
    const columns = await store.readCandles(range);
    assert.equal(columns.length, 2);
    assert.deepEqual([...columns.openAtMs], [startMs + 60_000, startMs + 120_000]);
  }),
  scenario('behavior: series do not mix, and one never written is empty', async (store) => {
    await store.writeCandles([...bars(2), ...bars(3, { instrumentId: eth }), ...bars(1, { timeframe: '1h' })]);
    assert.equal((await store.readCandles(whole(btc))).length, 2);
    assert.equal((await store.readCandles(whole(eth))).length, 3);
    assert.equal((await store.readCandles(whole(btc, '1h'))).length, 1);
    assert.equal((await store.readCandles(whole(eth, '1d'))).length, 0);
    assert.deepEqual(await store.latestCandles({ instrumentId: eth, timeframe: '4h', asOfMs: 8e15, limit: 5 }), []);
    assert.deepEqual(await store.gaps(whole(eth, '5m')), []);
  }),
  scenario('behavior: a bar written again replaces the first, also within one call', async (store) => {
    await store.writeCandles([bar(0), bar(1)]);
    await store.writeCandles([bar(1, { close: 7 }), bar(2), bar(1, { close: 8 })]);
    assert.deepEqual([...(await store.readCandles(whole(btc))).close], [101, 8, 103]);
  }),
  scenario('behavior: numbers come back to the last bit', async (store) => {
    const random = new SeededRandom('to the last bit');
    const awkward = [
      0.1 + 0.2,
      1e-12,
      123456789.12345679,
      Number.MAX_SAFE_INTEGER,
      5e-324,
      1.7976931348623157e308,
      1 / 3,
    ];
    const numbers = [
      ...awkward,
      ...Array.from({ length: 4000 }, () => random.next() * 10 ** Math.floor(random.next() * 24 - 12)),
    ];
    const written = numbers.map((number, i) =>
      bar(i, { open: number, high: number, low: number, close: number, volume: number }),
    );
    await store.writeCandles(written);
    assert.deepEqual([...(await store.readCandles(whole(btc))).open], numbers);
  }),
  scenario('behavior: the latest bars are those closed by the instant, oldest first', async (store) => {
    await store.writeCandles(bars(10, { timeframe: '5m' }));
    const asOfMs = startMs + 25 * 60_000;
    const latest = await store.latestCandles({ instrumentId: btc, timeframe: '5m', asOfMs, limit: 3 });
    assert.deepEqual(
      latest,
      [2, 3, 4].map((index) => bar(index, { timeframe: '5m' })),
    );
    const before = await store.latestCandles({ instrumentId: btc, timeframe: '5m', asOfMs: asOfMs - 1, limit: 100 });
    assert.equal(before.length, 4);
    assert.deepEqual(await store.latestCandles({ instrumentId: btc, timeframe: '5m', asOfMs, limit: 0 }), []);
  }),
  scenario('behavior: gaps run from the first missing bar to the next present one', async (store) => {
    await store.writeCandles([0, 1, 4, 5, 9].map((index) => bar(index)));
    const at = (index: number): number => startMs + index * 60_000;
    const gap = (from: number, to: number) => ({
      instrumentId: btc,
      timeframe: '1m' as const,
      fromMs: at(from),
      toMs: at(to),
      missing: to - from,
    });
    assert.deepEqual(await store.gaps(whole(btc)), [gap(2, 4), gap(6, 9)]);
    assert.deepEqual(await store.gaps({ instrumentId: btc, timeframe: '1m', fromMs: at(0), toMs: at(6) }), [gap(2, 4)]);
  }),
  scenario('behavior: many bars in one call', async (store) => {
    await store.writeCandles(bars(25_000));
    const columns = await store.readCandles(whole(btc));
    assert.equal(columns.length, 25_000);
    assert.equal(columns.close[24_999], 25_100);
    assert.ok(columns.openAtMs.every((openAtMs, i) => openAtMs === startMs + i * 60_000));
  }),
  scenario('behavior: writing at the same time loses nothing', async (store) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, part) =>
        store.writeCandles(
          bars(50).map((one) => ({
            ...one,
            openAtMs: one.openAtMs + part * 3_000_000,
            instrumentId: part % 2 === 0 ? btc : eth,
          })),
        ),
      ),
    );
    assert.equal((await store.readCandles(whole(btc))).length + (await store.readCandles(whole(eth))).length, 1000);
  }),
  scenario(
    'behavior: nothing to write is nothing done; funding and open interest may be written again',
    async (store) => {
      const moments = { exchangeAtMs: startMs, receivedAtMs: startMs };
      const rate = {
        instrumentId: btc,
        rate: 0.0000125,
        intervalMs: 3_600_000,
        settlesAtMs: startMs,
        predicted: false,
        ...moments,
      };
      const interest = { instrumentId: btc, size: 12.5, notionalUsd: 1_250_000, ...moments };
      await store.writeCandles([]);
      await store.writeFunding([]);
      await store.writeOpenInterest([]);
      await store.writeFunding([rate, { ...rate, rate: 0.00002 }]);
      await store.writeFunding([rate]);
      await store.writeOpenInterest([interest, interest]);
      await store.writeOpenInterest([interest]);
    },
  ),
  scenario('error: an aborted call writes and reads nothing', async (store) => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(store.writeCandles(bars(3), { signal }), /stopped/);
    assert.equal((await store.readCandles(whole(btc))).length, 0);
    await store.writeCandles(bars(3));
    await assert.rejects(store.readCandles(whole(btc), { signal }), /stopped/);
    await assert.rejects(
      store.latestCandles({ instrumentId: btc, timeframe: '1m', asOfMs: 8e15, limit: 1 }, { signal }),
      /stopped/,
    );
  }),
];
