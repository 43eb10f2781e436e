import {
  type Direction,
  MemoryEventBus,
  type Opinion,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  timeframeMs,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { traceDecision } from '../trace/decision-trace.ts';
import { agent, closeAtMs, instrument, market, opinion } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';
import { WarRoomService } from './war-room-service.ts';

const panel = ['vanta', 'luma', 'meridian'] as const;

async function desk({ triggers = {} }: { readonly triggers?: Partial<Record<string, '15m' | '4h'>> } = {}) {
  const clock = new SimulatedClock({ startAtMs: closeAtMs });
  const eventBus = new MemoryEventBus({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('room') }),
  });
  const marketView = market({ clock });
  const agents = panel.map((name) => ({
    ...agent(name),
    triggers: [{ kind: 'candle-close', timeframe: triggers[name] ?? '15m' } as const],
  }));
  const service = new WarRoomService({
    warRoom: new WarRoom({ agents, marketView, wallClock: new SimulatedClock() }),
    eventBus,
    marketView,
    clock,
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

const all = (direction: Direction = 'long') => panel.map((name) => opinion(name, direction, 0.75));

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
});
