import { createServer, type Server, type ServerResponse } from 'node:http';
import {
  type Candle,
  LocalMarketBus,
  MemoryEventBus,
  type NewDomainEvent,
  SeededRandom,
  silentLogger,
  type Ticker,
} from '@perpdesk/core';
import type { Status } from '@perpdesk/core/api';
import { testClock, testIds } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStream, type EventStreamOptions } from './event-stream.ts';
import { toProblem } from './problem.ts';
import { StreamReader } from './testing/stream-reader.ts';

const status: Status = {
  source: 'simulated',
  notice: 'A test.',
  atMs: 1,
  money: 'paper',
  tradingState: 'active',
  user: { id: 'ada', name: 'Ada', tier: 'beginner', autonomy: 'suggest' },
  services: [],
};
const ticker = (last: number): Ticker => ({
  instrumentId: 'BTC-PERP@hyperliquid',
  last,
  mark: last,
  bid: last,
  ask: last,
  exchangeAtMs: 1,
  receivedAtMs: 1,
});
const candle = (minute: number, close: number): Candle => ({
  instrumentId: 'BTC-PERP@hyperliquid',
  timeframe: '1m',
  openAtMs: minute * 60_000,
  open: 1,
  high: 9,
  low: 1,
  close,
  volume: 1,
});

let ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function streaming(options: Partial<EventStreamOptions> = {}, before = 0) {
  const clock = testClock();
  const eventBus = new MemoryEventBus({ clock, ids: testIds() });
  const marketBus = new LocalMarketBus({ clock });
  const publish = async (count: number, part: Partial<NewDomainEvent<'service.failed'>> & { bytes?: number } = {}) => {
    const { bytes = 10, ...rest } = part;
    for (let each = 0; each < count; each += 1) {
      const payload = { service: 'x', message: 'm'.repeat(bytes) };
      await eventBus.publish({ type: 'service.failed', key: 'x', payload, ...rest });
    }
  };
  await publish(before);
  const stream = new EventStream({
    eventBus,
    marketBus,
    types: ['service.failed'],
    status: () => status,
    nowMs: () => 7,
    logger: silentLogger,
    frameMs: 3,
    ...options,
  });
  await stream.start();
  const responses: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    responses.push(response);
    const last = request.headers['last-event-id'];
    stream.serve(response, 'ada', last === undefined ? undefined : Number(last)).catch((error: unknown) => {
      response.writeHead(toProblem(error).status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const open = (reading: ConstructorParameters<typeof StreamReader>[1] = {}): StreamReader => {
    const reader = new StreamReader(url, reading);
    ends.push(() => reader.close());
    return reader;
  };
  ends.push(
    () => void server.close(),
    () => server.closeAllConnections(),
    () => stream.stop(),
  );
  return { eventBus, marketBus, stream, publish, open, responses };
}

const positions = (reader: StreamReader): (number | undefined)[] => reader.of('journal').map((message) => message.id);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('EventStream', () => {
  it('default: the state of the desk at once, then each event of the journal with its position as id', async () => {
    const { publish, open } = await streaming({}, 5);
    const reader = open();
    const head = await reader.head();
    await reader.until((messages) => messages.length > 0);
    await publish(3);
    await reader.until(() => reader.of('journal').length === 3);
    expect(reader.messages[0]).toEqual({ id: undefined, event: 'status', data: status, retry: '1000' });
    expect(positions(reader)).toEqual([6, 7, 8]);
    expect(reader.of('journal')[0]?.data).toMatchObject({
      position: 6,
      event: { type: 'service.failed', version: 1, payload: { service: 'x' } },
    });
    expect(head.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(head.headers['content-encoding']).toBeUndefined();
  });

  it.each([2000, 12])(
    'behavior: over 200 lines cut at random bytes every event comes once, in order (%i kept in memory)',
    async (tailMessages) => {
      const random = new SeededRandom('cuts');
      const pauses = new SeededRandom('pauses');
      const total = 200 * 15;
      const { publish, open, stream, eventBus } = await streaming({ tailMessages }, 50);
      // What a store answers is some time old when it arrives.
      const read = eventBus.read.bind(eventBus);
      eventBus.read = async (query) => {
        const events = await read(query);
        for (let turns = pauses.next() * 8; turns > 0; turns -= 1)
          await new Promise((resolve) => setImmediate(resolve));
        return events;
      };
      const taken: number[] = [];
      let lastEventId = 50;
      let cuts = 0;
      while (cuts < 200) {
        // The journal grows while the line is opened, caught up and cut.
        const publishing = publish(15, { bytes: 200 });
        const reader = open({ lastEventId, cutAfterBytes: 200 + Math.floor(random.next() * 11_000) });
        await reader.until((messages) => messages.at(-1)?.id === 50 + (cuts + 1) * 15);
        for (const id of positions(reader)) if (id !== undefined) taken.push(id);
        lastEventId = taken.at(-1) ?? lastEventId;
        reader.close();
        await publishing;
        cuts += 1;
      }
      const last = open({ lastEventId });
      await last.until(() => lastEventId === 50 + total || last.of('journal').at(-1)?.id === 50 + total);
      for (const id of positions(last)) if (id !== undefined) taken.push(id);
      expect(taken).toEqual(range(51, 50 + total));
      last.close();
      await expect.poll(() => stream.clients).toBe(0);
    },
  );

  it('behavior: an id too far back is answered by a resync that moves the browser’s id, and the stream goes on from now', async () => {
    const { publish, open } = await streaming({ replayLimit: 50 }, 100);
    const reader = open({ lastEventId: 49 });
    await reader.until(() => reader.of('resync').length === 1);
    await publish(1);
    await reader.until(() => reader.of('journal').length === 1);
    expect(reader.of('resync')[0]?.id).toBe(100);
    expect(positions(reader)).toEqual([101]);

    const near = open({ lastEventId: 51 });
    await near.until(() => near.of('journal').length === 50);
    expect(positions(near)).toEqual(range(52, 101));
    expect(near.of('resync')).toEqual([]);
  });

  it('behavior: an id of another, longer journal is answered by a resync', async () => {
    const { publish, open } = await streaming({}, 10);
    const reader = open({ lastEventId: 5000 });
    await reader.until(() => reader.of('resync').length === 1);
    await publish(2);
    await reader.until(() => reader.of('journal').length === 2);
    expect(positions(reader)).toEqual([11, 12]);
  });

  it('behavior: what lies before the tail in memory comes from the store, in pages, without loss', async () => {
    const { open, publish } = await streaming({}, 1234);
    await publish(2500);
    const reader = open({ lastEventId: 3 });
    await reader.until(() => reader.of('journal').at(-1)?.id === 3734);
    expect(positions(reader)).toEqual(range(4, 3734));
  });

  it('behavior: another user’s events are never sent, live or caught up', async () => {
    const { publish, open } = await streaming();
    const live = open();
    await live.until((messages) => messages.length > 0);
    await publish(1, { userId: 'ada' });
    await publish(3, { userId: 'bob' });
    await publish(1);
    await publish(1, { userId: 'eve' });
    await publish(1, { userId: 'ada' });
    await live.until(() => live.of('journal').length === 3);
    const later = open({ lastEventId: 0 });
    await later.until(() => later.of('journal').length === 3);
    for (const reader of [live, later]) {
      expect(positions(reader)).toEqual([1, 5, 7]);
      expect(JSON.stringify(reader.messages)).not.toMatch(/"(bob|eve)"/);
    }
  });

  it('behavior: prices are conflated to one frame, but no bar’s last state is lost to the next bar', async () => {
    const { marketBus, open } = await streaming({ frameMs: 30 });
    const reader = open();
    await reader.until((messages) => messages.length > 0);
    for (let price = 1; price <= 1000; price += 1) {
      void marketBus.publish('ticker.updated', 'BTC-PERP@hyperliquid', ticker(price));
      void marketBus.publish('candle.updated', 'BTC-PERP@hyperliquid:1m', candle(price <= 600 ? 5 : 6, price));
    }
    await reader.until(() => reader.of('market').length > 0);
    expect(reader.of('market').map(({ id, data }) => ({ id, data }))).toEqual([
      { id: undefined, data: { atMs: 7, tickers: [ticker(1000)], candles: [candle(5, 600), candle(6, 1000)] } },
    ]);
  });

  it('behavior: heartbeats and the state of the desk come at their intervals', async () => {
    const { open } = await streaming({ heartbeatMs: 4, statusMs: 6 });
    const reader = open();
    await reader.until(() => reader.comments.length > 2 && reader.of('status').length > 2);
    expect(new Set(reader.comments)).toEqual(new Set([': heartbeat']));
  });

  it('behavior: a client that takes nothing costs a bounded buffer and is cut off; the others get everything meanwhile', async () => {
    const { publish, open, responses, stream, marketBus } = await streaming({ heartbeatMs: 60 });
    const stuck = open();
    await stuck.pause();
    const well = open();
    await well.until((messages) => messages.length > 0);
    let most = 0;
    const wide = { ...ticker(1), instrumentId: `${'W'.repeat(20_000)}@x` as const };
    let sent = 0;
    while (!responses[0]?.destroyed && sent < 5000) {
      await publish(20, { bytes: 5000 });
      sent += 20;
      void marketBus.publish('ticker.updated', wide.instrumentId, wide);
      await well.until(() => well.of('journal').length === sent);
      most = Math.max(most, responses[0]?.writableLength ?? 0);
    }
    // The kernel takes some megabytes before anything waits here.
    expect(most).toBeGreaterThan(200_000);
    expect(most).toBeLessThan(400_000);
    expect(responses[0]?.destroyed).toBe(true);
    expect(positions(well)).toEqual(range(1, sent));
    expect(stream.clients).toBe(1);
  });

  it('behavior: a client that is slow for a while gets all of the journal, no frames meanwhile, and then a resync', async () => {
    const { publish, open, marketBus, responses } = await streaming({ heartbeatMs: 60_000 });
    const reader = open();
    await reader.pause();
    const well = open();
    await well.until((messages) => messages.length > 0);
    let sent = 0;
    while ((responses[0]?.writableLength ?? 0) < 250_000 && sent < 10_000) {
      await publish(50, { bytes: 5000 });
      sent += 50;
      await well.until(() => well.of('journal').length === sent);
    }
    for (let frame = 1; frame <= 5; frame += 1) {
      void marketBus.publish('ticker.updated', 'BTC-PERP@hyperliquid', ticker(frame));
      await well.until(() => well.of('market').length === frame);
    }
    expect(reader.of('market')).toEqual([]);
    reader.resume();
    await reader.until(() => reader.of('journal').length === sent && reader.of('resync').length === 1);
    expect(positions(reader)).toEqual(range(1, sent));
    expect(reader.of('market')).toEqual([]);
    void marketBus.publish('ticker.updated', 'BTC-PERP@hyperliquid', ticker(9));
    await reader.until(() => reader.of('market').length === 1);
    expect(reader.of('market')[0]?.data).toMatchObject({ tickers: [{ last: 9 }] });
  });

  it('behavior: catching up from the store costs a bounded buffer too', async () => {
    const { publish, open, responses, eventBus } = await streaming({ tailMessages: 10 });
    await publish(3000, { bytes: 5000 });
    const last = (await eventBus.read({ order: 'descending', limit: 1 }))[0]?.position;
    const reader = open({ lastEventId: 0 });
    await reader.pause();
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, responses[0]?.writableLength ?? 0);
    }, 1);
    await expect.poll(() => most).toBeGreaterThan(200_000);
    reader.resume();
    await reader.until(() => reader.of('journal').at(-1)?.id === last);
    clearInterval(watching);
    expect(most).toBeLessThan(400_000);
    expect(positions(reader)).toEqual(range(1, 3000));
  });

  it('behavior: who leaves while it is being served is not kept', async () => {
    const { open, stream } = await streaming({}, 500);
    for (let each = 0; each < 30; each += 1) {
      const reader = open({ lastEventId: 1, cutAfterBytes: 1 + each * 40 });
      if (each % 3 === 0) reader.close();
      else await reader.until(() => false);
    }
    await expect.poll(() => stream.clients).toBe(0);
  });

  it('error: a store that can not be read for a while delays events and loses none', async () => {
    const { eventBus, publish, open } = await streaming({ statusMs: 10 });
    const reader = open();
    await reader.until((messages) => messages.length > 0);
    const read = eventBus.read.bind(eventBus);
    let failures = 0;
    eventBus.read = async () => {
      failures += 1;
      throw new Error('locked');
    };
    await publish(3);
    await expect.poll(() => failures).toBeGreaterThan(1);
    eventBus.read = read;
    await reader.until(() => reader.of('journal').length === 3);
    expect(positions(reader)).toEqual([1, 2, 3]);
  });

  it('error: too many streams are refused before anything is written', async () => {
    const { open, stream } = await streaming({ maxClients: 1 });
    const first = open();
    await first.until((messages) => messages.length > 0);
    const second = open();
    expect((await second.head()).statusCode).toBe(503);
    expect(stream.clients).toBe(1);
  });

  it('behavior: stopping ends every stream', async () => {
    const { open, stream } = await streaming();
    const reader = open();
    await reader.until((messages) => messages.length > 0);
    stream.stop();
    await reader.until(() => false);
    expect(reader.ended).toBe(true);
    expect(stream.clients).toBe(0);
  });
});
