import {
  type AgentCallOptions,
  type Direction,
  LocalMarketBus,
  MemoryEventBus,
  type Opinion,
  SeededRandom,
  type SensingAgent,
  SimulatedClock,
  SortableIdGenerator,
  StoreError,
  type TurnDraft,
  timeframeMs,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { traceDecision } from '../trace/decision-trace.ts';
import { agent, closeAtMs, instrument, market, opinion, turnOf } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';
import { WarRoomService, type WarRoomServiceOptions } from './war-room-service.ts';

const panel = ['vanta', 'luma', 'meridian'] as const;

interface DeskOptions extends Partial<Pick<WarRoomServiceOptions, 'marketBus' | 'ledger'>> {
  readonly triggers?: Partial<Record<string, '15m' | '4h'>>;
  readonly debates?: Partial<Record<string, SensingAgent['debate']>>;
}

async function desk({ triggers = {}, debates = {}, ...options }: DeskOptions = {}) {
  const clock = new SimulatedClock({ startAtMs: closeAtMs });
  const eventBus = new MemoryEventBus({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('room') }),
  });
  const marketView = market({ clock });
  const agents = panel.map((name) => ({
    ...agent(name, debates[name]),
    triggers: [{ kind: 'candle-close', timeframe: triggers[name] ?? '15m' } as const],
  }));
  const service = new WarRoomService({
    warRoom: new WarRoom({ agents, marketView, wallClock: new SimulatedClock() }),
    eventBus,
    marketView,
    clock,
    ...options,
  });
  await service.start();
  const close = (atMs = closeAtMs, id = instrument.id) =>
    eventBus.publish({
      id: `candle.closed:${id}:${atMs}`,
      type: 'candle.closed',
      key: `${id}:15m`,
      traceId: `trace:${atMs}`,
      payload: {
        instrumentId: id,
        timeframe: '15m',
        openAtMs: atMs - timeframeMs('15m'),
        open: 60_000,
        high: 60_050,
        low: 59_950,
        close: 60_000,
        volume: 10,
      },
    });
  const say = (given: Opinion) =>
    eventBus.publish({ id: given.id, type: 'opinion.published', key: given.market, payload: given });
  const abstain = (name: string, reason: string) =>
    eventBus.publish({
      type: 'agent.abstained',
      key: 'BTC-PERP',
      payload: { agent: name, market: 'BTC-PERP', atMs: closeAtMs, reason },
    });
  const told = async () => {
    await clock.idle();
    const events = await eventBus.read({
      types: ['round.opened', 'turn.completed', 'round.concluded', 'recommendation.published'],
    });
    return events.map(({ event }) => event);
  };
  return { clock, eventBus, service, close, say, abstain, told };
}

/** Agreed, and not so sure that the devil's advocate is heard. */
const all = (direction: Direction = 'long') => panel.map((name) => opinion(name, direction, 0.74));

