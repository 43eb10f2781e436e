import { type Candle, ConfigError, type MarketStep, SimulatedClock, ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { MarketPlayer, type MarketPlayerOptions } from './market-player.ts';
import { exampleCandles, exampleInstrument } from './testing/example-market.ts';
import { ScriptedSource, stepsOf } from './testing/scripted-source.ts';
import { serviceHarness } from './testing/service-harness.ts';

const btc = exampleInstrument('BTC-PERP', 'hyperliquid');
const fromMs = Date.UTC(2026, 0, 5, 8);
const minuteMs = 60_000;
const at = (n: number): number => fromMs + n * minuteMs;
const minutes = (count: number): Candle[] => exampleCandles(btc.id, '1m', fromMs, count);

function setUp(
  options: Partial<MarketPlayerOptions> & {
    readonly steps?: Iterable<MarketStep>;
    readonly history?: readonly Candle[][];
  } = {},
) {
  const { steps = stepsOf(minutes(20)), history = [], ...rest } = options;
  const harness = serviceHarness({ startAtMs: 0, instruments: [] });
  const source = new ScriptedSource({ instruments: [btc], history, steps });
  const wallClock = new SimulatedClock({ startAtMs: 1_000_000 });
  const player = new MarketPlayer({
    source,
    service: harness.service,
    clock: harness.clock,
    speed: 'max',
    wallClock,
    ...rest,
  });
  return { ...harness, source, wallClock, player };
}

/** Lets the wall clock run while a run goes on, in small ticks, until a given time. */
async function runWall(wallClock: SimulatedClock, durationMs: number): Promise<void> {
  const endMs = wallClock.nowMs() + durationMs;
  while (wallClock.nowMs() < endMs) await wallClock.advanceBy(50);
}

describe('at speed max', () => {
  it('default: prepares at the first step, plays all, goes on for the settle period and ends', async () => {
    const { player, clock, durable, service, source } = setUp();
    await player.prepare();
    expect(clock.nowMs()).toBe(at(1));
    let firedAtMs = 0;
    clock.setTimer(19 * minuteMs + 15_000, () => {
      firedAtMs = clock.nowMs();
    });
    const result = await player.run();
    expect(result).toStrictEqual({
      outcome: 'ended',
      steps: 20,
      fromMs: at(1),
      atMs: at(20),
      behindMs: 0,
      maxBehindMs: 0,
      slippedMs: 0,
    });
    expect(firedAtMs).toBe(at(20) + 15_000);
    expect(clock.nowMs()).toBe(at(20) + 60_000);
    expect(service.counts().candles).toBe(20);
    expect(durable().length).toBe(5);
    expect(source.ended).toBe(true);
  });

  it('behavior: a timer set before the clock started keeps the time it has left', async () => {
    const { player, clock } = setUp();
    const fired: number[] = [];
    clock.setTimer(90_000, () => fired.push(clock.nowMs()));
    await player.prepare();
    await player.run();
    expect(fired).toStrictEqual([at(1) + 90_000]);
  });

  it('behavior: a clock that has moved goes to the first step, firing what waits', async () => {
    const { player, clock } = setUp();
    await clock.advanceTo(fromMs);
    const fired: number[] = [];
    clock.setTimer(30_000, () => fired.push(clock.nowMs()));
    await player.prepare();
    expect(fired).toStrictEqual([fromMs + 30_000]);
    expect(clock.nowMs()).toBe(at(1));
  });

  it('behavior: history is taken before the first step and told to nobody', async () => {
    const history = [exampleCandles(btc.id, '15m', fromMs - 30 * 15 * minuteMs, 30)];
    const { player, state, told } = setUp({ history });
    await player.prepare();
    expect(told).toStrictEqual([]);
    expect(state.candles(btc.id, '15m', 99).length).toBe(30);
    expect(state.indicators(btc.id, '15m')?.values).toHaveProperty('ema(20)');
  });

  it('behavior: steps up to fromMs only warm, steps after toMs are not played', async () => {
    const { player, state, durable, service, clock } = setUp({ fromMs: at(5), toMs: at(15) });
    await player.prepare();
    expect(clock.nowMs()).toBe(at(6));
    expect(state.candles(btc.id, '5m', 9).length).toBe(1);
    const { steps } = await player.run();
    expect(steps).toBe(10);
    expect(service.counts().candles).toBe(10);
    expect(durable()).toStrictEqual([
      `candle.closed:${btc.id}:5m:${at(10)}`,
      `candle.closed:${btc.id}:5m:${at(15)}`,
      `candle.closed:${btc.id}:15m:${at(15)}`,
    ]);
  });

  it('behavior: a step is asked for only after the one before was worked off and saved', async () => {
    const asked: number[] = [];
    const { player, source } = setUp({ onStep: () => void asked.push(source.asked) });
    await player.run();
    expect(asked).toStrictEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('behavior: the host has its turn at every step, and can stop a run to which nobody listens', async () => {
    const { player } = setUp({ steps: stepsOf(minutes(500)) });
    await player.prepare();
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (turns < 100) setImmediate(turn);
      else void player.stop();
    };
    setImmediate(turn);
    const { outcome, steps } = await player.run();
    expect(outcome).toBe('stopped');
    expect(steps).toBeLessThanOrEqual(100);
  });

  it('behavior: a service that has ended does not keep the host from its turns', async () => {
    const { player, service } = setUp({ steps: stepsOf(minutes(500)) });
    await player.prepare();
    await service.stop();
    setImmediate(() => void player.stop());
    const { outcome, steps } = await player.run();
    expect([outcome, steps <= 3]).toEqual(['stopped', true]);
  });

  it('behavior: what is begun where a step is told is begun at its instant', async () => {
    const seen: number[] = [];
    const { player, clock } = setUp({
      onStep: () => {
        setImmediate(() => seen.push(clock.nowMs()));
      },
    });
    await player.run();
    expect(seen).toStrictEqual(Array.from({ length: 20 }, (_, i) => at(i + 1)));
  });

  it('behavior: two runs of one script tell the same to the byte', async () => {
    const texts: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const { player, told } = setUp();
      await player.run();
      texts.push(JSON.stringify(told));
    }
    expect(texts[1]).toBe(texts[0]);
  });

  it('behavior: a source without steps ends at once', async () => {
    const { player } = setUp({ steps: [] });
    expect(await player.run()).toMatchObject({ outcome: 'ended', steps: 0, atMs: undefined });
  });

  it('behavior: stop ends a run whose handler never comes back', async () => {
    const { player, eventBus, wallClock, source } = setUp({ steps: stepsOf(minutes(1000)) });
    eventBus.handler = () => new Promise(() => {});
    void player.run();
    await wallClock.advanceBy(10);
    const stopped = player.stop();
    await wallClock.advanceBy(1000);
    await stopped;
    expect(source.asked).toBeLessThan(10);
  });

  it('error: what the source throws ends the run with it', async () => {
    function* broken(): Generator<MarketStep> {
      yield* stepsOf(minutes(3));
      throw new Error('the file ends here');
    }
    const { player, source } = setUp({ steps: broken() });
    await expect(player.run()).rejects.toThrow('the file ends here');
    expect(source.ended).toBe(true);
  });

  it('error: a clock that is already past the first step', async () => {
    const { player, clock } = setUp();
    await clock.advanceTo(at(30));
    await expect(player.run()).rejects.toThrow(ValidationError);
  });

  it('error: a speed that is none', () => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => setUp({ speed })).toThrow(ConfigError);
  });
});

