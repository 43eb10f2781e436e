import { appendFileSync, cpSync, createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type Candle,
  type Clock,
  type ClockPlace,
  type Instrument,
  type Logger,
  type MarketObservation,
  type MarketStep,
  SimulatedClock,
} from '@perpdesk/core';
import { FeedRecorder } from '@perpdesk/data';
import { type DayFiles, type DaySettings, makeDayFiles, writeDaySettings } from './day-files.ts';
import { StepFeed, stepChannels } from './step-feed.ts';

/** What a user did, and at what place: after so many steps, at this instant, after so many timers that fired at it. */
export interface RecordedAct extends ClockPlace {
  readonly act: 'approve' | 'decline' | 'close' | 'trip' | 'flatten' | 'carry-out';
  readonly args: readonly unknown[];
  readonly afterSteps: number;
}

/** What waits for the disk before the desk waits with it, characters. */
const mostWaiting = 8 * 1024 * 1024;
/** What of a data directory a desk goes on from; its key stays where it is. */
const stateFile = /(\.db(-wal|-shm)?|^trading-halt\.json)$/;

/**
 * Records a run so that it can be replayed: the market data that the desk is given, step by step, exactly as it was given;
 * what it began with; and what its user does. Its journal is the desk's own.
 */
export class DayRecorder {
  readonly #files: DayFiles;
  readonly #clock: Clock;
  readonly #wallClock: Clock;
  readonly #logger: Logger;
  #instruments: readonly Instrument[] = [];
  #settings: DaySettings | undefined;
  #feed: { readonly steps: StepFeed; readonly recorder: FeedRecorder } | undefined;
  #starting: Promise<void> | undefined;
  /** Steps that came before the recorder was open. */
  readonly #early: MarketStep[] = [];
  #atMs = 0;
  #steps = 0;
  /** Settles when the step that the desk is taking is taken. */
  #taking: Promise<void> | undefined;
  #steppedAtMs = Number.NEGATIVE_INFINITY;

