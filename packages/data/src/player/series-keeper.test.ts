import { type Candle, type FeedGap, type MarketObservation, silentLogger, type Trade } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../store/sql-time-series-store.ts';
import { exampleCandle, exampleInstrument } from './testing/example-market.ts';
import { serviceHarness } from './testing/service-harness.ts';

const btc = exampleInstrument('BTC-PERP', 'hyperliquid');
const fromMs = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
const at = (minutes: number): number => fromMs + minutes * minuteMs;
const whole = { instrumentId: btc.id, fromMs: 0, toMs: 8e15 };

/** A service that writes to a database in memory. */
async function keeping() {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const store = new SqlTimeSeriesStore({ database });
  await store.start();
  const desk = serviceHarness({ startAtMs: fromMs, instruments: [btc], service: { store, logger: silentLogger } });
  const end = async (): Promise<void> => {
    await desk.service.stop();
  };
  const close = async (): Promise<void> => {
    await store.stop();
    await database.close();
  };
  return { ...desk, store, end, [Symbol.asyncDispose]: close };
}

let nextId = 0;
const trade = (minutes: number, side: Trade['side'], size: number): MarketObservation => {
  nextId += 1;
  const moments = { exchangeAtMs: at(minutes), receivedAtMs: at(minutes) };
  return { kind: 'trade', trade: { instrumentId: btc.id, id: `${nextId}`, side, price: 100, size, ...moments } };
};
const minute = (index: number, changes: Partial<Candle> = {}): MarketObservation => ({
  kind: 'candle',
  candle: { ...exampleCandle(btc.id, '1m', at(index)), ...changes },
});

describe('SeriesKeeper', () => {
  it('default: the indicators that the bus is told of are in the store, value for value', async () => {
    await using desk = await keeping();
    for (let index = 0; index < 225; index += 1)
      await desk.play({ atMs: at(index + 1), observations: [minute(index)] });
    await desk.end();
    const told = desk.told.filter(({ type }) => type === 'indicators.updated').map(({ payload }) => payload);
    const five = await desk.store.read('indicators', { ...whole, timeframe: '5m' });
    const fifteen = await desk.store.read('indicators', { ...whole, timeframe: '15m' });
    expect([five.length, fifteen.length]).toEqual([45, 15]);
    expect(five.at(-1)).toMatchObject({
      openAtMs: at(220),
      bars: 45,
      values: { 'rsi(14)': expect.closeTo(53.552, 3) },
    });
    expect([...five, ...fifteen]).toEqual(
      ['5m', '15m'].flatMap((timeframe) => told.filter((one) => (one as Candle).timeframe === timeframe)),
    );
    // Known from the close of the bar on, not before.
    const { openAtMs } =
      (await desk.store.asOf('indicators', { ...whole, timeframe: '5m', asOfMs: at(225) - 1 })) ?? {};
    expect(openAtMs).toBe(at(215));
  });

  it('default: who took in each whole minute is in the store, a quiet minute by the word of its bar', async () => {
    await using desk = await keeping();
    await desk.play({ atMs: at(0.5), observations: [trade(0.5, 'buy', 9)] });
    await desk.play({ atMs: at(1.5), observations: [trade(1.2, 'buy', 2), trade(1.4, 'sell', 0.5)] });
    await desk.play({ atMs: at(1.9), observations: [trade(1.9, 'sell', 1)] });
    await desk.play({ atMs: at(3), observations: [minute(0), minute(1), minute(2, { volume: 0 })] });
    await desk.play({ atMs: at(4), observations: [trade(3.5, 'buy', 4), minute(3)] });
    await desk.play({ atMs: at(4.5), observations: [trade(4.5, 'buy', 1)] });
    await desk.end();
    expect(await desk.store.read('volume', { ...whole, timeframe: '1m' })).toEqual(
      [
        [1, 2, 1.5, 1, 2],
        [2, 0, 0, 0, 0],
        [3, 4, 0, 1, 0],
      ].map(([index = 0, buyVolume, sellVolume, buyTrades, sellTrades]) => ({
        ...{ instrumentId: btc.id, timeframe: '1m', openAtMs: at(index) },
        ...{ buyVolume, sellVolume, buyTrades, sellTrades },
      })),
    );
  });

  it('behavior: a late trade corrects its row; a minute that a gap touches has none, a filled gap hides nothing', async () => {
    const gap = { instrumentId: btc.id, channel: 'trades', reason: 'disconnected' } as const;
    const run = async (changes: Pick<FeedGap, 'filled'>) => {
      await using desk = await keeping();
      await desk.play({ atMs: at(0.5), observations: [trade(0.5, 'buy', 1)] });
      await desk.play({ atMs: at(1.5), observations: [trade(1.5, 'buy', 1)] });
      await desk.play({ atMs: at(2.5), observations: [trade(2.5, 'buy', 1)] });
      await desk.play({ atMs: at(2.6), observations: [trade(1.6, 'sell', 3)] });
      const gaps = [{ ...gap, ...changes, fromMs: at(2.6), toMs: at(4.4) }];
      await desk.play({ atMs: at(4.5), observations: [trade(4.4, 'buy', 1)], gaps });
      await desk.play({ atMs: at(5.5), observations: [trade(5.5, 'buy', 1)] });
      await desk.play({ atMs: at(6.5), observations: [trade(6.5, 'buy', 1)] });
      await desk.end();
      const rows = await desk.store.read('volume', { ...whole, timeframe: '1m' });
      return rows.map(({ openAtMs, buyVolume, sellVolume }) => [(openAtMs - fromMs) / minuteMs, buyVolume, sellVolume]);
    };
    expect(await run({ filled: false })).toEqual([
      [1, 1, 3],
      [5, 1, 0],
    ]);
    expect(await run({ filled: true })).toEqual([
      [1, 1, 3],
      [2, 1, 0],
      [4, 1, 0],
      [5, 1, 0],
    ]);
  });
});

