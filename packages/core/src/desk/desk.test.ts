import { afterEach, describe, expect, it } from 'vitest';
import { MemoryEventBus } from '../bus/memory-event-bus.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { Health, Service } from '../ports/service.ts';
import { collect } from '../testing/collect.ts';
import { testClock, testIds } from '../testing/test-ids.ts';
import { Desk, type DeskOptions } from './desk.ts';

/** Services that note what is done to them. */
function services(names: readonly string[], ways: Partial<Record<string, Partial<Service>>> = {}) {
  const log: string[] = [];
  const health = new Map<string, Health>();
  const made = names.map(
    (name): Service => ({
      name,
      start: async () => void log.push(`+${name}`),
      stop: async () => void log.push(`-${name}`),
      health: () => health.get(name) ?? { status: 'healthy' },
      ...ways[name],
    }),
  );
  return { log, health, services: made };
}

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop();
});

function desk(clock: SimulatedClock, options: Omit<DeskOptions, 'clock'>) {
  const eventBus = new MemoryEventBus({ clock, ids: testIds() });
  const failures = collect(eventBus, ['service.failed']);
  const made = new Desk({ clock, eventBus, ...options });
  desks.push(made);
  return { desk: made, failures: () => failures.events.map(({ key, payload }) => [key, payload.message]) };
}

const fail = (message: string) => async () => {
  throw new ConfigError('port.in-use', message);
};

describe('Desk', () => {
  it('default: services start in order and stop in reverse, once', async () => {
    const clock = testClock();
    const given = services(['a', 'b', 'c']);
    const { desk: made } = desk(clock, given);
    await Promise.all([made.start(), made.start()]);
    expect(made.health().map(({ service, health }) => [service, health.status])).toEqual([
      ['a', 'healthy'],
      ['b', 'healthy'],
      ['c', 'healthy'],
    ]);
    await Promise.all([made.stop(), made.stop()]);
    expect(given.log).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
    expect(made.health().map(({ health }) => health.status)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(clock.nextTimerAtMs()).toBeUndefined();
  });

  it('behavior: a service that does not start is stopped and told; the others run', async () => {
    const clock = testClock();
    const given = services(['a', 'b', 'c'], { b: { start: fail('port 80 is in use') } });
    const { desk: made, failures } = desk(clock, given);
    await made.start();
    await clock.idle();
    expect(given.log).toEqual(['+a', '-b', '+c']);
    expect(failures()).toEqual([['b', 'port 80 is in use']]);
    expect(made.health()[1]).toEqual({ service: 'b', health: { status: 'failed', detail: 'port 80 is in use' } });
    await made.stop();
    expect(given.log).toEqual(['+a', '-b', '+c', '-c', '-a']);
  });

  it('behavior: a service that fails later is told once for each time, and the others run on', async () => {
    const clock = testClock();
    const given = services(['a', 'b']);
    const { desk: made, failures } = desk(clock, { ...given, healthEveryMs: 1_000 });
    await made.start();
    await clock.advanceBy(5_000);
    expect(failures()).toEqual([]);
    given.health.set('a', { status: 'failed', detail: 'socket gone' });
    await clock.advanceBy(5_000);
    expect(failures()).toEqual([['a', 'socket gone']]);
    given.health.set('a', { status: 'degraded', detail: 'slow' });
    await clock.advanceBy(1_000);
    given.health.set('a', { status: 'failed', detail: 'gone again' });
    await clock.advanceBy(5_000);
    expect(failures()).toEqual([
      ['a', 'socket gone'],
      ['a', 'gone again'],
    ]);
    expect(given.log).toEqual(['+a', '+b']);
  });

  it('behavior: a service whose health throws has failed', async () => {
    const clock = testClock();
    const given = services(['a'], {
      a: {
        health: () => {
          throw new Error('confused');
        },
      },
    });
    const { desk: made, failures } = desk(clock, { ...given, healthEveryMs: 1_000 });
    await made.start();
    await clock.advanceBy(3_000);
    expect(failures()).toEqual([['a', 'confused']]);
  });

  it('behavior: services that throw or hang while stopping do not keep the others from it', async () => {
    const clock = testClock();
    const given = services(['a', 'b', 'c'], { b: { stop: () => new Promise(() => {}) }, c: { stop: fail('no') } });
    const { desk: made } = desk(clock, { ...given, stopWithinMs: 2_000 });
    await made.start();
    const stopping = made.stop();
    await clock.advanceBy(1_999);
    expect(given.log).toEqual(['+a', '+b', '+c']);
    await clock.advanceBy(1);
    await stopping;
    expect(given.log).toEqual(['+a', '+b', '+c', '-a']);
  });

  it('behavior: stopping while it starts aborts the start and stops what had started', async () => {
    const clock = testClock();
    const given = services(['a', 'b', 'c'], {
      b: {
        start: ({ signal } = {}) =>
          new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      },
    });
    const { desk: made, failures } = desk(clock, given);
    const starting = made.start();
    await clock.idle();
    const [outcome] = await Promise.allSettled([starting, made.stop()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'desk.stopped' } });
    expect(given.log).toEqual(['+a', '-b', '-a']);
    expect(failures()).toEqual([]);
  });

  it('behavior: await using stops it', async () => {
    const given = services(['a']);
    {
      await using made = new Desk({ ...given, clock: testClock() });
      await made.start();
    }
    expect(given.log).toEqual(['+a', '-a']);
  });

  it('error: a required service that does not start ends the start, by its name and code, after stopping what ran', async () => {
    const clock = testClock();
    const given = services(['a', 'b', 'c'], { b: { start: fail('port 80 is in use') } });
    const { desk: made } = desk(clock, { ...given, required: ['b'] });
    await expect(made.start()).rejects.toMatchObject({
      code: 'port.in-use',
      message: 'The service "b" did not start: port 80 is in use',
    });
    expect(given.log).toEqual(['+a', '-b', '-a']);
    expect(clock.nextTimerAtMs()).toBeUndefined();
  });

  it('error: two services of a name, or a required one that is not there', () => {
    const clock = testClock();
    expect(() => new Desk({ clock, ...services(['a', 'a']) })).toThrow(
      expect.objectContaining({ code: 'desk.duplicate-service' }),
    );
    expect(() => new Desk({ clock, ...services(['a']), required: ['b'] })).toThrow(
      expect.objectContaining({ code: 'desk.unknown-service' }),
    );
  });
});
