// @vitest-environment happy-dom
import type { InstrumentId } from '@perpdesk/core';
import { act, type ReactNode, StrictMode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type CandleSeries,
  type Chat as ChatState,
  type DeskActions,
  DeskProvider,
  type ResourceResult,
  useCandles,
  useChat,
  useConnected,
  useDesk,
  useDeskActions,
  useEvents,
  useOrders,
  usePositions,
  useStatus,
  useTicker,
} from '../index.ts';
import { bar, fakeDesk, journal, position, status, ticker } from '../testing/fake-desk.ts';

type Fake = ReturnType<typeof fakeDesk>;
const roots: Root[] = [];

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});

afterEach(async () => {
  await act(() => {
    for (const root of roots.splice(0)) root.unmount();
  });
  document.body.replaceChildren();
});

async function mount(element: ReactNode): Promise<{ readonly host: HTMLElement; readonly root: Root }> {
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  roots.push(root);
  await act(() => root.render(element));
  return { host, root };
}

type Told<Value> = { readonly keep: (value: Value) => void };

const Notice = () => {
  const { status: state, data, stale } = useStatus();
  return `${state} ${stale} ${data?.notice ?? '…'}`;
};
const Line = () => `${useConnected()} ${useCandles('BTC-PERP@hyperliquid', '1m').status}`;
const Two = ({ fake, both }: { readonly fake: Fake; readonly both: boolean }) => (
  <>
    <DeskProvider store={fake.store}>a</DeskProvider>
    {both && <DeskProvider store={fake.store}>b</DeskProvider>}
  </>
);
const View = () => {
  const positions = usePositions();
  const made = useDesk(
    (state) => ({ known: state.events.status }),
    (a, b) => a.known === b.known,
  );
  const series = useCandles('BTC-PERP@hyperliquid', '1m');
  const price = useTicker('BTC-PERP@hyperliquid');
  return (
    <p>
      {positions.status} {positions.data?.length ?? 'none'} {made.known} {series.status} {price.status}{' '}
      {String(useConnected())}
    </p>
  );
};
const Results = ({ keep }: Told<readonly ResourceResult<unknown>[]>) => {
  keep([useOrders(), useEvents(), useTicker('BTC-PERP@hyperliquid')]);
  return null;
};
const Price = ({ id, keep }: Told<number | undefined> & { readonly id: InstrumentId }) => {
  const last = useTicker(id).data?.last;
  keep(last);
  return last;
};
const Positions = ({ keep }: Told<number | undefined>) => {
  keep(usePositions().data?.length);
  return null;
};
const Parity = ({ keep }: Told<boolean>) => {
  const { even } = useDesk(
    (state) => ({ even: (state.tickers['BTC-PERP@hyperliquid']?.last ?? 0) % 2 === 0 }),
    (a, b) => a.even === b.even,
  );
  keep(even);
  return even ? 'even' : 'odd';
};
const Acts = ({ keep }: Told<DeskActions>) => {
  keep(useDeskActions());
  return useStatus().data?.notice;
};
const Talk = ({ keep }: Told<ChatState>) => {
  keep(useChat());
  return null;
};
const Chart = ({ keep, timeframe = '1m' }: Told<CandleSeries> & { readonly timeframe?: '1m' | '5m' }) => {
  keep(useCandles('BTC-PERP@hyperliquid', timeframe, 3));
  return null;
};

const pass = (fake: Fake, ms = 1000): Promise<void> => act(() => fake.clock.advanceBy(ms));

