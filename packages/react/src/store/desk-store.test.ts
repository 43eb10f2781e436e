import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, fakeDesk, journal, position, status, ticker } from '../testing/fake-desk.ts';
import { keptRoutes } from './desk-state.ts';

const deferred = <Value>() => {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
};

describe('DeskStore', () => {
  it('default: fetches everything once at the start and is told of the market by the stream', async () => {
    const { store, clock, answers, requests, say } = fakeDesk();
    answers['/tickers'] = [ticker(5)];
    answers['/events'] = [journal(3)];
    const stop = store.start();
    await clock.advanceBy(60);
    expect(requests.map(({ route }) => route).sort()).toEqual([...keptRoutes, '/events'].sort());
    expect(store.get().resources['/status']).toEqual({ status: 'ready', data: status() });
    expect(store.get().tickers['BTC-PERP@hyperliquid']?.last).toBe(5);
    expect(store.get().events.data?.map((event) => event.position)).toEqual([3]);
    say('market', { atMs: 1, tickers: [ticker(7)], candles: [] });
    await clock.advanceBy(60);
    expect(store.get().tickers['BTC-PERP@hyperliquid']?.last).toBe(7);
    stop();
  });

  it('behavior: listeners are told at most 20 times a second at 2,000 messages a second, and end with the newest', async () => {
    const { store, clock, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    let told = 0;
    store.subscribe(() => {
      told += 1;
    });
    for (let ms = 0; ms < 3000; ms += 5) {
      for (let message = 0; message < 10; message += 1)
        say('market', { atMs: ms, tickers: [ticker(1 + ms * 10 + message)], candles: [] });
      await clock.advanceBy(5);
    }
    expect(told).toBeLessThanOrEqual(61);
    expect(told).toBeGreaterThanOrEqual(58);
    await clock.advanceBy(50);
    expect(store.get().tickers['BTC-PERP@hyperliquid']?.last).toBe(1 + 2995 * 10 + 9);
  });

  it('behavior: a change after a quiet time is told at once', async () => {
    const { store, clock, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    say('market', { atMs: 1, tickers: [ticker(9)], candles: [] });
    await clock.advanceBy(0);
    expect(store.get().tickers['BTC-PERP@hyperliquid']?.last).toBe(9);
  });

  it('behavior: what the journal outdates is gathered and fetched again, nothing else', async () => {
    const { store, clock, answers, requests, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    requests.length = 0;
    answers['/positions'] = [position()];
    for (let each = 1; each <= 20; each += 1) say('journal', journal(each, 'order.filled'));
    await clock.advanceBy(149);
    expect(requests).toEqual([]);
    await clock.advanceBy(60);
    expect(requests.map(({ route }) => route)).toEqual(['/positions', '/orders', '/accounts']);
    expect(store.get().resources['/positions'].data).toEqual([position()]);

    requests.length = 0;
    say('journal', journal(21, 'opinion.published'));
    say('journal', journal(22, 'turn.completed'));
    say('journal', journal(23, 'approval.requested'));
    say('journal', journal(24, 'trading-state.changed'));
    say('journal', journal(25, 'feed.gapped'));
    await clock.advanceBy(200);
    expect(requests.map(({ route }) => route)).toEqual(['/opinions', '/rounds', '/approvals', '/status']);
  });

  it('behavior: an event that the fetched list already has outdates its snapshot all the same', async () => {
    const { store, clock, answers, count, say } = fakeDesk();
    answers['/events'] = [journal(8, 'position.closed')];
    store.start();
    await clock.advanceBy(1000);
    const before = count('/positions');
    say('journal', journal(8, 'position.closed'));
    await clock.advanceBy(200);
    expect(count('/positions')).toBe(before + 1);
    expect(store.get().events.data?.length).toBe(1);
  });

  it('behavior: one request at a time for a snapshot, so that an older answer never replaces a newer one', async () => {
    const { store, clock, answers, count, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    const first = deferred<unknown>();
    answers['/positions'] = () => first.promise;
    say('journal', journal(1, 'position.opened'));
    await clock.advanceBy(200);
    const asked = count('/positions');
    answers['/positions'] = [];
    for (let each = 2; each < 6; each += 1) {
      say('journal', journal(each, 'position.closed'));
      await clock.advanceBy(200);
    }
    expect(count('/positions')).toBe(asked);
    first.resolve([position()]);
    await clock.advanceBy(400);
    expect(count('/positions')).toBe(asked + 1);
    expect(store.get().resources['/positions'].data).toEqual([]);
  });

  it('behavior: data that says the same keeps its identity', async () => {
    const { store, clock, answers, say } = fakeDesk();
    answers['/positions'] = [position()];
    store.start();
    await clock.advanceBy(1000);
    const before = store.get().resources;
    say('journal', journal(1, 'order.accepted'));
    await clock.advanceBy(1000);
    expect(store.get().resources).toBe(before);
    answers['/positions'] = [position('2')];
    say('journal', journal(2, 'order.accepted'));
    await clock.advanceBy(1000);
    expect(store.get().resources['/positions'].data?.[0]?.size).toBe('2');
    expect(store.get().resources['/orders']).toBe(before['/orders']);
  });

  it('error: a failed fetch keeps the last answer beside its error, and is tried again when the desk speaks', async () => {
    const { store, clock, answers, say } = fakeDesk();
    answers['/orders'] = [];
    store.start();
    await clock.advanceBy(1000);
    answers['/orders'] = new Error('down');
    say('journal', journal(1, 'order.accepted'));
    await clock.advanceBy(1000);
    expect(store.get().resources['/orders']).toMatchObject({
      status: 'failed',
      data: [],
      error: { code: 'desk.unreachable' },
    });
    answers['/orders'] = [];
    say('status', status());
    await clock.advanceBy(1000);
    expect(store.get().resources['/orders']).toEqual({ status: 'ready', data: [] });
  });

  it('error: what is refused for a time is left alone for that time, whatever is heard of it', async () => {
    const { store, clock, answers, count, say } = fakeDesk();
    answers['/orders'] = new Response('', { status: 429, headers: { 'Retry-After': '5' } });
    store.start();
    await clock.advanceBy(1_000);
    expect(store.get().resources['/orders']).toMatchObject({ error: { status: 429, retryAfterMs: 5_000 } });
    answers['/orders'] = [];
    const others = count('/positions');
    for (let second = 0; second < 3; second += 1) {
      say('status', status());
      say('journal', journal(second + 1, 'order.accepted'));
      store.refresh();
      await clock.advanceBy(1_000);
    }
    expect(count('/orders')).toBe(1);
    expect(count('/positions')).toBeGreaterThan(others);
    await clock.advanceBy(1_000);
    say('status', status());
    await clock.advanceBy(1_000);
    expect(count('/orders')).toBe(2);
    expect(store.get().resources['/orders']).toEqual({ status: 'ready', data: [] });
  });

  it('behavior: marks and equity are fetched again with each status while a position is open', async () => {
    const { store, clock, answers, count, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    say('status', status());
    await clock.advanceBy(1000);
    expect(count('/positions')).toBe(1);
    answers['/positions'] = [position()];
    say('journal', journal(1, 'position.opened'));
    await clock.advanceBy(1000);
    say('status', status());
    await clock.advanceBy(1000);
    expect([count('/positions'), count('/accounts'), count('/orders')]).toEqual([3, 3, 2]);
  });

  it('behavior: a connection that comes up fetches everything anew, and clears what the last one could not read', async () => {
    const { store, clock, count, say } = fakeDesk();
    store.start();
    say('open');
    await clock.advanceBy(1000);
    expect(store.get().connected).toBe(true);
    say('market', { atMs: 'soon' });
    say('error');
    await clock.advanceBy(60);
    expect(store.get()).toMatchObject({
      connected: false,
      streamError: { message: 'A market message does not fit this version.' },
    });
    const { epoch } = store.get();
    const before = count('/positions');
    say('open');
    await clock.advanceBy(1000);
    expect(count('/positions')).toBe(before + 1);
    expect(store.get()).toMatchObject({ connected: true, epoch: epoch + 1 });
    expect('streamError' in store.get()).toBe(false);
  });

  it('behavior: after a resync the events are those of the journal that is there now, though its positions are lower', async () => {
    const { store, clock, answers, say } = fakeDesk();
    answers['/events'] = [journal(9000)];
    store.start();
    await clock.advanceBy(1000);
    answers['/events'] = [journal(2), journal(1)];
    say('resync');
    await clock.advanceBy(1000);
    say('journal', journal(3));
    await clock.advanceBy(1000);
    expect(store.get().events.data?.map((event) => event.position)).toEqual([3, 2, 1]);
  });

  it('behavior: events are newest first, each once, at most 300', async () => {
    const { store, clock, answers, say } = fakeDesk();
    answers['/events'] = [journal(400), journal(398)];
    store.start();
    await clock.advanceBy(1000);
    for (let each = 1; each <= 401; each += 1) say('journal', journal(each));
    await clock.advanceBy(1000);
    const positions = store.get().events.data?.map((event) => event.position) ?? [];
    expect(positions).toEqual(Array.from({ length: 300 }, (_, index) => 401 - index));
  });

  it('behavior: a price that the stream told is not replaced by an older snapshot', async () => {
    const { store, clock, answers, say } = fakeDesk();
    const slow = deferred<unknown>();
    answers['/tickers'] = () => slow.promise;
    store.start();
    say('market', { atMs: 1, tickers: [ticker(20)], candles: [] });
    await clock.advanceBy(60);
    slow.resolve([ticker(10), ticker(11, 'ETH-PERP@hyperliquid')]);
    await clock.advanceBy(60);
    expect(Object.values(store.get().tickers).map(({ last }) => last)).toEqual([20, 11]);
  });

  it('behavior: stopping closes the stream, aborts what is asked and leaves no timer; a stopped store can start again', async () => {
    const { store, clock, answers, requests, openSources, say } = fakeDesk();
    answers['/rounds'] = () => new Promise(() => {});
    const stop = store.start();
    say('open');
    say('journal', journal(1, 'order.filled'));
    stop();
    stop();
    expect(openSources()).toBe(0);
    await clock.idle();
    expect(requests.every(({ signal }) => signal?.aborted)).toBe(true);
    expect(store.get().connected).toBe(false);
    answers['/rounds'] = [];
    const again = store.start();
    await clock.advanceBy(1000);
    expect(store.get().resources['/rounds'].status).toBe('ready');
    again();
    await clock.idle();
    expect(clock.nextTimerAtMs()).toBeUndefined();
    store.refresh();
    expect(clock.nextTimerAtMs()).toBeUndefined();
  });

  it('behavior: one stream for several users, closed with the last', () => {
    const { store, sources, openSources } = fakeDesk();
    const first = store.start();
    const second = store.start();
    expect(sources.length).toBe(1);
    first();
    first();
    expect(openSources()).toBe(1);
    second();
    expect(openSources()).toBe(0);
  });
});

describe('DeskStore.watchBars', () => {
  it('behavior: a bar that closes and the next that begins between two flushes are both told, in order', async () => {
    const { store, clock, say } = fakeDesk();
    store.start();
    await clock.advanceBy(1000);
    const told: [number, number][] = [];
    store.watchBars('BTC-PERP@hyperliquid', '1m', (candle) => told.push([candle.openAtMs / 60_000, candle.close]));
    say('market', { atMs: 1, tickers: [], candles: [bar(5, 10)] });
    await clock.advanceBy(50);
    say('market', { atMs: 2, tickers: [], candles: [bar(5, 11), bar(6, 12), bar(5, 99, { timeframe: '5m' })] });
    say('market', { atMs: 3, tickers: [], candles: [bar(6, 13)] });
    await clock.advanceBy(50);
    expect(told).toEqual([
      [5, 10],
      [5, 11],
      [6, 13],
    ]);
  });

  it('behavior: who watches late gets the bars that came meanwhile; none of a line that broke', async () => {
    const { store, clock, say } = fakeDesk();
    store.start();
    say('market', { atMs: 1, tickers: [], candles: [bar(5, 10), bar(6, 11)] });
    const late: number[] = [];
    store.watchBars('BTC-PERP@hyperliquid', '1m', (candle) => late.push(candle.close))();
    expect(late).toEqual([10, 11]);
    say('error');
    say('open');
    store.watchBars('BTC-PERP@hyperliquid', '1m', (candle) => late.push(candle.close));
    await clock.advanceBy(1000);
    expect(late).toEqual([10, 11]);
  });

  it('behavior: whatever the frames and flushes, a watcher ends with the last state of every bar', async () => {
    const step = fc.oneof(
      fc.record({ minute: fc.nat({ max: 6 }), close: fc.integer({ min: 1, max: 999 }) }),
      fc.constant('flush' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat({ max: 40 }), async (steps, watchAt) => {
        const { store, clock, say } = fakeDesk();
        const stop = store.start();
        const told = new Map<number, number>();
        const last = new Map<number, number>();
        for (const [index, each] of [...steps, 'flush' as const].entries()) {
          if (index === Math.min(watchAt, steps.length))
            store.watchBars('BTC-PERP@hyperliquid', '1m', (candle) => told.set(candle.openAtMs / 60_000, candle.close));
          if (each === 'flush') await clock.advanceBy(50);
          else {
            last.set(each.minute, each.close);
            say('market', { atMs: 1, tickers: [], candles: [bar(each.minute, each.close)] });
          }
        }
        await clock.advanceBy(50);
        stop();
        expect([...told].sort()).toEqual([...last].sort());
      }),
      { numRuns: 60 },
    );
  });
});