describe('at a speed', () => {
  it('default: 60 plays a simulated minute in a second, timers between steps in their time', async () => {
    const { player, clock, wallClock } = setUp({ speed: 60 });
    await player.prepare();
    const running = player.run();
    let firedAtWallMs = 0;
    clock.setTimer(30_000, () => {
      firedAtWallMs = wallClock.nowMs();
    });
    await runWall(wallClock, 2500);
    expect(player.progress()).toMatchObject({ steps: 3, atMs: at(3) });
    expect(firedAtWallMs - 1_000_000).toBeGreaterThanOrEqual(500);
    expect(firedAtWallMs - 1_000_000).toBeLessThanOrEqual(700);
    await runWall(wallClock, 30_000);
    expect(await running).toMatchObject({ outcome: 'ended', steps: 20 });
  });

  it('behavior: falling behind is said, caught up where it is little, and nothing is left out', async () => {
    const { player, wallClock, eventBus, durable } = setUp({ speed: 60 });
    let slow = true;
    eventBus.handler = async () => {
      if (!slow) return;
      slow = false;
      await wallClock.sleep(3000);
    };
    const running = player.run();
    await runWall(wallClock, 60_000);
    const result = await running;
    expect(result).toMatchObject({ outcome: 'ended', steps: 20, slippedMs: 0 });
    expect(result.maxBehindMs).toBeGreaterThan(1500);
    expect(result.behindMs).toBeLessThan(100);
    expect(durable().length).toBe(5);
  });

  it('behavior: what it lags behind by more than five seconds is let go, not raced after', async () => {
    const { player, wallClock, eventBus } = setUp({ speed: 60 });
    let slow = true;
    eventBus.handler = async () => {
      if (!slow) return;
      slow = false;
      await wallClock.sleep(20_000);
    };
    const running = player.run();
    await runWall(wallClock, 24_500);
    expect(player.progress().steps).toBeLessThan(8);
    await runWall(wallClock, 60_000);
    const result = await running;
    expect(result).toMatchObject({ outcome: 'ended', steps: 20 });
    expect(result.slippedMs).toBeGreaterThan(15_000);
  });

  it('behavior: stop while waiting ends the run at once', async () => {
    const { player, wallClock, source } = setUp({ speed: 1 });
    const running = player.run();
    await runWall(wallClock, 1000);
    await player.stop();
    expect(await running).toMatchObject({ outcome: 'stopped', steps: 1 });
    expect(source.ended).toBe(true);
  });

  it('behavior: progress is told at most four times a second and at the end', async () => {
    const told: number[] = [];
    const { player, wallClock } = setUp({ speed: 6000, onProgress: ({ steps }) => told.push(steps) });
    const running = player.run();
    await runWall(wallClock, 2000);
    await running;
    expect(told.length).toBeLessThanOrEqual(10);
    expect(told.at(-1)).toBe(20);
  });
});
