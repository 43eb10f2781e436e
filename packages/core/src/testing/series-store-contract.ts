import assert from 'node:assert/strict';
import { timeframeMs } from '../domain/timeframe.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import { SeededRandom } from '../ids/random.ts';
import type { SeriesIdentity, SeriesKind, SeriesRows, SeriesSpan, SeriesStore } from '../ports/series-store.ts';
import type { ContractCase } from './contract-case.ts';

/** Makes an empty, running store. */
export type MakeSeriesStore = () => Promise<{ readonly store: SeriesStore; readonly close: () => Promise<void> }>;

const startMs = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const btc = { instrumentId: 'BTC-PERP@hyperliquid' } as const;
const eth = { instrumentId: 'ETH-PERP@binance' } as const;
const atMs = (index: number): number => startMs + index * minuteMs;
/** Received a fifth of a second after it happened. */
const moments = (index: number) => ({ exchangeAtMs: atMs(index), receivedAtMs: atMs(index) + 200 });

/** Rows of each kind, a minute apart; no two alike. */
const example: { readonly [Kind in SeriesKind]: (index: number) => SeriesRows[Kind] } = {
  candle: (index) => ({
    ...{ ...btc, timeframe: '1m', openAtMs: atMs(index), open: 100 + index, high: 102 + index, low: 99 + index },
    ...{ close: 101 + index, volume: index / 3 },
  }),
  volume: (index) => ({
    ...{ ...btc, timeframe: '1m', openAtMs: atMs(index), buyVolume: index / 3, sellVolume: index / 7 },
    ...{ buyTrades: index, sellTrades: 2 * index },
  }),
  indicators: (index) => ({
    ...{ ...btc, timeframe: '1m', openAtMs: atMs(index), bars: 50 + index },
    values: { 'rsi(14)': 50 + index / 7, 'macd(12,26,9).signal': -(index + 1) / 3, 'ema(20)': 1e-7 },
    ...(index % 2 === 0 ? {} : { missing: index }),
  }),
  quote: (index) => ({
    ...{ ...btc, last: 100 + index, mark: 100.1 + index, bid: 99.9 + index, ask: 100.2 + index, ...moments(index) },
    ...(index % 2 === 0 ? {} : { index: 100.05 + index }),
  }),
  funding: (index) => ({
    ...{ ...btc, rate: (index - 3) / 1e6, intervalMs: minuteMs, settlesAtMs: atMs(index), predicted: false },
    ...moments(index),
  }),
  'predicted-funding': (index) => ({
    ...{ ...btc, rate: (index - 3) / 1e6, intervalMs: 3_600_000, settlesAtMs: startMs + 3_600_000, predicted: true },
    ...moments(index),
  }),
  'open-interest': (index) => ({ ...btc, size: index / 3, notionalUsd: 1e6 + index, ...moments(index) }),
  liquidation: (index) => ({
    ...{
      ...btc,
      side: index % 2 === 0 ? 'buy' : 'sell',
      price: 100 + index / 7,
      size: 1 + index / 3,
      ...moments(index),
    },
  }),
  prediction: (index) => ({
    ...{ contractId: 'polymarket:"0x1, ü"', bid: 0.4, ask: 0.5 + index / 1e6, depthUsd: index / 3, ...moments(index) },
  }),
};
const kinds = Object.keys(example) as SeriesKind[];
const barKinds: readonly SeriesKind[] = ['candle', 'volume', 'indicators'];

const rowsOf = <Kind extends SeriesKind>(kind: Kind, count: number): SeriesRows[Kind][] =>
  Array.from({ length: count }, (_, index) => example[kind](index));

/** The series of the examples, from one instant to another. */
function span<Kind extends SeriesKind>(kind: Kind, fromMs = 0, toMs = 8e15): SeriesSpan<Kind> {
  const row: object = example[kind](0);
  const identity = Object.fromEntries(
    Object.entries(row).filter(
      ([field]) => field === 'instrumentId' || field === 'timeframe' || field === 'contractId',
    ),
  ) as SeriesIdentity<Kind>;
  return { ...identity, fromMs, toMs };
}

/** When a row of the examples became known. */
const knownMs = (kind: SeriesKind, index: number): number =>
  barKinds.includes(kind) ? atMs(index) + timeframeMs('1m') : atMs(index) + 200;

const close = (found: number | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) <= 1e-12 * Math.abs(expected), `${found} is not ${expected}`);

