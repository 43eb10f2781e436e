import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplaySource } from './replay-source.ts';
import { collectSteps, csv, ofKind, RecordingFolder } from './testing/recording-folder.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const day = Date.UTC(2022, 11, 13);

let folder: RecordingFolder;
beforeEach(() => {
  folder = new RecordingFolder();
});
afterEach(() => folder.remove());

const replay = () => new ReplaySource({ directory: folder.path });

describe('leanFormat', () => {
  it('default', async () => {
    folder
      .write(
        'lean/binance/minute/adausdt/20221213_trade.zip',
        csv('0,0.3067,0.3068,0.3066,0.3068,274004', '60000,0.3068,0.3072,0.3067,0.3071,1031647'),
      )
      .write(
        'lean/binance/minute/adausdt/20221213_quote.zip',
        csv('60000,0.3067,0.3071,0.3067,0.307,342957,0.3068,0.3072,0.3068,0.3072,125790'),
      );
    const source = replay();
    expect(await source.instruments()).toMatchObject([
      {
        id: 'ADA-PERP@binance',
        contract: 'linear',
        settle: 'USDT',
        priceRule: { tick: '0.0001' },
        lotSize: '1',
        fundingIntervalMs: 8 * hourMs,
      },
    ]);
    const tickers = ofKind(await collectSteps(source), 'ticker').map(({ ticker }) => [
      ticker.exchangeAtMs - day,
      ticker.bid,
      ticker.last,
      ticker.ask,
    ]);
    expect(tickers).toEqual([
      [minuteMs, 0.3067, 0.3068, 0.3069],
      [2 * minuteMs, 0.307, 0.3071, 0.3072],
    ]);
  });

  it('behavior: days of one symbol join, a missing minute is a gap, a quote alone is no candle', async () => {
    folder
      .write(
        'bybit/minute/btcusdt/20221214_trade.zip',
        csv('0,17204,17204,17204,17204,1', '120000,17205,17205,17205,17205,1'),
      )
      .write('bybit/minute/btcusdt/20221214_quote.zip', csv('60000,1,1,1,17203,1,1,1,1,17203.5,1'))
      .write('bybit/minute/btcusdt/20221213_trade.zip', csv('86340000,17203,17203.5,17203,17203.5,1'));
    const source = replay();
    const steps = await collectSteps(source);
    expect(
      steps.map((step) => [(step.atMs - day) / minuteMs, step.observations.map((seen) => seen.kind).join()]),
    ).toEqual([
      [1440, 'candle,ticker'],
      [1441, 'candle,ticker'],
      [1442, 'ticker'],
      [1443, 'candle,ticker'],
    ]);
    expect(ofKind(steps, 'ticker')[2]?.ticker).toMatchObject({ last: 17204, bid: 17203, ask: 17203.5 });
    expect(source.report().gaps).toMatchObject([{ fromMs: day + 1441 * minuteMs, missing: 1 }]);
  });

  it('behavior: coin-margined volume is turned into base units by the contract value and the close', async () => {
    folder
      .write('binance/minute/btcusd/20221213_trade.zip', csv('0,20000,20000,20000,20000,400'))
      .write('binance/minute/ethusd/20221213_trade.zip', csv('0,1000,1000,1000,1000,400'))
      .write('bybit/minute/btcusd/20221213_trade.zip', csv('0,20000,20000,20000,20000,4000'));
    const source = replay();
    expect(
      (await source.instruments()).map((one) => [one.id, one.contract, one.contractSize, one.settle, one.lotSize]),
    ).toEqual([
      ['BTC-PERP@binance-coinm', 'inverse', '100', 'BTC', '1'],
      ['BTC-PERP@bybit-inverse', 'inverse', '1', 'BTC', '1'],
      ['ETH-PERP@binance-coinm', 'inverse', '10', 'ETH', '1'],
    ]);
    expect(ofKind(await collectSteps(source), 'candle').map((seen) => seen.candle.volume)).toEqual([2, 0.2, 4]);
  });

  it('behavior: margin interest is the funding of each eight hours', async () => {
    folder
      .write(
        'binance/minute/btcusd/20221213_trade.zip',
        csv(...[478, 479, 480].map((minute) => `${minute * minuteMs},1,1,1,1,1`)),
      )
      .write(
        'binance/margin_interest/btcusd.csv',
        csv('20221213 00:00:00,-0.00004062', '20221213 08:00:00,-0.00001869', '20221313 16:00:00,1'),
      );
    const source = replay();
    expect(
      ofKind(await collectSteps(source), 'funding').map(({ funding }) => [
        funding.settlesAtMs,
        funding.rate,
        funding.intervalMs,
      ]),
    ).toEqual([[day + 8 * hourMs, -0.00001869, 8 * hourMs]]);
    expect(source.report().malformed).toEqual([
      { file: 'binance/margin_interest/btcusd.csv', line: 3, reason: 'the time is not a time' },
    ]);
  });

  it('behavior: a file above the venue folder is enough, other venues and days that are none are ignored', async () => {
    folder
      .write('kraken/minute/btcusd/20221213_trade.zip', csv('0,1,1,1,1,1'))
      .write('binance/minute/btcusdt/20221399_trade.zip', csv('0,1,1,1,1,1'))
      .write('binance/minute/btcusdt/20221213_trade.zip', csv('0,1,1,1,1,1'));
    const source = new ReplaySource({ directory: `${folder.path}/binance/minute/btcusdt` });
    expect((await source.instruments()).map((one) => one.id)).toEqual(['BTC-PERP@binance']);
    const whole = replay();
    await whole.instruments();
    expect(whole.report().ignoredFiles).toEqual([
      'binance/minute/btcusdt/20221399_trade.zip',
      'kraken/minute/btcusd/20221213_trade.zip',
    ]);
  });
});

describe('usdVolumeFormat', () => {
  it('default', async () => {
    folder.write(
      'btc-perp-20211231-20220115_1m.csv.gz',
      csv('timestamp,open,high,low,close,volume', '2021-12-31 23:01:00.000000,46319.0,46400.0,46319.0,46400.0,2320000'),
    );
    const source = replay();
    expect(await source.instruments()).toMatchObject([
      { id: 'BTC-PERP@recorded', quote: 'USD', lotSize: '0.0001', priceRule: { tick: '1' } },
    ]);
    const [step] = await collectSteps(source);
    expect(step?.atMs).toBe(Date.UTC(2021, 11, 31, 23, 2));
    expect(step && ofKind([step], 'candle')[0]?.candle).toMatchObject({
      openAtMs: Date.UTC(2021, 11, 31, 23, 1),
      volume: 50,
    });
  });
});
