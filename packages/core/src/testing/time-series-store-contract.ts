import assert from 'node:assert/strict';
import type { Candle, CandleColumns } from '../domain/candle.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { type Timeframe, timeframeMs } from '../domain/timeframe.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
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
    const open = { instrumentId: btc, timeframe: '1m', fromMs: startMs + 0.5, toMs: Number.POSITIVE_INFINITY } as const;
    assert.equal((await store.readCandles(open)).length, 4);
    assert.equal(
      (await store.readCandles({ ...open, fromMs: Number.NEGATIVE_INFINITY, toMs: startMs + 0.5 })).length,
      1,
    );
    const latest = { instrumentId: btc, timeframe: '1m', asOfMs: Number.POSITIVE_INFINITY, limit: 1 } as const;
    assert.deepEqual(await store.latestCandles(latest), [bar(4)]);
    assert.equal((await store.newestCandles({ asOfMs: startMs + 60_000.5 })).length, 1);
    await assert.rejects(store.readCandles({ ...open, toMs: Number.NaN }), (error) => PerpDeskError.is(error));
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
  scenario('behavior: what a write did is counted, and writing again changes nothing', async (store) => {
    assert.deepEqual(await store.writeCandles([]), { inserted: 0, replaced: 0, unchanged: 0 });
    assert.deepEqual(await store.writeCandles(bars(3)), { inserted: 3, replaced: 0, unchanged: 0 });
    assert.deepEqual(await store.writeCandles(bars(3)), { inserted: 0, replaced: 0, unchanged: 3 });
    const mixed = [bar(2, { close: 7 }), bar(3), bar(0), bar(3, { close: 8 })];
    assert.deepEqual(await store.writeCandles(mixed), { inserted: 1, replaced: 1, unchanged: 2 });
    assert.deepEqual([...(await store.readCandles(whole(btc))).close], [101, 102, 7, 8]);
  }),
  scenario('behavior: bars written and replaced at random, in any order, are those of a map', async (store) => {
    const random = new SeededRandom('bars of a map');
    const kept = new Map<number, Candle>();
    for (let round = 0; round < 30; round += 1) {
      const written = Array.from({ length: 1 + Math.floor(random.next() * 40) }, () =>
        bar(Math.floor(random.next() * 60), { close: Math.floor(random.next() * 3) + 1 }),
      );
      let [inserted, replaced] = [0, 0];
      const before = new Map(kept);
      for (const one of written) kept.set(one.openAtMs, one);
      for (const [openAtMs, one] of kept) {
        const old = before.get(openAtMs);
        if (old === undefined) inserted += 1;
        else if (old.close !== one.close) replaced += 1;
      }
      const unchanged = written.length - inserted - replaced;
      assert.deepEqual(await store.writeCandles(written), { inserted, replaced, unchanged });
    }
    const expected = [...kept.values()].sort((a, b) => a.openAtMs - b.openAtMs);
    assert.deepEqual(candlesIn(await store.readCandles(whole(btc)), btc, '1m'), expected);
  }),
  scenario('behavior: the newest bar of every series is one that was closed by the instant', async (store) => {
    await store.writeCandles([
      ...bars(70),
      ...bars(6, { instrumentId: eth }),
      ...bars(2, { timeframe: '1h' }),
      ...bars(1, { timeframe: '1d' }),
    ]);
    const newest = async (asOfMs: number, timeframe?: Timeframe): Promise<readonly unknown[]> =>
      (await store.newestCandles({ asOfMs, ...(timeframe && { timeframe }) })).map((one) => [
        one.instrumentId,
        one.timeframe,
        (one.openAtMs - startMs) / 60_000,
      ]);
    const afterMs = startMs + 3_600_000;
    assert.deepEqual(await newest(afterMs), [
      [btc, '1m', 59],
      [btc, '1h', 0],
      [eth, '1m', 5],
    ]);
    assert.deepEqual(await newest(afterMs - 1), [
      [btc, '1m', 58],
      [eth, '1m', 5],
    ]);
    assert.deepEqual(await newest(8e15, '1h'), [[btc, '1h', 60]]);
    assert.deepEqual(await newest(startMs), []);
  }),
  scenario('behavior: a higher timeframe is made of whole bars only, wholly inside the range', async (store) => {
    // 1m bars 3..26 without 12: of the 5m bars at 5, 10, 15, 20 the one at 10 lacks a part, those at 0 and 25 are cut.
    await store.writeCandles(bars(27).filter((_, index) => index >= 3 && index !== 12));
    const five = (index: number): Candle => ({
      ...bar(index, { timeframe: '5m', openAtMs: startMs + index * 60_000 }),
      high: 106 + index,
      low: 99 + index,
      close: 105 + index,
      volume: [0, 1, 2, 3, 4].reduce((sum, part) => sum + (index + part) / 3, 0),
    });
    const near = (found: readonly Candle[], expected: readonly Candle[]): void => {
      assert.deepEqual(
        found.map(({ volume, ...rest }) => rest),
        expected.map(({ volume, ...rest }) => rest),
      );
      for (const [i, { volume }] of found.entries())
        assert.ok(Math.abs(volume - (expected[i]?.volume ?? Number.NaN)) <= 1e-12 * volume, `volume ${volume}`);
    };
    const made = await store.downsampleCandles({ ...whole(btc), to: '5m' });
    near(candlesIn(made, btc, '5m'), [five(5), five(15), five(20)]);
    const cut = { instrumentId: btc, timeframe: '1m', fromMs: startMs + 300_001, toMs: startMs + 1_499_999 } as const;
    near(candlesIn(await store.downsampleCandles({ ...cut, to: '5m' }), btc, '5m'), [five(15)]);
    assert.equal((await store.downsampleCandles({ ...whole(eth), to: '1h' })).length, 0);
  }),
  scenario('behavior: a long range downsampled and searched for gaps is as if bar by bar', async (store) => {
    const lacking = (index: number): boolean => index % 7001 === 6000 || (index >= 15_000 && index < 18_000);
    await store.writeCandles(bars(25_000).filter((_, index) => !lacking(index)));
    const made = await store.downsampleCandles({ ...whole(btc), to: '15m' });
    const expected: number[] = [];
    for (let index = 0; index < 25_000 - 14; index += 15)
      if (Array.from({ length: 15 }, (_, part) => index + part).every((one) => !lacking(one))) expected.push(index);
    assert.deepEqual(
      [...made.openAtMs].map((openAtMs) => (openAtMs - startMs) / 60_000),
      expected,
    );
    assert.ok(made.open.every((open, i) => open === 100 + (expected[i] ?? 0)));
    assert.ok(made.close.every((close, i) => close === 115 + (expected[i] ?? 0)));
    const gaps = await store.gaps(whole(btc));
    assert.deepEqual(
      gaps.map(({ fromMs, missing }) => [(fromMs - startMs) / 60_000, missing]),
      [6000, 13_001, 15_000, 20_002].map((index) => [index, index === 15_000 ? 3000 : 1]),
    );
  }),
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
  scenario('error: a number that is none, or a timeframe that does not add up, is refused', async (store) => {
    const refused = (code: string) => (error: unknown) => PerpDeskError.is(error) && error.code === code;
    for (const close of [Number.NaN, Number.POSITIVE_INFINITY])
      await assert.rejects(store.writeCandles([bar(0), bar(1, { close })]), refused('store.value'));
    await assert.rejects(store.writeCandles([bar(0, { openAtMs: 0.5 })]), refused('store.value'));
    assert.equal((await store.readCandles(whole(btc))).length, 0);
    await assert.rejects(store.downsampleCandles({ ...whole(btc, '1h'), to: '15m' }), refused('store.timeframe'));
  }),
];
