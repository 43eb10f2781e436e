import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SeededRandom, SimulatedClock, SystemClock, silentLogger, toSize } from '@perpdesk/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readNewestDay } from './day-files.ts';
import { DayRecorder } from './day-recorder.ts';
import { ActReplay, type DeskActs, readActs, recordedActs } from './recorded-acts.ts';

const root = mkdtempSync(join(tmpdir(), 'perpdesk-acts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A desk that writes down what it does: timers that set off work, steps in parts, and closes. */
class ExampleDesk {
  readonly clock: SimulatedClock;
  readonly log: string[] = [];
  readonly #pause: (most: number) => Promise<void>;

  /** `pause`: how long the machine takes for something; it says nothing of the place. */
  constructor(pause: (most: number) => Promise<void>) {
    this.clock = new SimulatedClock();
    this.#pause = pause;
    for (const name of ['a', 'b', 'c']) this.#every(name, name === 'c' ? 15 : 10);
  }

  readonly acts = {
    trades: {},
    killSwitch: {},
    closer: { close: (key: { readonly venue: string }) => this.#work(`close ${key.venue}`, 3) },
  } as unknown as DeskActs;

  /** Takes a step in two parts, each of which settles. */
  async ingest(atMs: number): Promise<void> {
    for (const part of ['bar', 'round']) {
      void this.#work(`${part} ${atMs}`, 4);
      await this.clock.idle();
    }
  }

  #every(name: string, everyMs: number): void {
    this.clock.setTimer(everyMs, () => {
      void this.#work(`timer ${name}`, 4);
      this.#every(name, everyMs);
    });
  }

  async #work(name: string, most: number): Promise<void> {
    const release = this.clock.hold();
    this.log.push(`${name} begins at ${this.clock.nowMs()}`);
    await this.#pause(most);
    this.log.push(`${name} ends`);
    release();
  }
}

const stepsAtMs = [20, 30, 45, 60, 61, 75];
const close = (venue: string) => [{ userId: 'demo', venue, instrumentId: 'BTC-PERP@paper' }, { fraction: 1 }] as const;
const recorderFor = (name: string, clock: Clock): DayRecorder =>
  new DayRecorder({
    directory: join(root, name),
    fresh: true,
    clock,
    wallClock: new SystemClock(),
    logger: silentLogger,
  });

async function recorded(seed: string): Promise<{ readonly log: readonly string[]; readonly acts: string }> {
  const random = new SeededRandom(seed);
  const desk = new ExampleDesk((most) => turns(Math.floor(random.next() * most)));
  const recorder = recorderFor(seed, desk.clock);
  recorder.begin({
    ...({ source: 'simulated', venues: [], seed, tier: 'beginner', autonomy: 'suggest', rearm: false } as const),
    afterPosition: 0,
  });
  const { closer } = recordedActs(desk.acts, recorder);
  let isOver = false;
  const user = async (): Promise<void> => {
    for (let act = 0; !isOver; act += 1) {
      await turns(Math.floor(random.next() * 60));
      // Some wait for the answer, some click twice.
      const done = closer.close(...(close(`${act}`) as unknown as Parameters<typeof closer.close>));
      if (random.next() < 0.5) await done;
    }
  };
  const acting = user();
  for (const atMs of stepsAtMs) {
    await desk.clock.advanceTo(atMs);
    const trade = { instrumentId: 'BTC-PERP@paper', id: '1', side: 'buy', price: 1, size: Number(toSize(1)) } as const;
    const observations = [{ kind: 'trade', trade: { ...trade, exchangeAtMs: atMs, receivedAtMs: atMs } }] as const;
    await recorder.step({ atMs, observations }, () => desk.ingest(atMs));
  }
  isOver = true;
  await acting;
  await desk.clock.advanceTo(80);
  await recorder.end(80);
  return { log: desk.log, acts: readNewestDay(join(root, seed)).files.acts };
}

async function replayed(acts: string): Promise<readonly string[]> {
  const desk = new ExampleDesk(() => turns(1));
  const replay = new ActReplay({ recorded: readActs(acts), acts: desk.acts, clock: desk.clock, logger: silentLogger });
  replay.due();
  for (const atMs of stepsAtMs) {
    await desk.clock.advanceTo(atMs);
    await desk.ingest(atMs);
    replay.stepped();
  }
  await desk.clock.advanceTo(80);
  return desk.log;
}

describe('what a user does', () => {
  it('default: is done again at its place among what the desk does, whenever it came', async () => {
    let [acts, midway] = [0, 0];
    for (let seed = 0; seed < 20; seed += 1) {
      const run = await recorded(`seed-${seed}`);
      expect(await replayed(run.acts), `seed ${seed}`).toEqual(run.log);
      const places = readActs(run.acts);
      acts += places.length;
      midway += places.filter(({ fired }) => fired > 0).length;
    }
    // Enough of them between two timers of one instant for this to mean something.
    expect(acts).toBeGreaterThan(100);
    expect(midway).toBeGreaterThan(20);
  });

  it('behavior: a live desk is acted on at once, whatever it is taking', async () => {
    const recorder = recorderFor('live', new SystemClock());
    const { promise: taking, resolve: taken } = Promise.withResolvers<void>();
    const stepping = recorder.step({ atMs: 1, observations: [] }, () => taking);
    await expect(recorder.act('trip', ['enough'], async () => 'halted')).resolves.toBe('halted');
    taken();
    await stepping;
    const [act] = readActs(readNewestActs('live'));
    expect(act).toMatchObject({ act: 'trip', args: ['enough'], fired: 0, afterSteps: 0 });
  });

  it('error: an act that is refused is recorded all the same, and the user is told', async () => {
    const recorder = recorderFor('refused', new SimulatedClock({ startAtMs: 5 }));
    const refused = recorder.act('close', [1], () => Promise.reject(new Error('There is no open position.')));
    await expect(refused).rejects.toThrow('There is no open position.');
    expect(readActs(readNewestActs('refused'))).toEqual([
      { act: 'close', args: [1], atMs: 5, fired: 0, afterSteps: 0 },
    ]);
  });
});

const readNewestActs = (name: string): string => join(root, name, 'recording/0001/acts.jsonl');
