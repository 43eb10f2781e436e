import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { DeskClient } from './desk-client.ts';
import type { EventSourceLike, StreamListener } from './desk-stream.ts';

class FakeEventSource implements EventSourceLike {
  readyState = 0;
  readonly url: string;
  readonly #listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
  }

  say(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? [])
      listener({ ...(data === undefined ? {} : { data: typeof data === 'string' ? data : JSON.stringify(data) }) });
  }

  giveUp(): void {
    this.readyState = 2;
    this.say('error');
  }
}

const journal = (position: number, payload: unknown = { any: [1, null] }) => ({
  position,
  event: { id: `e${position}`, type: 'round.opened', version: 1, atMs: 5, key: 'BTC-PERP', traceId: 't', payload },
});
const frame = { atMs: 7, tickers: [], candles: [] };

function watching(extra: StreamListener = {}) {
  const clock = new SimulatedClock();
  const sources: FakeEventSource[] = [];
  const heard: unknown[] = [];
  const desk = new DeskClient({
    baseUrl: 'http://desk',
    clock,
    createEventSource: (url) => {
      const source = new FakeEventSource(url);
      sources.push(source);
      return source;
    },
  });
  const unwatch = desk.watch({
    onStatus: (status) => heard.push(['status', status.notice]),
    onMarket: (market) => heard.push(['market', market.atMs]),
    onJournal: (event) => heard.push(['journal', event.position]),
    onResync: () => heard.push('resync'),
    onConnection: (connected) => heard.push(connected ? 'up' : 'down'),
    onInvalid: (error) => heard.push(error.message),
    ...extra,
  });
  const source = (): FakeEventSource => {
    const last = sources.at(-1);
    if (last === undefined) throw new Error('No source was opened.');
    return last;
  };
  return { clock, sources, source, heard, unwatch };
}

describe('DeskClient.watch', () => {
  it('default: tells what the stream says, checked', () => {
    const { source, heard } = watching();
    expect(source().url).toBe('http://desk/api/stream');
    source().say('open');
    source().say('journal', journal(4));
    source().say('market', frame);
    source().say('resync', {});
    expect(heard).toEqual(['up', ['journal', 4], ['market', 7], 'resync']);
  });

  it('error: a message that does not fit is dropped and told, the next one goes through', () => {
    const { source, heard } = watching();
    source().say('journal', '{');
    source().say('journal', { position: 'four' });
    source().say('journal', { ...journal(5), event: { ...journal(5).event, payload: undefined } });
    source().say('market', { atMs: 1 });
    source().say('journal', journal(6));
    expect(heard).toEqual([
      'A journal message is no JSON.',
      'A journal message does not fit this version.',
      'A journal message does not fit this version.',
      'A market message does not fit this version.',
      ['journal', 6],
    ]);
  });

  it('error: what a listener throws is the listener’s, not an invalid message', () => {
    const { source, heard } = watching({
      onJournal: () => {
        throw new Error('mine');
      },
    });
    expect(() => source().say('journal', journal(1))).toThrow('mine');
    expect(heard).toEqual([]);
  });

  it('behavior: a line that the platform mends is left to it', async () => {
    const { clock, sources, source, heard } = watching();
    source().say('open');
    source().say('error');
    await clock.advanceBy(10_000);
    source().say('open');
    expect(heard).toEqual(['up', 'down', 'up']);
    expect(sources.length).toBe(1);
  });

  it('behavior: a source that gave up is replaced after a pause, from the last position on', async () => {
    const { clock, sources, source, heard } = watching();
    source().say('open');
    source().say('journal', journal(41));
    source().giveUp();
    await clock.advanceBy(2_999);
    expect(sources.length).toBe(1);
    await clock.advanceBy(1);
    expect(source().url).toBe('http://desk/api/stream?lastEventId=41');
    source().giveUp();
    await clock.advanceBy(3_000);
    expect(sources.length).toBe(3);
    source().say('open');
    source().say('journal', journal(42));
    expect(heard).toEqual(['up', ['journal', 41], 'down', 'down', 'up', ['journal', 42]]);
  });

  it('behavior: a silent line is dead and opened anew, however well the socket looks', async () => {
    const { clock, sources, source, heard } = watching();
    source().say('open');
    await clock.advanceTo(15_000);
    source().say('market', frame);
    await clock.advanceTo(34_999);
    expect(heard).toEqual(['up', ['market', 7]]);
    await clock.advanceTo(35_000);
    expect(heard.at(-1)).toBe('down');
    expect(sources[0]?.readyState).toBe(2);
    await clock.advanceTo(38_000);
    expect(sources.length).toBe(2);
    sources[0]?.say('market', frame);
    expect(heard.length).toBe(3);
  });

  it('behavior: after a resync it does not ask for an id of another journal', async () => {
    const { clock, source } = watching();
    source().say('journal', journal(9_000));
    source().say('resync', {});
    source().giveUp();
    await clock.advanceBy(3_000);
    expect(source().url).toBe('http://desk/api/stream');
  });

  it('behavior: unsubscribing closes the source and leaves no timer, also while a new one is awaited', async () => {
    const first = watching();
    first.unwatch();
    expect(first.source().readyState).toBe(2);
    expect(first.clock.nextTimerAtMs()).toBeUndefined();
    first.source().say('journal', journal(1));
    expect(first.heard).toEqual([]);

    const second = watching();
    second.source().giveUp();
    second.unwatch();
    await second.clock.advanceBy(60_000);
    expect(second.sources.length).toBe(1);
  });

  it('error: a platform without EventSource is named', () => {
    expect(() => new DeskClient({ baseUrl: 'http://desk' }).watch({})).toThrow(
      expect.objectContaining({ code: 'stream.unsupported' }),
    );
  });
});
