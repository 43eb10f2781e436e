import { type Candle, isOnRule, type MarketObservation, type MarketStep, toPrice } from '@perpdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplaySource } from './replay-source.ts';
import {
  candleHeader,
  collectHistory,
  collectSteps,
  csv,
  fundingHeader,
  ofKind,
  RecordingFolder,
  risingRows,
} from './testing/recording-folder.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const day = Date.UTC(2025, 6, 21);
const noon = day + 12 * hourMs;

let folder: RecordingFolder;
beforeEach(() => {
  folder = new RecordingFolder();
});
afterEach(() => folder.remove());

const replay = (options: Partial<ConstructorParameters<typeof ReplaySource>[0]> = {}) =>
  new ReplaySource({ directory: folder.path, ...options });
const btc = 'BTC-PERP@hyperliquid';

describe('ReplaySource', () => {
  it('default', async () => {
    folder.write('BTC-USDC-PERP_1m-ohlcv.csv.gz', csv(candleHeader, `${noon},118712,118727,118654,118675,2.63688`));
    const source = replay();
    expect(await source.instruments()).toMatchObject([{ id: btc, contract: 'linear', lotSize: '0.00001' }]);
    const atMs = noon + minuteMs;
    const candle: Candle = {
      instrumentId: btc,
      timeframe: '1m',
      openAtMs: noon,
      open: 118712,
      high: 118727,
      low: 118654,
      close: 118675,
      volume: 2.63688,
    };
    expect(await collectSteps(source)).toEqual([
      {
        atMs,
        observations: [
          { kind: 'candle', candle },
          {
            kind: 'ticker',
            ticker: {
              instrumentId: btc,
              last: 118675,
              mark: 118675,
              bid: 118674,
              ask: 118676,
              exchangeAtMs: atMs,
              receivedAtMs: atMs,
            },
          },
        ],
      },
    ] satisfies MarketStep[]);
    expect(source.report()).toEqual({
      candles: 1,
      candlesByInstrument: { [btc]: 1 },
      gaps: [],
      partialBars: [],
      duplicates: 0,
      conflicts: 0,
      outOfOrder: 0,
      malformed: [],
      malformedCount: 0,
      findings: [],
      ignoredFiles: [],
      notes: [],
    });
  });

  it('behavior: steps run in the order of time, instruments in the order of their ids', async () => {
    folder
      .write('ETH-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon, minuteMs, 2)))
      .write('deep/er/AVAX-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon + minuteMs, minuteMs, 2)));
    const steps = await collectSteps(replay());
    expect(
      steps.map((step) => [
        (step.atMs - noon) / minuteMs,
        ofKind([step], 'candle').map((seen) => seen.candle.instrumentId),
      ]),
    ).toEqual([
      [1, ['ETH-PERP@hyperliquid']],
      [2, ['AVAX-PERP@hyperliquid', 'ETH-PERP@hyperliquid']],
      [3, ['AVAX-PERP@hyperliquid']],
    ]);
  });

  it('behavior: history is what closed before the first minute, rolled up where a file is missing', async () => {
    const first = noon + 7 * minuteMs;
    folder
      .write('BTC-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(first, minuteMs, 10)))
      .write('BTC-USDC-PERP_5m-ohlcv.csv', csv(candleHeader, ...risingRows(noon - 40 * minuteMs, 5 * minuteMs, 20)))
      .write('BTC-USDC-PERP_1h-ohlcv.csv', csv(candleHeader, ...risingRows(noon - 6 * hourMs, hourMs, 8)));
    const history = await collectHistory(replay());
    const of = (timeframe: string) =>
      history.filter((bar) => bar.timeframe === timeframe).map((bar) => (bar.openAtMs - noon) / minuteMs);
    expect(of('1m')).toEqual([]);
    expect(of('5m')).toEqual([-40, -35, -30, -25, -20, -15, -10, -5, 0]);
    // The quarter of −45 lacks its first 5 minutes, the one of 0 is not over.
    expect(of('15m')).toEqual([-30, -15]);
    expect(of('1h')).toEqual([-360, -300, -240, -180, -120, -60]);
    expect(of('4h')).toEqual([-240]);
    expect(history.find((bar) => bar.timeframe === '15m')).toMatchObject({
      open: 102,
      high: 106,
      low: 101,
      close: 105,
      volume: 30,
    });
    expect((await collectHistory(replay({ historyBars: 2 }))).filter((bar) => bar.timeframe === '5m')).toHaveLength(2);
  });

  it('behavior: from, to and markets select; the minutes before become history', async () => {
    folder
      .write('BTC-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon, minuteMs, 60)))
      .write('ETH-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon, minuteMs, 60)));
    const source = replay({ fromMs: noon + 30 * minuteMs, toMs: noon + 40 * minuteMs, markets: ['BTC-PERP'] });
    const candles = ofKind(await collectSteps(source), 'candle').map((seen) => seen.candle);
    expect(candles.map((bar) => (bar.openAtMs - noon) / minuteMs)).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(source.report().candlesByInstrument).toEqual({ [btc]: 10 });
    const history = await collectHistory(source);
    expect(history.filter((bar) => bar.timeframe === '1m')).toHaveLength(30);
    expect(history.filter((bar) => bar.timeframe === '15m').map((bar) => bar.openAtMs)).toEqual([
      noon,
      noon + 15 * minuteMs,
    ]);
  });

  it('behavior: funding settles at the hour it belongs to; what settled before is background', async () => {
    folder
      .write('BTC-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon + 30 * minuteMs, minuteMs, 60)))
      .write(
        'BTC-USDC-PERP_1h-funding_rate.csv',
        csv(
          fundingHeader,
          `${Date.UTC(2023, 5, 7, 16) + 388},-0.000745027`,
          `${noon + 48},0.0000125`,
          `${noon + hourMs + 1_433_040},-0.00002`,
          `${noon + 2 * hourMs + 27},0.00001`,
        ),
      );
    const source = replay();
    const background: MarketObservation[] = [];
    for await (const some of source.background()) background.push(...some);
    const rate = (settlesAtMs: number, value: number, intervalMs: number) => ({
      kind: 'funding',
      funding: {
        instrumentId: btc,
        rate: value,
        intervalMs,
        settlesAtMs,
        predicted: false,
        exchangeAtMs: settlesAtMs,
        receivedAtMs: settlesAtMs,
      },
    });
    expect(background).toEqual([
      rate(Date.UTC(2023, 5, 7, 16), -0.000745027, 8 * hourMs),
      rate(noon, 0.0000125, hourMs),
    ]);
    const steps = await collectSteps(source);
    expect(ofKind(steps, 'funding')).toEqual([rate(noon + hourMs, -0.00002, hourMs)]);
    const settling = steps.find((step) => step.atMs === noon + hourMs);
    expect(settling?.observations.map((seen) => seen.kind)).toEqual(['candle', 'ticker', 'funding']);
    // The settlement of 14:00 falls after the last minute.
    expect(steps.at(-1)?.atMs).toBe(noon + 90 * minuteMs);
  });

  it('behavior: lists gaps and the bars that can not close, and invents no candle', async () => {
    const rows = risingRows(noon, minuteMs, 20);
    folder.write('BTC-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...rows.slice(2, 6), ...rows.slice(9)));
    const source = replay();
    expect(ofKind(await collectSteps(source), 'candle')).toHaveLength(15);
    const report = source.report();
    expect(report.candles).toBe(15);
    expect(report.gaps).toEqual([
      { instrumentId: btc, timeframe: '1m', fromMs: noon + 6 * minuteMs, toMs: noon + 9 * minuteMs, missing: 3 },
    ]);
    expect(report.partialBars.map((bar) => [bar.timeframe, (bar.openAtMs - noon) / minuteMs, bar.missing])).toEqual([
      ['5m', 0, 2],
      ['5m', 5, 3],
      ['15m', 0, 5],
    ]);
  });

  it('behavior: the same again gives the same, step for step', async () => {
    folder.write('BTC-USDC-PERP_1m-ohlcv.csv', csv(candleHeader, ...risingRows(noon, minuteMs, 30)));
    const source = replay();
    expect(await collectSteps(source)).toEqual(await collectSteps(source));
  });

  it('behavior: an unknown symbol gets cautious rules and the report says so', async () => {
    folder.write(
      'FOO-USDC-PERP_1m-ohlcv.csv',
      csv(
        candleHeader,
        `${noon},0.123451,0.12347,0.12344,0.12346,12.5`,
        `${noon + minuteMs},0.12346,0.12348,0.12345,0.12347,7`,
      ),
    );
    const source = replay();
    const [foo] = await source.instruments();
    expect(foo).toMatchObject({
      id: 'FOO-PERP@hyperliquid',
      lotSize: '0.1',
      priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 5 },
      marginTiers: [{ maxLeverage: 3 }],
    });
    expect(source.report().notes).toEqual([
      'The rules of FOO-PERP@hyperliquid are not known: lots of 0.1 as its volumes show, leverage to 3.',
    ]);
    for (const { ticker } of ofKind(await collectSteps(source), 'ticker')) {
      for (const price of [ticker.bid, ticker.ask]) expect(foo && isOnRule(foo.priceRule, toPrice(price))).toBe(true);
      expect(ticker.bid).toBeLessThan(ticker.last);
      expect(ticker.ask).toBeGreaterThan(ticker.last);
    }
  });

  it('error: a report before anything was read, a range that ends before it begins', () => {
    expect(() => replay().report()).toThrow('The files are read by instruments(), which comes first.');
    expect(() => replay({ fromMs: 2, toMs: 1 })).toThrow('A replay can not run from 2 to 1.');
  });
});