describe('WarRoomService', () => {
  it('default: the round starts with the last opinion, and its plan and end are published once', async () => {
    const { close, say, told } = await desk();
    await close();
    for (const given of all().slice(0, 2)) await say(given);
    expect(await told()).toEqual([]);
    for (const given of all().slice(2)) await say(given);
    expect((await told()).map((event) => event.type)).toEqual([
      'round.opened',
      'turn.completed',
      'turn.completed',
      'turn.completed',
      'recommendation.published',
      'round.concluded',
    ]);
  });

  it('behavior: opinions that come before the close count too', async () => {
    const { close, say, told } = await desk();
    for (const given of all()) await say(given);
    await close();
    expect((await told()).at(-1)?.type).toBe('round.concluded');
  });

  it('behavior: an agent that is silent is waited for 15 seconds, not more', async () => {
    const { clock, close, say, told } = await desk();
    await close();
    for (const given of all().slice(0, 2)) await say(given);
    await clock.advanceBy(14_999);
    expect(await told()).toEqual([]);
    await clock.advanceBy(1);
    expect((await told()).at(-1)?.payload).toMatchObject({
      outcome: 'published',
      consensus: { missing: ['meridian'] },
    });
  });

  it('behavior: who does not speak on this close is not waited for', async () => {
    // The tests' close is a full hour; Vanta and Luma speak each quarter, Meridian each four hours.
    const { close, say, told } = await desk({ triggers: { meridian: '4h' } });
    expect(closeAtMs % timeframeMs('4h')).not.toBe(0);
    await close();
    for (const given of all().slice(0, 2)) await say(given);
    expect((await told()).at(-1)?.type).toBe('round.concluded');
  });

  it('behavior: without history the round says so', async () => {
    const { close, abstain, told } = await desk();
    await close();
    for (const name of panel) await abstain(name, 'insufficient-history');
    expect((await told()).at(-1)?.payload).toMatchObject({ outcome: 'stood-aside', reason: 'insufficient-history' });
  });

  it('behavior: the same close told again, or an old one, makes no second plan', async () => {
    const { clock, close, say, told } = await desk();
    await close();
    for (const given of all()) await say(given);
    const first = await told();
    await close();
    await clock.advanceBy(16_000);
    await close(closeAtMs - 900_000);
    expect(await told()).toEqual(first);
  });

  it('behavior: a plan is traced back to the candle', async () => {
    const { close, say, told, eventBus } = await desk();
    await close();
    for (const given of all()) await say(given);
    await told();
    const trace = await traceDecision(eventBus, `trace:${closeAtMs}`);
    expect(trace.length).toBe(7);
    expect(trace.roots.map((step) => step.event.type)).toEqual(['candle.closed']);
    const [opened] = trace.roots[0]?.led ?? [];
    expect(opened?.led.map((step) => step.event.type)).toEqual([
      'turn.completed',
      'turn.completed',
      'turn.completed',
      'recommendation.published',
      'round.concluded',
    ]);
  });

  it('behavior: opinions said before a restart count after it', async () => {
    const { clock, eventBus, service, close, say, told } = await desk();
    for (const given of all()) await say(given);
    await told();
    await service.stop();
    const marketView = market({ clock });
    const again = new WarRoomService({
      warRoom: new WarRoom({ agents: panel.map((name) => agent(name)), marketView, wallClock: new SimulatedClock() }),
      eventBus,
      marketView,
      clock,
    });
    await again.start();
    await close();
    expect((await told()).at(-1)?.payload).toMatchObject({ outcome: 'published' });
  });

  it('behavior: it tells who fell back or was spoken for, and what the models were paid', async () => {
    const asked: unknown[] = [];
    const { close, say, told } = await desk({
      debates: {
        vanta: async ({ opinion: own }, options) => {
          options?.onReport?.({ kind: 'fell-back', code: 'model.timeout', message: 'slow' });
          return turnOf(own, 0);
        },
        luma: () => Promise.reject(new Error('no')),
      },
      ledger: {
        spent: async (query) => {
          asked.push(query);
          return { calls: 2, failedCalls: 1, inputTokens: 900, outputTokens: 80, usd: 0.0123, modelMs: 1_400 };
        },
      },
    });
    await close();
    for (const given of all()) await say(given);
    expect((await told()).at(-1)?.payload).toMatchObject({
      outcome: 'published',
      degraded: [
        { agent: 'vanta', code: 'model.timeout' },
        { agent: 'luma', code: 'turn.failed' },
      ],
      cost: { usd: 0.0123, inputTokens: 900, outputTokens: 80 },
    });
    expect(asked).toEqual([{ roundKey: `BTC-PERP:15m:${closeAtMs}` }]);
  });

  it('behavior: where all work as meant and the ledger can not be read, it tells neither', async () => {
    const ledger = { spent: () => Promise.reject(new StoreError('database.unreachable', 'Gone.')) };
    const { close, say, told } = await desk({ ledger });
    await close();
    for (const given of all()) await say(given);
    const payload = (await told()).at(-1)?.payload;
    expect(payload).not.toHaveProperty('degraded');
    expect(payload).not.toHaveProperty('cost');
  });

  it('behavior: words are shown while they are said, bounded, by lane; a screen that fails disturbs nothing', async () => {
    const marketBus = new LocalMarketBus({ clock: new SimulatedClock() });
    const drafts: (readonly [string, TurnDraft])[] = [];
    marketBus.subscribe({ type: 'turn.drafted' }, (draft, key) => {
      drafts.push([key, draft]);
      throw new Error('no screen');
    });
    let late: AgentCallOptions | undefined;
    const { close, say, told } = await desk({
      marketBus,
      debates: {
        luma: async ({ opinion: own }, options) => {
          late = options;
          for (const text of ['The', 'The funding', 'x'.repeat(9_000)]) options?.onDraft?.(text);
          return turnOf(own, 1);
        },
      },
    });
    await close();
    for (const given of all()) await say(given);
    const events = await told();
    expect(events.at(-1)?.payload).toMatchObject({ outcome: 'published' });
    const key = `BTC-PERP:15m:${closeAtMs}`;
    const draft = { roundKey: key, market: 'BTC-PERP', agent: 'luma', index: 1 };
    expect(drafts.map(([lane]) => lane)).toEqual(Array.from({ length: 3 }, () => 'BTC-PERP:luma'));
    expect(drafts.slice(0, 2).map(([, shown]) => shown)).toEqual([
      { ...draft, text: 'The' },
      { ...draft, text: 'The funding' },
    ]);
    expect(drafts[2]?.[1].text).toHaveLength(4_000);
    expect(late?.context).toEqual({ roundKey: key, traceId: `trace:${closeAtMs}`, agent: 'luma' });
  });

  it('behavior: stopped in the middle of a round it tells models to stop, publishes no more, and goes on when started', async () => {
    let asked = 0;
    let aborted = false;
    const { service, close, say, told, eventBus, clock } = await desk({
      debates: {
        luma: ({ opinion: own }, options) => {
          asked += 1;
          if (asked > 1) return Promise.resolve(turnOf(own, 1));
          options?.signal?.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise(() => {});
        },
      },
    });
    await close();
    for (const given of all()) await say(given);
    const read = async () => (await eventBus.read({ types: ['turn.completed', 'round.concluded'] })).length;
    while ((await read()) === 0) await new Promise((resolve) => setImmediate(resolve));
    await service.stop();
    expect([aborted, service.health().status, (await told()).map((event) => event.type)]).toEqual([
      true,
      'stopped',
      ['round.opened', 'turn.completed'],
    ]);
    await clock.advanceBy(30_000);
    expect(await read()).toBe(1);
    await service.start();
    expect((await told()).at(-1)?.payload).toMatchObject({ outcome: 'published' });
    expect(await read()).toBe(4);
  });

  it('behavior: a close that is told again, while its round is held or after, is no second round', async () => {
    let asked = 0;
    const { service, close, say, told, eventBus } = await desk({
      debates: {
        vanta: async ({ opinion: own }) => {
          asked += 1;
          return turnOf(own, 0);
        },
      },
    });
    for (const given of all()) await say(given);
    await close();
    // The same bar under another id, as a feed that was started again may tell it.
    const again = async (id: string) => {
      const [stored] = await eventBus.read({ types: ['candle.closed'] });
      if (stored?.event.type === 'candle.closed')
        await eventBus.publish({ ...stored.event, id, type: 'candle.closed' });
    };
    await again('told-again');
    const first = await told();
    await again('told-later');
    await service.stop();
    await service.start();
    await again('told-after-a-restart');
    expect(await told()).toEqual(first);
    expect(asked).toBe(1);
  });
});
