import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Candle, FeedGap, Instrument, MarketObservation, MarketSource, MarketStep } from '@perpdesk/core';
import { type RecordingReport, RecordingReporter, readRecording, recordingContents } from '@perpdesk/data';
import type { Disturbance } from '@perpdesk/execution';
import type { DayFiles } from './day-files.ts';
import { observationOf } from './step-feed.ts';

interface MacroLine {
  readonly atMs: number;
  readonly index: number;
  readonly observation: MarketObservation;
  readonly absorbed?: boolean;
}

/** A recorded run as a market source: the same beginning, and the same steps at the same instants. */
export class DaySource implements MarketSource {
  readonly name: string;
  readonly #files: DayFiles;
  #reporter = new RecordingReporter();
  #lost: FeedGap[] = [];
  #lastAtMs = 0;

  constructor(files: DayFiles) {
    this.name = `recording ${files.path}`;
    this.#files = files;
  }

  /** @throws StoreError `recording.missing`, `recording.empty` */
  async instruments(): Promise<readonly Instrument[]> {
    return (await recordingContents(this.#files.feed)).instruments;
  }

  async *history(): AsyncGenerator<readonly Candle[]> {
    for await (const { history } of this.#beginning()) if (history !== undefined) yield history;
  }

  async *background(): AsyncGenerator<readonly MarketObservation[]> {
    for await (const { background } of this.#beginning()) if (background !== undefined) yield background;
    const absorbed = this.#macro().filter((line) => line.absorbed);
    if (absorbed.length > 0) yield absorbed.map(({ observation }) => observation);
  }

  async *steps(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<MarketStep> {
    this.#reporter = new RecordingReporter();
    this.#lost = [];
    const macro = this.#macro().filter((line) => line.absorbed !== true);
    let step: { atMs: number; observations: MarketObservation[]; gaps: FeedGap[] } | undefined;
    for await (const batch of readRecording(this.#files.feed, { ...options, reporter: this.#reporter })) {
      for (const { atMs, update, lost = 0 } of batch) {
        if (step === undefined || atMs > step.atMs) {
          if (step !== undefined) yield stepOf(step, macro);
          // Figures came in steps of their own.
          yield* macroUntil(macro, atMs);
          step = { atMs, observations: [], gaps: [] };
        }
        this.#lastAtMs = step.atMs;
        if (update.kind === 'gap') {
          step.gaps.push(update.gap);
          if (lost > 0 || (update.gap.reason === 'invalid' && this.#reporter.build().damageCount > 0))
            this.#lost.push(update.gap);
        }
        const observation = observationOf(update);
        if (observation !== undefined) step.observations.push(observation);
      }
    }
    if (step !== undefined) yield stepOf(step, macro);
    yield* macroUntil(macro, Number.POSITIVE_INFINITY);
  }

  /** The last instant that the last reading has given, ms UTC. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** What the last reading came upon. */
  report(): RecordingReport {
    return this.#reporter.build();
  }

  /** What of the feed is lost, of the last reading, up to the end of the run. */
  async disturbances(endMs: number): Promise<readonly Disturbance[]> {
    const { damage, damageCount } = this.#reporter.build();
    const reason =
      damage.map((found) => `${found.file}: ${found.reason}`).join('; ') || 'the recorder had to leave it out';
    const spans = Map.groupBy(this.#lost, ({ fromMs, toMs }) => `${fromMs} ${toMs}`);
    const told = [...spans.values()].flatMap((gaps): Disturbance[] => {
      const [first] = gaps;
      if (first === undefined) return [];
      const instrumentIds = [...new Set(gaps.map(({ instrumentId }) => instrumentId))];
      return [{ side: 'right', instrumentIds, fromMs: first.fromMs, toMs: first.toMs, reason }];
    });
    if (damageCount === 0 || told.length > 0) return told;
    // Nothing came after what is damaged: it is the end that is lost.
    const instrumentIds = (await this.instruments()).map(({ id }) => id);
    return [{ side: 'right', instrumentIds, fromMs: this.#lastAtMs, toMs: endMs, reason }];
  }

  async *#beginning(): AsyncGenerator<{ history?: readonly Candle[]; background?: readonly MarketObservation[] }> {
    const input = createReadStream(this.#files.beginning).pipe(createGunzip());
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield JSON.parse(line);
  }

  #macro(): MacroLine[] {
    if (!existsSync(this.#files.macro)) return [];
    const lines = readFileSync(this.#files.macro, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as MacroLine);
  }
}

/** A step with the figures that came in it, each at its place. */
function stepOf({ atMs, observations, gaps }: Required<MarketStep>, macro: MacroLine[]): MarketStep {
  const all = [...observations];
  while (macro[0] !== undefined && macro[0].atMs <= atMs) {
    const line = macro.shift();
    if (line !== undefined) all.splice(line.index, 0, line.observation);
  }
  return gaps.length === 0 ? { atMs, observations: all } : { atMs, observations: all, gaps };
}

/** Figures that came in no other step, before an instant. */
function* macroUntil(macro: MacroLine[], beforeMs: number): Generator<MarketStep> {
  while (macro[0] !== undefined && macro[0].atMs < beforeMs) {
    const { atMs } = macro[0];
    const observations: MarketObservation[] = [];
    while (macro[0]?.atMs === atMs) observations.push(...macro.splice(0, 1).map(({ observation }) => observation));
    yield { atMs, observations };
  }
}
