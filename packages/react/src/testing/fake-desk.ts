import { SimulatedClock } from '@perpdesk/core';
import { DeskClient, type EventSourceLike } from '@perpdesk/core/api';
import { DeskStore, type DeskStoreOptions } from '../store/desk-store.ts';

/** An event source that says what a test tells it to. */
export class FakeEventSource implements EventSourceLike {
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

  say(type: string, data: object = {}): void {
    const text = JSON.stringify(data);
    for (const listener of this.#listeners.get(type) ?? []) listener({ data: text });
  }
}

/** A desk without a network: answers by route that a test may change, a stream that it speaks through, a clock that it moves. */
export function fakeDesk(options: Partial<DeskStoreOptions> = {}) {
  const clock = new SimulatedClock();
  const answers: Record<string, unknown> = {
    '/status': status(),
    '/instruments': [],
    '/tickers': [],
    '/opinions': [],
    '/rounds': [],
    '/positions': [],
    '/orders': [],
    '/accounts': [],
    '/approvals': [],
    '/proposals': [],
    '/predictions': [],
    '/track-records': [],
    '/conversations': [],
    '/conversation': [],
    '/events': [],
    '/candles': [],
  };
  const requests: { readonly route: string; readonly body: string | undefined; readonly signal: AbortSignal | null }[] =
    [];
  const sources: FakeEventSource[] = [];
  const fetchFake: typeof fetch = async (input, init) => {
    const route = String(input).replace('/api', '').replace(/\?.*/, '');
    requests.push({ route, body: init?.body?.toString(), signal: init?.signal ?? null });
    const answer = answers[route];
    const body: unknown = await Promise.race([
      typeof answer === 'function' ? answer(String(input)) : answer,
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
    ]);
    if (body instanceof Response) return body.clone();
    if (body instanceof Error) throw body;
    return new Response(JSON.stringify(body), { status: 200 });
  };
  const client = new DeskClient({
    clock,
    fetch: fetchFake,
    createEventSource: (url) => {
      const source = new FakeEventSource(url);
      sources.push(source);
      return source;
    },
  });
  const store = new DeskStore({ client, clock, ...options });
  const count = (route: string): number => requests.filter((request) => request.route === route).length;
  const openSources = (): number => sources.filter((source) => source.readyState !== 2).length;
  const say = (type: string, data?: object): void => sources.at(-1)?.say(type, data);
  return { clock, client, store, answers, requests, sources, count, openSources, say };
}

export const status = (part: object = {}) => ({
  source: 'simulated',
  notice: 'A simulated market.',
  atMs: 1000,
  money: 'paper',
  tradingState: 'active',
  user: { id: 'demo', name: 'Demo', tier: 'intermediate', autonomy: 'suggest' },
  services: [],
  ...part,
});

export const ticker = (last: number, instrumentId = 'BTC-PERP@hyperliquid') => ({
  instrumentId,
  last,
  mark: last,
  bid: last,
  ask: last,
  exchangeAtMs: last,
  receivedAtMs: last,
});

export const bar = (minute: number, close: number, part: object = {}) => ({
  instrumentId: 'BTC-PERP@hyperliquid' as const,
  timeframe: '1m' as const,
  openAtMs: minute * 60_000,
  open: 1,
  high: 1_000_000,
  low: 1,
  close,
  volume: 1,
  ...part,
});

export const journal = (position: number, type = 'feed.gapped') => ({
  position,
  event: { id: `e${position}`, type, version: 1, atMs: position, key: 'k', traceId: 't', payload: {} },
});

export const position = (size = '1') => ({
  userId: 'demo',
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid',
  direction: 'long',
  size,
  entryPrice: '100',
  markPrice: '101',
  leverage: 3,
  marginMode: 'isolated',
  margin: '33',
  unrealizedPnl: '1',
  realizedPnl: '0',
  openedAtMs: 1,
  updatedAtMs: 1,
  protection: { stopLoss: '90', stopSize: size, takeProfits: [] },
});
