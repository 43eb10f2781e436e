import {
  type Candle,
  type DomainEvent,
  type FeedGap,
  type FeedUpdate,
  type FundingRate,
  type Instrument,
  LocalMarketBus,
  type MarketId,
  type MarketStep,
  MemoryEventBus,
  type SimulatedClock,
  timeframeMs,
} from '@perpdesk/core';
import { testClock, testIds, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { IndicatorPipeline } from '../pipeline/indicator-pipeline.ts';
import { MarketDataService } from '../player/market-data-service.ts';
import { exampleCandle, exampleInstrument, exampleTicker } from '../player/testing/example-market.ts';
import { serviceHarness } from '../player/testing/service-harness.ts';
import { LivePlayer } from './live-player.ts';
import { LiveSource } from './live-source.ts';
import { ScriptedFeed } from './testing/scripted-feed.ts';

const btc = exampleInstrument('BTC-PERP', 'hyperliquid');
const eth = exampleInstrument('ETH-PERP', 'hyperliquid');
const btcElsewhere = exampleInstrument('BTC-PERP', 'binance');
const quarterMs = testStartAtMs + 10 * 3_600_000;
const nowMs = testStartAtMs + 10 * 3_600_000 + 90_000;

const setUp = (options: { readonly markets?: readonly MarketId[] } = {}) => {
  const clock = testClock(nowMs);
  const hyperliquid = new ScriptedFeed('hyperliquid', [btc, eth]);
  const binance = new ScriptedFeed('binance', [btcElsewhere]);
  const source = new LiveSource({ feeds: [hyperliquid, binance], clock, ...options });
  return { clock, hyperliquid, binance, source };
};

/** Moves the clock until a step that was asked for is there. */
async function arrived(clock: SimulatedClock, asked: Promise<IteratorResult<MarketStep>>): Promise<MarketStep> {
  let step: MarketStep | undefined;
  void asked.then(({ value }) => (step = value));
  for (let i = 0; i < 100 && step === undefined; i += 1) await clock.advanceBy(100);
  if (step === undefined) throw new Error('There was no step.');
  return step;
}

const trade = (id: string, price = 100): FeedUpdate => ({
  kind: 'trade',
  trade: { instrumentId: btc.id, id, side: 'buy', price, size: 1, exchangeAtMs: nowMs, receivedAtMs: nowMs },
});
const candle = (openAtMs: number, closed: boolean, instrument: Instrument = btc): FeedUpdate => ({
  kind: 'candle',
  candle: exampleCandle(instrument.id, '1m', openAtMs),
  closed,
  receivedAtMs: nowMs,
});
const predicted: FundingRate = {
  ...{ instrumentId: btc.id, rate: 0.0001, intervalMs: 3_600_000, settlesAtMs: nowMs + 60_000 },
  ...{ predicted: true, exchangeAtMs: nowMs, receivedAtMs: nowMs },
};

describe('LiveSource', () => {
  it('default: what was said since the last step, in order where order matters, else the newest', async () => {
    const { clock, hyperliquid, source } = setUp();
    const steps = source.steps()[Symbol.asyncIterator]();
    const first = steps.next();
    await expect.poll(() => hyperliquid.listeners).toBe(1);
    const ticker = exampleTicker(btc.id, nowMs, 100);
    const moments = { exchangeAtMs: nowMs, receivedAtMs: nowMs };
    hyperliquid.say(
      trade('1'),
      { kind: 'ticker', ticker },
      candle(nowMs - 90_000, true),
      { kind: 'ticker', ticker: { ...ticker, last: 101 } },
      { kind: 'book', book: { instrumentId: btc.id, bids: [[99, 1]], asks: [[101, 2]], sequence: 1, ...moments } },
      {
        kind: 'book-delta',
        delta: { instrumentId: btc.id, bids: [[99.5, 3]], asks: [], sequence: 2, ...moments },
      },
      { kind: 'funding', funding: predicted },
      { kind: 'funding', funding: { ...predicted, predicted: false, rate: 0.0003 } },
      { kind: 'funding', funding: { ...predicted, rate: 0.0002 } },
      candle(nowMs - 30_000, false),
      trade('2'),
    );
    const { observations } = await arrived(clock, first);
    expect(observations.map((each) => each.kind)).toEqual([
      ...['trade', 'candle', 'funding', 'trade'],
      ...['ticker', 'book', 'funding', 'forming-candle'],
    ]);
    expect(observations[2]).toMatchObject({ funding: { predicted: false, rate: 0.0003 } });
    expect(observations[4]).toMatchObject({ ticker: { last: 101 } });
    expect(observations[5]).toMatchObject({
      book: {
        bids: [
          [99.5, 3],
          [99, 1],
        ],
        asks: [[101, 2]],
      },
    });
    expect(observations[6]).toMatchObject({ funding: { predicted: true, rate: 0.0002 } });
    hyperliquid.say(trade('3'));
    expect((await arrived(clock, steps.next())).observations).toMatchObject([{ kind: 'trade', trade: { id: '3' } }]);
    await steps.return?.(undefined);
    expect(hyperliquid.listeners).toBe(0);
  });

  it('behavior: a bar that closed is no longer told as forming', async () => {
    const { clock, hyperliquid, source } = setUp();
    const steps = source.steps()[Symbol.asyncIterator]();
    const first = steps.next();
    await expect.poll(() => hyperliquid.listeners).toBe(1);
    hyperliquid.say(candle(nowMs - 90_000, false), candle(nowMs - 90_000, true));
    expect((await arrived(clock, first)).observations.map(({ kind }) => kind)).toEqual(['candle']);
  });

  it('behavior: only the markets asked for, of the venues that answer in time', async () => {
    const { clock, hyperliquid, binance, source } = setUp({ markets: ['BTC-PERP'] });
    binance.hangs = true;
    const listed = source.instruments();
    await clock.advanceBy(3_000);
    expect((await listed).map(({ id }) => id)).toEqual([btc.id]);
    expect(await source.venues()).toEqual(['hyperliquid']);
    for await (const _ of source.history()) break;
    expect(hyperliquid.subscriptions).toMatchObject([{ instrumentIds: [btc.id] }]);
    expect(binance.subscriptions).toEqual([]);
  });

  it('error: no venue answers, or none lists the market', async () => {
    const clock = testClock(nowMs);
    const silent = new LiveSource({ feeds: [new ScriptedFeed('okx', undefined)], clock });
    await expect(silent.instruments()).rejects.toMatchObject({ name: 'ConfigError', code: 'feeds.unreachable' });
    const { source } = setUp({ markets: ['NOPE-PERP'] });
    await expect(source.instruments()).rejects.toMatchObject({ code: 'markets.unknown' });
  });

  it('behavior: history is of closed bars, minutes since the day began, and what is said meanwhile is kept', async () => {
    const { clock, hyperliquid, binance, source } = setUp({ markets: ['BTC-PERP'] });
    hyperliquid.candles = ({ instrumentId, timeframe, fromMs, toMs }) => {
      hyperliquid.say(trade(`while ${timeframe}`));
      return [fromMs, toMs - timeframeMs(timeframe)].map((atMs) => exampleCandle(instrumentId, timeframe, atMs));
    };
    binance.candles = () => {
      throw new Error('no');
    };
    const series: (readonly Candle[])[] = [];
    for await (const candles of source.history()) series.push(candles);
    expect(series.map(([first]) => first?.timeframe)).toEqual(['15m', '5m', '1h', '4h', '1d', '1m']);
    for (const candles of series)
      for (const { openAtMs, timeframe } of candles)
        expect(openAtMs + timeframeMs(timeframe)).toBeLessThanOrEqual(nowMs);
    expect(series.at(-1)?.map(({ openAtMs }) => openAtMs)).toEqual([testStartAtMs, nowMs - 90_000]);
    const step = await arrived(clock, source.steps()[Symbol.asyncIterator]().next());
    expect(step.observations).toHaveLength(6);
  });

  it('behavior: what the venue missed is told with the step, and so is what a desk too far behind gave up', async () => {
    const clock = testClock(nowMs);
    const feed = new ScriptedFeed('hyperliquid', [btc]);
    const source = new LiveSource({ feeds: [feed], clock, maxWaiting: 1 });
    const steps = source.steps()[Symbol.asyncIterator]();
    const first = steps.next();
    await expect.poll(() => feed.listeners).toBe(1);
    const missed: FeedGap = {
      ...{ instrumentId: btc.id, channel: 'liquidations' as const, reason: 'silent' as const, filled: false },
      ...{ fromMs: nowMs - 9_000, toMs: nowMs },
    };
    feed.say({ kind: 'gap', gap: missed });
    expect(await arrived(clock, first)).toMatchObject({ observations: [], gaps: [missed] });
    const late = (id: string, afterMs: number): FeedUpdate => {
      const said = trade(id);
      return said.kind === 'trade' ? { ...said, trade: { ...said.trade, exchangeAtMs: nowMs + afterMs } } : said;
    };
    feed.say(trade('1'), late('2', 5), late('3', 90));
    expect((await arrived(clock, steps.next())).gaps).toEqual([
      {
        ...{ instrumentId: btc.id, channel: 'trades', reason: 'overflow', filled: false },
        ...{ fromMs: nowMs + 5, toMs: nowMs + 91 },
      },
    ]);
    feed.say(trade('4'));
    expect((await arrived(clock, steps.next())).gaps).toEqual([]);
  });

  it('behavior: a desk that is too far behind loses trades, is told so, and never bars', async () => {
    const clock = testClock(nowMs);
    const feed = new ScriptedFeed('hyperliquid', [btc]);
    const source = new LiveSource({ feeds: [feed], clock, maxWaiting: 2 });
    const steps = source.steps()[Symbol.asyncIterator]();
    const first = steps.next();
    await expect.poll(() => feed.listeners).toBe(1);
    feed.say(trade('1'), trade('2'), trade('3'), candle(nowMs - 90_000, true));
    expect((await arrived(clock, first)).observations.map(({ kind }) => kind)).toEqual(['trade', 'trade', 'candle']);
  });
});

describe('LivePlayer', () => {
  it('default: warms the desk, then gives it what is said until it is stopped', async () => {
    const feed = new ScriptedFeed('hyperliquid', [btc]);
    const openAtMs = nowMs - 90_000;
    feed.candles = ({ timeframe, toMs, instrumentId }) =>
      timeframe === '15m' ? [exampleCandle(instrumentId, '15m', toMs - 900_000)] : [];
    feed.rates = [{ ...predicted, predicted: false }];
    const { clock, service, state, durable } = serviceHarness({ startAtMs: nowMs, instruments: [] });
    const player = new LivePlayer({ source: new LiveSource({ feeds: [feed], clock }), service });
    await player.prepare();
    expect(state.candles(btc.id, '15m', 9)).toHaveLength(1);
    expect(state.funding(btc.id, 9)).toHaveLength(1);
    const running = player.run();
    feed.say({ kind: 'ticker', ticker: exampleTicker(btc.id, nowMs, 100) }, candle(openAtMs, true));
    for (let i = 0; i < 20 && service.counts().candles === 0; i += 1) await clock.advanceBy(100);
    expect(state.ticker(btc.id)?.value.last).toBe(100);
    expect(state.candles(btc.id, '1m', 9)).toHaveLength(1);
    await player.stop();
    await running;
    expect(durable()).toEqual([`candle.closed:${btc.id}:15m:${quarterMs}`]);
    expect(feed.listeners).toBe(0);
  });

  /** A player whose desk has the history of a feed. */
  const warmed = async (candles: ScriptedFeed['candles'], known?: MemoryEventBus) => {
    const feed = new ScriptedFeed('hyperliquid', [btc, eth]);
    feed.candles = candles;
    const { clock, state } = serviceHarness({ startAtMs: nowMs, instruments: [] });
    const marketBus = new LocalMarketBus({ clock });
    const eventBus = known ?? new MemoryEventBus({ clock, ids: testIds('live', clock) });
    const closed: DomainEvent<'candle.closed'>[] = [];
    eventBus.subscribe(
      { group: known === undefined ? 'first' : 'again', types: ['candle.closed'] },
      (event) => void closed.push(event),
    );
    const pipeline = new IndicatorPipeline();
    const service = new MarketDataService({ clock, marketBus, eventBus, state, pipeline });
    const player = new LivePlayer({ source: new LiveSource({ feeds: [feed], clock }), service });
    await player.prepare();
    const running = player.run();
    const ids = () => closed.map(({ id }) => id);
    const pass = async (delayMs: number): Promise<void> => {
      for (let passedMs = 0; passedMs < delayMs; passedMs += 100) await clock.advanceBy(100);
    };
    const end = async (): Promise<void> => {
      await player.stop();
      await running;
    };
    return { clock, feed, eventBus, closed, ids, pass, end };
  };

  it('behavior: what closed last before the start is told once, when its price is there, and not what is older than its timeframe', async () => {
    // Of hours and days nothing is there but what closed long ago.
    const { clock, feed, closed, ids, pass, end } = await warmed(({ instrumentId, timeframe, toMs }) => {
      const lengthMs = timeframeMs(timeframe);
      const newest = timeframe === '1h' || timeframe === '1d' ? toMs - 2 * lengthMs : toMs - lengthMs;
      return [
        exampleCandle(instrumentId, timeframe, newest - lengthMs),
        exampleCandle(instrumentId, timeframe, newest),
      ];
    });
    await pass(1_000);
    expect(ids()).toEqual([]);
    feed.say({ kind: 'ticker', ticker: exampleTicker(eth.id, clock.nowMs(), 100) });
    await pass(1_000);
    const of = (id: string) => [
      `candle.closed:${id}:5m:${nowMs - 90_000}`,
      `candle.closed:${id}:15m:${nowMs - 90_000}`,
      `candle.closed:${id}:4h:${testStartAtMs + 8 * 3_600_000}`,
    ];
    expect(ids()).toEqual(of(eth.id));
    expect(closed[1]?.payload).toEqual(exampleCandle(eth.id, '15m', nowMs - 90_000 - 900_000));
    for (const price of [100, 101]) {
      feed.say({ kind: 'ticker', ticker: exampleTicker(btc.id, clock.nowMs(), price) });
      await pass(1_000);
    }
    expect(ids()).toEqual([...of(eth.id), ...of(btc.id)]);
    await end();
  });

  it('behavior: a desk that is started again between the same two closes does not tell them again', async () => {
    const quarter: ScriptedFeed['candles'] = ({ instrumentId, timeframe, toMs }) =>
      timeframe === '15m' ? [exampleCandle(instrumentId, '15m', toMs - 900_000)] : [];
    const first = await warmed(quarter);
    first.feed.say({ kind: 'ticker', ticker: exampleTicker(btc.id, nowMs, 100) });
    await first.pass(1_000);
    await first.end();
    expect(first.ids()).toEqual([`candle.closed:${btc.id}:15m:${quarterMs}`]);
    const again = await warmed(quarter, first.eventBus);
    again.feed.say({ kind: 'ticker', ticker: exampleTicker(btc.id, nowMs, 101) });
    await again.pass(1_000);
    await again.end();
    expect([first.ids().length, again.ids()]).toEqual([1, []]);
  });

  it('behavior: a close that a step told before the price came is not told a second time', async () => {
    const { clock, feed, ids, pass, end } = await warmed(() => []);
    for (let index = 0; index < 5; index += 1) feed.say(candle(nowMs - 90_000 + index * 60_000, true));
    await pass(241_000);
    expect(ids()).toEqual([`candle.closed:${btc.id}:5m:${nowMs + 210_000}`]);
    feed.say({ kind: 'ticker', ticker: exampleTicker(btc.id, clock.nowMs(), 100) });
    await pass(1_000);
    expect(ids()).toHaveLength(1);
    await end();
  });
});