describe('DeskProvider', () => {
  it('default: below it hooks give what the desk says, loading, then ready, then live', async () => {
    const fake = fakeDesk();
    const { host } = await mount(
      <DeskProvider store={fake.store}>
        <Notice />
      </DeskProvider>,
    );
    expect(host.textContent).toBe('loading false …');
    fake.say('open');
    await pass(fake);
    expect(host.textContent).toBe('ready false A simulated market.');
    fake.say('status', status({ notice: 'Another.' }));
    await pass(fake);
    expect(host.textContent).toBe('ready false Another.');
  });

  it('behavior: StrictMode starts it twice and one stream is open; unmounting leaves no stream and no timer', async () => {
    const fake = fakeDesk();
    const { root, host } = await mount(
      <StrictMode>
        <DeskProvider store={fake.store}>
          <Line />
        </DeskProvider>
      </StrictMode>,
    );
    expect([fake.sources.length, fake.openSources()]).toEqual([2, 1]);
    fake.say('open');
    await pass(fake);
    expect(host.textContent).toBe('true ready');
    fake.say('journal', journal(1, 'order.filled'));
    fake.say('market', { atMs: 1, tickers: [ticker(1)], candles: [] });
    await act(() => root.unmount());
    await fake.clock.idle();
    expect(fake.openSources()).toBe(0);
    expect(fake.clock.nextTimerAtMs()).toBeUndefined();
  });

  it('behavior: two providers of one store share its stream until the last is gone', async () => {
    const fake = fakeDesk();
    const { root } = await mount(<Two fake={fake} both />);
    expect(fake.sources.length).toBe(1);
    await act(() => root.render(<Two fake={fake} both={false} />));
    expect(fake.openSources()).toBe(1);
  });

  it('behavior: another store takes the place of the first', async () => {
    const [one, two] = [fakeDesk(), fakeDesk()];
    const page = (fake: Fake) => (
      <DeskProvider store={fake.store}>
        <Notice />
      </DeskProvider>
    );
    const { root, host } = await mount(page(one));
    two.answers['/status'] = status({ notice: 'The second.' });
    await act(() => root.render(page(two)));
    two.say('open');
    await pass(two);
    expect(host.textContent).toBe('ready false The second.');
    expect(one.openSources()).toBe(0);
  });

  it('behavior: a server renders the first view of a browser, however much a store knows already', async () => {
    const fake = fakeDesk();
    fake.answers['/positions'] = [position()];
    const stop = fake.store.start();
    fake.say('open');
    await fake.clock.advanceBy(1000);
    const page = (
      <DeskProvider store={fake.store}>
        <View />
      </DeskProvider>
    );
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const html = renderToString(page);
    expect(html).toContain('loading<!-- --> <!-- -->none');
    const host = document.body.appendChild(document.createElement('div'));
    host.innerHTML = html;
    const mismatches: unknown[] = [];
    await act(() => {
      roots.push(hydrateRoot(host, page, { onRecoverableError: (error) => mismatches.push(error) }));
    });
    await pass(fake);
    expect(mismatches).toEqual([]);
    expect(complaints.mock.calls).toEqual([]);
    complaints.mockRestore();
    expect(host.textContent).toBe('ready 1 ready ready loading true');
    stop();
  });

  it('error: a hook outside a provider says what is missing', async () => {
    expect(() => renderToString(<Notice />)).toThrow('below a <DeskProvider>');
  });
});

describe('hooks', () => {
  it('behavior: each is of one shape: status, data, error, stale', async () => {
    const fake = fakeDesk();
    fake.answers['/orders'] = () => new Error('down');
    let results: readonly ResourceResult<unknown>[] = [];
    const keep = (told: typeof results): void => {
      results = told;
    };
    await mount(
      <DeskProvider store={fake.store}>
        <Results keep={keep} />
      </DeskProvider>,
    );
    expect(results).toEqual(Array(3).fill({ status: 'loading', stale: false }));
    fake.say('open');
    await pass(fake);
    expect(results[0]).toMatchObject({ status: 'failed', error: { code: 'desk.unreachable' }, stale: false });
    expect(results[1]).toEqual({ status: 'ready', data: [], stale: false });

    fake.answers['/orders'] = [];
    fake.say('status', status());
    fake.say('market', { atMs: 1, tickers: [ticker(3)], candles: [] });
    await pass(fake);
    expect(results[0]).toEqual({ status: 'ready', data: [], stale: false });
    expect(results[2]).toMatchObject({ status: 'ready', data: { last: 3 }, stale: false });

    fake.say('error');
    await pass(fake);
    for (const result of results) expect(result).toMatchObject({ status: 'ready', stale: true });

    fake.say('open');
    fake.answers['/orders'] = new Error('down');
    await pass(fake);
    expect(results[0]).toMatchObject({ status: 'failed', data: [], stale: true });
  });

  it('behavior: a component renders again only when its part changed', async () => {
    const fake = fakeDesk();
    fake.answers['/positions'] = [position()];
    const renders = { price: 0, other: 0, positions: 0, parity: 0 };
    const count = (name: keyof typeof renders) => () => {
      renders[name] += 1;
    };
    const { host } = await mount(
      <DeskProvider store={fake.store}>
        <Price id="BTC-PERP@hyperliquid" keep={count('price')} />{' '}
        <Price id="ETH-PERP@hyperliquid" keep={count('other')} /> <Positions keep={count('positions')} />
        <Parity keep={count('parity')} />
      </DeskProvider>,
    );
    fake.say('open');
    await pass(fake);
    const before = { ...renders };
    for (let each = 1; each <= 10; each += 1) {
      fake.say('market', { atMs: each, tickers: [ticker(each * 2)], candles: [bar(1, each)] });
      fake.say('status', status({ atMs: each }));
      fake.say('journal', journal(each, 'position.changed'));
      await pass(fake);
    }
    expect(host.textContent).toBe('20  even');
    expect(renders).toEqual({ ...before, price: before.price + 10 });
  });

  it('behavior: acts go out, what they change is looked at again, a refusal is the caller’s', async () => {
    const fake = fakeDesk();
    fake.answers['/approvals/s/approve'] = { outcome: 'approved' };
    fake.answers['/kill-switch'] = new Error('cut');
    let acts: DeskActions | undefined;
    const seen = new Set<DeskActions>();
    const keep = (told: DeskActions): void => {
      acts = told;
      seen.add(told);
    };
    await mount(
      <DeskProvider store={fake.store}>
        <Acts keep={keep} />
      </DeskProvider>,
    );
    await pass(fake);
    const before = fake.count('/approvals');
    expect(await acts?.approve('s', 'f'.repeat(64))).toEqual({ outcome: 'approved' });
    await pass(fake);
    expect(fake.count('/approvals')).toBe(before + 1);
    await expect(acts?.halt('x')).rejects.toMatchObject({ code: 'desk.unreachable' });
    expect(seen.size).toBe(1);
  });
});