  /** Makes its folder below the data directory, with a copy of what a desk that goes on begins from. */
  constructor(options: {
    readonly directory: string;
    readonly fresh: boolean;
    /** The desk's. */
    readonly clock: Clock;
    readonly wallClock: Clock;
    readonly logger: Logger;
  }) {
    this.#clock = options.clock;
    this.#wallClock = options.wallClock;
    this.#logger = options.logger;
    this.#files = makeDayFiles(options.directory);
    if (options.fresh) return;
    mkdirSync(this.#files.start);
    for (const name of readdirSync(options.directory))
      if (stateFile.test(name)) cpSync(join(options.directory, name), join(this.#files.start, name));
  }

  /** Where it records. */
  get directory(): string {
    return this.#files.path;
  }

  begin(settings: Omit<DaySettings, 'format' | 'version'>): void {
    this.#settings = { format: 'perpdesk.day', version: 1, ...settings };
    writeDaySettings(this.#files, this.#settings);
  }

  list(instruments: readonly Instrument[]): void {
    this.#instruments = [...this.#instruments, ...instruments];
  }

  /** Passes on what a desk warms up on, and writes it down. */
  beginning(
    history: AsyncIterable<readonly Candle[]> | Iterable<readonly Candle[]>,
    background: AsyncIterable<readonly MarketObservation[]> | Iterable<readonly MarketObservation[]>,
  ) {
    const gzip = createGzip();
    const file = gzip.pipe(createWriteStream(this.#files.beginning));
    const written = async function* <Batch>(name: string, batches: AsyncIterable<Batch> | Iterable<Batch>) {
      for await (const batch of batches) {
        gzip.write(`${JSON.stringify({ [name]: batch })}\n`);
        yield batch;
      }
    };
    return {
      history: written('history', history),
      background: written('background', background),
      end: async () => {
        gzip.end();
        await finished(file);
      },
    };
  }

  /** Writes a step down and gives it to the desk. Resolves when the desk has taken it and there is room for more. */
  async step(step: MarketStep, ingest: () => Promise<void>): Promise<void> {
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    await this.#enter(async () => {
      this.#taking = taken;
      this.#take(step);
    });
    try {
      await Promise.all([ingest(), this.#room()]);
    } finally {
      this.#taking = undefined;
      resolve();
    }
  }

  #take(step: MarketStep): void {
    if (step.observations.length + (step.gaps?.length ?? 0) === 0) return;
    // What came at one instant is one step again when it is replayed.
    if (step.atMs > this.#steppedAtMs) this.#steps += 1;
    this.#steppedAtMs = Math.max(this.#steppedAtMs, step.atMs);
    const macro = step.observations.flatMap((observation, index) =>
      observation.kind.startsWith('macro-') ? [{ atMs: step.atMs, index, observation }] : [],
    );
    for (const line of macro) appendFileSync(this.#files.macro, `${JSON.stringify(line)}\n`);
    if (this.#feed === undefined) {
      this.#early.push(step);
      this.#starting ??= this.#open(step.atMs);
    } else this.#tell(this.#feed.steps, step);
  }

  /** Takes what a desk is told of the time before: it is known from the beginning when it is replayed. */
  absorbed({ atMs, observations }: MarketStep): void {
    for (const observation of observations)
      if (observation.kind.startsWith('macro-'))
        appendFileSync(this.#files.macro, `${JSON.stringify({ atMs, index: 0, observation, absorbed: true })}\n`);
  }

  /**
   * Writes an act of the user down and does it. Written before it is done: what an act sets off must not be recorded without
   * it. On a simulated clock that is between two of the desk's steps, when all that came before has settled: at a place that
   * comes again. A live desk is acted on at once.
   */
  async act<Result>(act: RecordedAct['act'], args: readonly unknown[], run: () => Promise<Result>): Promise<Result> {
    const isLive = !(this.#clock instanceof SimulatedClock);
    for (;;) {
      if (!isLive) await this.#taking;
      const done = await this.#enter(async ({ atMs, fired }) => {
        // A step is taken in parts, each of which settles.
        if (!isLive && this.#taking !== undefined) return undefined;
        const recorded: RecordedAct = { act, args, atMs, fired, afterSteps: this.#steps };
        appendFileSync(this.#files.acts, `${JSON.stringify(recorded)}\n`);
        return { result: await run() };
      });
      if (done !== undefined) return done.result;
    }
  }

  /** Lets what comes from outside in when all that came before has settled, where a clock can say so. */
  #enter<Result>(act: (place: ClockPlace) => Promise<Result>): Promise<Result> {
    const clock = this.#clock;
    return clock instanceof SimulatedClock ? clock.visit(act) : act({ atMs: clock.nowMs(), fired: 0 });
  }

  /** Closes the recording of a run that ended at an instant of the desk's clock. */
  async end(atMs: number): Promise<void> {
    await this.#starting?.catch(() => {});
    await this.#feed?.recorder.stop();
    const lost = this.#feed?.recorder.counts().lost ?? 0;
    if (lost > 0) this.#logger.error({ lost }, 'the recording lacks updates: the disk was too slow');
    if (this.#settings !== undefined) writeDaySettings(this.#files, { ...this.#settings, endedAtMs: atMs });
  }

  /** Resolves when there is room for more. */
  async #room(): Promise<void> {
    await this.#starting;
    const recorder = this.#feed?.recorder;
    if (recorder !== undefined && recorder.counts().pendingBytes > mostWaiting) await recorder.flush();
  }

  async #open(atMs: number): Promise<void> {
    this.#atMs = atMs;
    const steps = new StepFeed(this.#instruments);
    const recorder = new FeedRecorder({
      feed: steps,
      subscription: { instrumentIds: this.#instruments.map(({ id }) => id), channels: stepChannels },
      directory: this.#files.feed,
      clock: this.#stepClock(),
      logger: this.#logger,
    });
    await recorder.start();
    for (const step of this.#early.splice(0)) this.#tell(steps, step);
    this.#feed = { steps, recorder };
  }

  #tell(steps: StepFeed, step: MarketStep): void {
    this.#atMs = Math.max(this.#atMs, step.atMs);
    steps.tell(step);
  }

  /** What is recorded bears the instant of its step; the disk is waited for in the machine's time. */
  #stepClock(): Clock {
    const wall = this.#wallClock;
    return {
      nowMs: () => this.#atMs,
      setTimer: (delayMs, callback) => wall.setTimer(delayMs, callback),
      sleep: (delayMs, options) => wall.sleep(delayMs, options),
      hold: () => wall.hold(),
    };
  }
}