describe('gaps of a step', () => {
  it('behavior: a gap of trades or liquidations makes what is summed of them gapped; one that was filled does not', async () => {
    const { state, play } = serviceHarness({ startAtMs: fromMs, instruments: [btc] });
    for (let index = 0; index < 60; index += 1)
      await play({ atMs: at(index + 1), observations: [minute(index), trade(index + 0.5, 'buy', 1)] });
    const liquidation = { instrumentId: btc.id, side: 'sell', price: 100, size: 2 } as const;
    const moments = { exchangeAtMs: at(60), receivedAtMs: at(60) };
    await play({ atMs: at(60), observations: [{ kind: 'liquidation', liquidation: { ...liquidation, ...moments } }] });
    const gapOf = (channel: FeedGap['channel'], filled: boolean): FeedGap => ({
      ...{ instrumentId: btc.id, channel, reason: 'silent', filled },
      ...{ fromMs: at(60.5), toMs: at(62.5) },
    });
    const qualities = () => {
      const { volume, liquidations } = state.derivativesOf(btc.id);
      return [volume?.quality, liquidations?.quality];
    };
    await play({ atMs: at(62.5), observations: [], gaps: [gapOf('trades', true), gapOf('book', false)] });
    expect(qualities()).toEqual(['fresh', 'fresh']);
    await play({ atMs: at(62.5), observations: [], gaps: [gapOf('trades', false)] });
    expect(qualities()).toEqual(['gapped', 'fresh']);
    expect(state.derivativesOf(btc.id).volume).toMatchObject({ missing: 3, value: { bars: 12 } });
    await play({ atMs: at(62.5), observations: [], gaps: [gapOf('liquidations', false)] });
    expect(qualities()).toEqual(['gapped', 'gapped']);
  });

  it('behavior: a gap of an instrument that is not listed is passed over', async () => {
    const { state, play } = serviceHarness({ startAtMs: fromMs, instruments: [btc] });
    const gap = { channel: 'trades', reason: 'silent', filled: false, fromMs: fromMs, toMs: at(1) } as const;
    await play({ atMs: at(1), observations: [], gaps: [{ ...gap, instrumentId: 'NO-PERP@hyperliquid' }] });
    expect(state.derivativesOf('NO-PERP@hyperliquid')).toEqual({});
  });
});