const message = (id: string, role: 'user' | 'assistant', text: string, conversationId = 'c1') => ({
  ...{ id, conversationId, userId: 'demo', role, agents: [], text, citations: [], atMs: 1 },
});

describe('useChat', () => {
  async function chatting(fake: Fake) {
    const kept: { chat?: ChatState } = {};
    await mount(
      <DeskProvider store={fake.store}>
        <Talk keep={(value) => void Object.assign(kept, { chat: value })} />
      </DeskProvider>,
    );
    fake.say('open');
    await pass(fake);
    return { now: () => kept.chat, texts: () => kept.chat?.messages.map(({ text }) => text) };
  }

  it('default: the newest conversation is there; a question goes on with it and its answer comes', async () => {
    const fake = fakeDesk();
    fake.answers['/conversations'] = [{ id: 'c1', startedAtMs: 1, lastAtMs: 2 }];
    fake.answers['/conversation'] = [message('m1', 'user', 'Before.'), message('m2', 'assistant', 'Yes.')];
    const { now, texts } = await chatting(fake);
    expect(now()).toMatchObject({ status: 'ready', conversationId: 'c1' });
    expect(texts()).toEqual(['Before.', 'Yes.']);

    const { promise, resolve } = Promise.withResolvers<unknown>();
    fake.answers['/chat'] = () => promise;
    const proposals = fake.count('/proposals');
    let asked: Promise<unknown> | undefined;
    await act(async () => {
      asked = now()?.ask('And now?');
    });
    expect(now()?.pending).toBe('And now?');
    fake.answers['/conversation'] = [message('m3', 'user', 'And now?'), message('m4', 'assistant', 'Still.')];
    await act(async () => {
      resolve(message('m4', 'assistant', 'Still.'));
      await asked;
    });
    expect(now()?.pending).toBeUndefined();
    expect(texts()).toEqual(['And now?', 'Still.']);
    expect(fake.requests.find(({ route }) => route === '/chat')?.body).toBe(
      '{"conversationId":"c1","text":"And now?"}',
    );
    await pass(fake);
    expect(fake.count('/proposals')).toBe(proposals + 1);
  });

  it('behavior: a new conversation begins empty, and an answer to the one before does not come into it', async () => {
    const fake = fakeDesk();
    fake.answers['/conversations'] = [{ id: 'c1', startedAtMs: 1, lastAtMs: 2 }];
    fake.answers['/conversation'] = [message('m1', 'user', 'Before.')];
    const { now, texts } = await chatting(fake);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    fake.answers['/chat'] = () => promise;
    let asked: Promise<unknown> | undefined;
    await act(async () => {
      asked = now()?.ask('Slow?');
    });
    await act(async () => now()?.begin());
    expect(texts()).toEqual([]);
    await act(async () => {
      resolve(message('m2', 'assistant', 'Late.'));
      await asked;
    });
    expect(texts()).toEqual([]);
    expect(now()?.pending).toBeUndefined();
    fake.answers['/chat'] = message('m9', 'assistant', 'Anew.', 'c2');
    fake.answers['/conversation'] = new Error('cut');
    await act(async () => void (await now()?.ask('Anew?')));
    expect(fake.requests.findLast(({ route }) => route === '/chat')?.body).toBe('{"text":"Anew?"}');
    expect(texts()).toEqual(['Anew.']);
  });

  it('behavior: what was said is forgotten by the desk and gone here, and stays where the desk could not', async () => {
    const fake = fakeDesk();
    fake.answers['/conversations'] = [{ id: 'c1', startedAtMs: 1, lastAtMs: 2 }];
    fake.answers['/conversation'] = [message('m1', 'user', 'Before.')];
    const { now, texts } = await chatting(fake);
    fake.answers['/chat/forget'] = new Error('cut');
    await act(async () => {
      await expect(now()?.forget()).rejects.toMatchObject({ code: 'desk.unreachable' });
    });
    expect(texts()).toEqual(['Before.']);
    fake.answers['/chat/forget'] = { outcome: 'forgotten' };
    await act(async () => void (await now()?.forget()));
    expect(texts()).toEqual([]);
    expect(now()?.conversationId).toBeUndefined();
    expect(fake.requests.findLast(({ route }) => route === '/chat/forget')?.body).toBe('{}');
  });

  it('error: a question that fails rejects, and what was said stays', async () => {
    const fake = fakeDesk();
    fake.answers['/conversations'] = [{ id: 'c1', startedAtMs: 1, lastAtMs: 2 }];
    fake.answers['/conversation'] = [message('m1', 'user', 'Before.')];
    const { now, texts } = await chatting(fake);
    fake.answers['/chat'] = new Error('cut');
    await act(async () => {
      await expect(now()?.ask('Hm?')).rejects.toMatchObject({ code: 'desk.unreachable' });
    });
    expect(now()?.pending).toBeUndefined();
    expect(texts()).toEqual(['Before.']);
  });
});