/** A case over every kind. */
function everyKind(
  name: string,
  run: <Kind extends SeriesKind>(store: SeriesStore, kind: Kind) => Promise<void>,
): ContractCase<MakeSeriesStore> {
  return scenario(name, async (store) => {
    for (const kind of kinds) {
      try {
        await run(store, kind);
      } catch (error) {
        if (error instanceof assert.AssertionError) error.message = `${kind}: ${error.message}`;
        throw error;
      }
    }
  });
}

function scenario(name: string, run: (store: SeriesStore) => Promise<void>): ContractCase<MakeSeriesStore> {
  return {
    name,
    run: async (make) => {
      const { store, close: end } = await make();
      try {
        await run(store);
      } finally {
        await end();
      }
    },
  };
}

/** What every SeriesStore keeps to. */
export const seriesStoreContract: readonly ContractCase<MakeSeriesStore>[] = [
  everyKind('default: rows of every kind come back as they were, in the order of time', async (store, kind) => {
    const rows = rowsOf(kind, 9);
    await store.write(kind, [...rows].reverse());
    assert.deepEqual(await store.read(kind, span(kind)), rows);
    assert.deepEqual(await store.read(kind, span(kind, atMs(2), atMs(5))), rows.slice(2, 5));
  }),
  everyKind(
    'behavior: writing again changes nothing, another value replaces, and all is counted',
    async (store, kind) => {
      const rows = rowsOf(kind, 5);
      assert.deepEqual(await store.write(kind, rows), { inserted: 5, replaced: 0, unchanged: 0 });
      assert.deepEqual(await store.write(kind, rows), { inserted: 0, replaced: 0, unchanged: 5 });
      assert.deepEqual(await store.write(kind, []), { inserted: 0, replaced: 0, unchanged: 0 });
      assert.deepEqual(await store.read(kind, span(kind)), rows);
    },
  ),
  scenario('behavior: a row with other values replaces the one there, also within one call', async (store) => {
    const [first, second] = [example['open-interest'](0), example['open-interest'](1)];
    await store.write('open-interest', [first, second]);
    const changed = { ...second, size: 7 };
    const outcome = await store.write('open-interest', [changed, { ...first, size: 8 }, { ...first, size: 9 }]);
    assert.deepEqual(outcome, { inserted: 0, replaced: 2, unchanged: 1 });
    assert.deepEqual(await store.read('open-interest', span('open-interest')), [{ ...first, size: 9 }, changed]);
    const indexed = example.quote(1);
    const { index: _, ...bare } = indexed;
    await store.write('quote', [indexed]);
    assert.equal((await store.write('quote', [bare])).replaced, 1);
    assert.deepEqual(await store.read('quote', span('quote')), [bare]);
  }),
  scenario('behavior: what is heard again is the same row, and the earliest hearing stands', async (store) => {
    const row = example.prediction(0);
    const heard = (receivedAtMs: number) => ({ ...row, receivedAtMs });
    await store.write('prediction', [heard(startMs + 500)]);
    assert.equal((await store.write('prediction', [heard(startMs + 900)])).unchanged, 1);
    assert.deepEqual(await store.read('prediction', span('prediction')), [heard(startMs + 500)]);
    const both = [heard(startMs + 300), heard(startMs + 400)];
    assert.deepEqual(await store.write('prediction', both), { inserted: 0, replaced: 1, unchanged: 1 });
    assert.deepEqual(await store.read('prediction', span('prediction')), [heard(startMs + 300)]);
    assert.equal((await store.write('prediction', [heard(startMs + 200), heard(startMs + 100)])).replaced, 1);
    assert.deepEqual(await store.read('prediction', span('prediction')), [heard(startMs + 100)]);
  }),
  scenario('behavior: what settled is not overwritten by what was foretold, foretold by later is', async (store) => {
    const settled = example.funding(0);
    const foretold = { ...settled, predicted: true, rate: 1e-5 };
    await store.write('funding', [foretold, { ...example.funding(1), predicted: true, rate: 2e-5 }]);
    await store.write('funding', [settled, foretold, { ...example.funding(1), predicted: true, rate: 4e-5 }]);
    await store.write('funding', [foretold]);
    assert.deepEqual(await store.read('funding', span('funding')), [
      settled,
      { ...example.funding(1), predicted: true, rate: 4e-5 },
    ]);
  }),
  everyKind(
    'behavior: a read goes on behind a row, and limits part no rows of one instant wrongly',
    async (store, kind) => {
      const rows = rowsOf(kind, 7);
      await store.write(kind, rows);
      const found: SeriesRows[typeof kind][] = [];
      for (let after: SeriesRows[typeof kind] | undefined; ; after = found.at(-1)) {
        const page = await store.read(kind, { ...span(kind), limit: 3, ...(after === undefined ? {} : { after }) });
        found.push(...page);
        if (page.length < 3) break;
      }
      assert.deepEqual(found, rows);
      assert.deepEqual(await store.read(kind, { ...span(kind), limit: 0 }), []);
    },
  ),
  scenario('behavior: liquidations of one instant are all kept', async (store) => {
    const first = example.liquidation(0);
    const rows = [
      { ...first, price: 99 },
      { ...first, price: 100 },
      { ...first, price: 100, size: 5 },
      { ...first, side: 'sell' as const },
    ];
    assert.equal((await store.write('liquidation', rows)).inserted, 4);
    assert.equal((await store.write('liquidation', [...rows].reverse())).unchanged, 4);
    const firstTwo = await store.read('liquidation', { ...span('liquidation'), limit: 2 });
    const rest = await store.read('liquidation', { ...span('liquidation'), after: firstTwo[1] ?? first });
    assert.deepEqual([...firstTwo, ...rest], rows);
    assert.deepEqual(await store.latest('liquidation', { asOfMs: 8e15 }), [rows[3]]);
  }),
  everyKind(
    'behavior: as of an instant is what was known then, and later rows change nothing of it',
    async (store, kind) => {
      const rows = rowsOf(kind, 6);
      await store.write(kind, rows.slice(0, 4));
      const see = async (asOfMs: number) => ({
        asOf: await store.asOf(kind, { ...span(kind), asOfMs }),
        latest: await store.latest(kind, { asOfMs }),
        read: await store.read(kind, { ...span(kind), asOfMs }),
      });
      const shown = (count: number) => ({
        asOf: rows[count - 1],
        latest: rows.slice(0, count).slice(-1),
        read: rows.slice(0, count),
      });
      const instants = [0, 1, 2].flatMap((index) => [knownMs(kind, index), knownMs(kind, index + 1) - 1]);
      const before = [];
      for (const instant of instants) before.push(await see(instant));
      assert.deepEqual(before, [1, 1, 2, 2, 3, 3].map(shown));
      assert.deepEqual(await see(knownMs(kind, 0) - 1), shown(0));
      await store.write(kind, rows.slice(4));
      const after = [];
      for (const instant of instants) after.push(await see(instant));
      assert.deepEqual(after, before);
      assert.deepEqual(await see(8e15), shown(6));
    },
  ),
  scenario('behavior: known is by receipt, however late, and not long before its own time', async (store) => {
    const late = { ...example.quote(1), receivedAtMs: atMs(9) };
    const ahead = { ...example.quote(8), exchangeAtMs: atMs(300), receivedAtMs: atMs(8) };
    await store.write('quote', [example.quote(0), late, example.quote(2), ahead]);
    const asOf = (asOfMs: number) => store.asOf('quote', { ...btc, asOfMs });
    assert.deepEqual(await asOf(atMs(1) + 500), example.quote(0));
    assert.deepEqual(await asOf(atMs(8)), example.quote(2));
    assert.deepEqual(await asOf(atMs(240) - 1), example.quote(2));
    assert.deepEqual(await asOf(atMs(240)), ahead);
    assert.equal((await store.read('quote', { ...span('quote'), asOfMs: atMs(8) + 200 })).length, 2);
    const next = { ...example.funding(0), settlesAtMs: startMs + 8 * 3_600_000, predicted: true };
    await store.write('funding', [next]);
    assert.deepEqual(await store.asOf('funding', { ...btc, asOfMs: atMs(1) }), next);
  }),
  scenario('behavior: the latest of many series is one of each, and kinds and series do not mix', async (store) => {
    await store.write('quote', [example.quote(0), example.quote(3), { ...example.quote(1), ...eth }]);
    await store.write('open-interest', [{ ...example['open-interest'](5), ...eth }]);
    await store.write('volume', [example.volume(2), { ...example.volume(0), timeframe: '1h' }]);
    assert.deepEqual(await store.latest('quote', { asOfMs: 8e15 }), [
      example.quote(3),
      { ...example.quote(1), ...eth },
    ]);
    assert.deepEqual(await store.latest('quote', { asOfMs: atMs(1) }), [example.quote(0)]);
    assert.deepEqual(await store.read('open-interest', span('open-interest')), []);
    assert.equal(await store.asOf('open-interest', { ...btc, asOfMs: 8e15 }), undefined);
    assert.deepEqual(await store.latest('volume', { asOfMs: atMs(59) }), [example.volume(2)]);
    assert.deepEqual(await store.latest('prediction', { asOfMs: 8e15 }), []);
  }),
  scenario('behavior: samples say how many rows a stretch has, its last one, means and sums', async (store) => {
    await store.write('quote', [1, 2, 3, 4, 7, 10, 11].map(example.quote));
    const everyMs = 5 * minuteMs;
    const samples = await store.downsample('quote', { ...span('quote', atMs(0), atMs(12)), everyMs });
    assert.deepEqual(
      samples.map(({ fromMs, rows, last }) => [fromMs, rows, last]),
      [
        [atMs(0), 4, example.quote(4)],
        [atMs(5), 1, example.quote(7)],
      ],
    );
    close(samples[0]?.means.bid, 99.9 + 2.5);
    close(samples[0]?.sums.last, 410);
    close(samples[0]?.means.index, 102.05);
    assert.deepEqual(await store.downsample('quote', { ...span('quote', atMs(1), atMs(9)), everyMs }), []);
    await store.write('quote', [example.quote(0), { ...example.quote(0), exchangeAtMs: atMs(20) }]);
    const [bare] = await store.downsample('quote', { ...span('quote', atMs(20), atMs(25)), everyMs });
    assert.equal(bare !== undefined && 'index' in bare.means, false);
  }),
  scenario('behavior: long series are sampled and searched as if row by row', async (store) => {
    const random = new SeededRandom('long series');
    let at = startMs;
    const rows = Array.from({ length: 25_000 }, (_, index) => {
      at += 1 + Math.floor(random.next() ** 8 * 50_000);
      return { ...example['open-interest'](index), exchangeAtMs: at, receivedAtMs: at };
    });
    await store.write('open-interest', rows);
    assert.deepEqual(await store.read('open-interest', span('open-interest')), rows);
    const everyMs = 3_600_000;
    const stretches = new Map<number, typeof rows>();
    for (const row of rows) {
      const fromMs = row.exchangeAtMs - (row.exchangeAtMs % everyMs);
      stretches.set(fromMs, [...(stretches.get(fromMs)?.slice(-1) ?? []), row]);
    }
    const samples = await store.downsample('open-interest', { ...span('open-interest'), everyMs });
    assert.equal(
      samples.reduce((sum, sample) => sum + sample.rows, 0),
      rows.length,
    );
    assert.deepEqual(
      samples.map(({ fromMs, last }) => [fromMs, last]),
      [...stretches].map(([fromMs, held]) => [fromMs, held.at(-1)]),
    );
    const expected = rows.flatMap((row, i) => {
      const fromMs = rows[i - 1]?.exchangeAtMs ?? row.exchangeAtMs;
      return row.exchangeAtMs - fromMs > 20_000 ? [{ fromMs, toMs: row.exchangeAtMs }] : [];
    });
    assert.ok(expected.length > 100);
    const silences = await store.silences('open-interest', { ...span('open-interest'), longerThanMs: 20_000 });
    assert.deepEqual(silences, expected);
  }),
  scenario('error: what can not be kept is refused, and nothing of its call is', async (store) => {
    const refused = (code: string) => (error: unknown) => PerpDeskError.is(error) && error.code === code;
    const rows = [example.quote(0), { ...example.quote(1), mark: Number.NaN }];
    await assert.rejects(store.write('quote', rows), refused('store.value'));
    const odd = { ...example.indicators(0), values: { 'rsi(14)': Number.POSITIVE_INFINITY } };
    await assert.rejects(store.write('indicators', [odd]), refused('store.value'));
    assert.deepEqual(await store.read('quote', span('quote')), []);
    await assert.rejects(store.downsample('quote', { ...span('quote'), everyMs: 0 }), refused('store.stretch'));
  }),
  everyKind('error: an aborted call writes and reads nothing', async (store, kind) => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(store.write(kind, rowsOf(kind, 2), { signal }), /stopped/);
    assert.deepEqual(await store.read(kind, span(kind)), []);
    await store.write(kind, rowsOf(kind, 2));
    await assert.rejects(store.read(kind, span(kind), { signal }), /stopped/);
    await assert.rejects(store.latest(kind, { asOfMs: 8e15 }, { signal }), /stopped/);
    await assert.rejects(store.asOf(kind, { ...span(kind), asOfMs: 8e15 }, { signal }), /stopped/);
  }),
];