describe('useCandles', () => {
  it('behavior: bars go past React: a watcher is told, nothing renders', async () => {
    const fake = fakeDesk();
    fake.answers['/candles'] = [bar(1, 5)];
    let renders = 0;
    let series: CandleSeries | undefined;
    const keep = (value: CandleSeries): void => {
      renders += 1;
      series = value;
    };
    await mount(
      <DeskProvider store={fake.store}>
        <Chart keep={keep} />
      </DeskProvider>,
    );
    fake.say('open');
    await pass(fake);
    expect(series).toMatchObject({ status: 'ready', data: [bar(1, 5)], stale: false });
    const closes: number[] = [];
    const unwatch = series?.watch((candle) => closes.push(candle.close));
    const before = renders;
    for (let each = 0; each < 5; each += 1) {
      fake.say('market', { atMs: each, tickers: [], candles: [bar(2, 10 + each)] });
      await pass(fake);
    }
    unwatch?.();
    fake.say('market', { atMs: 9, tickers: [], candles: [bar(2, 99)] });
    await pass(fake);
    expect(closes).toEqual([10, 11, 12, 13, 14]);
    expect(renders).toBe(before);
  });

  it('behavior: bars stay shown, as stale, while the line is down, and are fetched again when it is back', async () => {
    const fake = fakeDesk();
    fake.answers['/candles'] = [bar(1, 5)];
    const statuses: string[] = [];
    let series: CandleSeries | undefined;
    const keep = (value: CandleSeries): void => {
      series = value;
      statuses.push(value.status);
    };
    await mount(
      <DeskProvider store={fake.store}>
        <Chart keep={keep} />
      </DeskProvider>,
    );
    fake.say('open');
    await pass(fake);
    fake.say('error');
    await pass(fake);
    expect(series).toMatchObject({ data: [bar(1, 5)], stale: true });
    fake.answers['/candles'] = [bar(1, 5), bar(2, 6)];
    fake.say('open');
    await pass(fake);
    expect(series).toMatchObject({ data: [bar(1, 5), bar(2, 6)], stale: false });
    expect(statuses.lastIndexOf('loading')).toBeLessThan(statuses.indexOf('ready'));
  });

  it('behavior: another series shows none of the first, and the first’s late answer is dropped', async () => {
    const fake = fakeDesk();
    let answerFirst: (value: unknown) => void = () => {};
    fake.answers['/candles'] = (url: string) =>
      url.includes('timeframe=1m')
        ? new Promise((resolve) => (answerFirst = resolve))
        : [bar(9, 9, { timeframe: '5m' })];
    let keep = (_: CandleSeries): unknown => undefined;
    const page = (timeframe: '1m' | '5m') => (
      <DeskProvider store={fake.store}>
        <Chart keep={(value) => keep(value)} timeframe={timeframe} />
      </DeskProvider>
    );
    const { root } = await mount(page('1m'));
    await pass(fake);
    const shown: unknown[] = [];
    keep = (value) => shown.push(value.data?.[0]?.close);
    await act(() => root.render(page('5m')));
    await act(() => answerFirst([bar(1, 1)]));
    await pass(fake);
    expect(shown[0]).toBeUndefined();
    expect(new Set(shown)).toEqual(new Set([undefined, 9]));
  });
});
