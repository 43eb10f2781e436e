import {
  type Clock,
  foreignText,
  type Health,
  type Logger,
  type MacroReading,
  type MacroSource,
  type MarketStep,
  type Release,
  type Service,
  silentLogger,
} from '@perpdesk/core';
import { MacroLedger } from './macro-ledger.ts';
import { MacroNews } from './macro-news.ts';
import { macroTimeline } from './macro-timeline.ts';

/** Options of {@link MacroCalendar}. */
export interface MacroCalendarOptions {
  readonly clock: Clock;
  /** Asked in this order; which of two goes before is decided by their names, not by the order. */
  readonly sources: readonly MacroSource[];
  /** Where what became known is told: a `MarketDataService`. */
  readonly desk: {
    /** Takes what was known before the start. */
    absorb(step: MarketStep): void;
    /** Takes what has just become known. */
    ingest(step: MarketStep): Promise<void>;
  };
  /** How often sources are asked. Default 10 min. */
  readonly everyMs?: number;
  /** How often while a figure is due. Default 15 s. */
  readonly whileDueMs?: number;
  /** For how long after its time a figure that is not out counts as due. Default 10 min. */
  readonly dueForMs?: number;
  /** Figures that came out no longer than this before the start are told as news. Default an hour. */
  readonly catchUpMs?: number;
  readonly settleMs?: number;
  /** The records remembered, those of the latest events. Default 20,000. */
  readonly capacity?: number;
  /** Unique in a desk. Default `macro`. */
  readonly name?: string;
  readonly logger?: Logger;
}

/**
 * The economic calendar as it becomes known: asks its sources, merges what they say by {@link macroTimeline}, and tells the desk
 * each new date, figure and revision once, never before its time. A source that fails is asked again and said in the health;
 * the others go on. What a source says for the first time after the start was not known before.
 */
export class MacroCalendar implements Service {
  readonly name: string;
  readonly #options: MacroCalendarOptions;
  readonly #ledger: MacroLedger;
  readonly #news = new MacroNews();
  readonly #logger: Logger;
  readonly #failures = new Map<string, string>();
  readonly #refused = new Map<string, number>();
  #disagreements = 0;
  #startedAtMs: number | undefined;
  #abort = new AbortController();
  #cancel: Release = () => {};
  #turn: Promise<void> = Promise.resolve();

  constructor(options: MacroCalendarOptions) {
    this.name = options.name ?? 'macro';
    this.#options = options;
    this.#ledger = new MacroLedger(options.capacity ?? 20_000);
    this.#logger = options.logger ?? silentLogger;
  }

  /** Asks all sources once, and from then on by itself. Does not fail for a source that does. */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#abort = new AbortController();
    this.#startedAtMs = this.#options.clock.nowMs();
    const signals = [this.#abort.signal, ...(options.signal === undefined ? [] : [options.signal])];
    await this.#ask(AbortSignal.any(signals));
    options.signal?.throwIfAborted();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#startedAtMs = undefined;
    this.#abort.abort();
    this.#cancel();
    await this.#turn.catch(() => undefined);
  }

  health(): Health {
    if (this.#startedAtMs === undefined) return { status: 'stopped' };
    const failed = [...this.#failures].map(([source, why]) => `${source}: ${why}`);
    const refused = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    const detail = `${this.#ledger.size} records, ${refused} refused, ${this.#disagreements} figures in disagreement`;
    return failed.length === 0
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: [...failed, detail].join('; ') };
  }

  #schedule(): void {
    if (this.#abort.signal.aborted) return;
    const { clock, everyMs = 600_000, whileDueMs = 15_000, dueForMs = 600_000 } = this.#options;
    const nowMs = clock.nowMs();
    const due = this.#news.isDue(nowMs - dueForMs, nowMs);
    const next = this.#news.nextMs(nowMs);
    const delayMs = Math.min(due ? whileDueMs : everyMs, next === undefined ? everyMs : next - nowMs);
    this.#cancel = clock.setTimer(delayMs, () => {
      this.#turn = this.#ask(this.#abort.signal)
        .catch((error: unknown) => this.#logger.error({ error }, 'the calendar could not be told'))
        .finally(() => this.#schedule());
    });
  }

  async #ask(signal: AbortSignal): Promise<void> {
    // Let go of before anything is told: the desk works events off on its own, and waits until nothing is in flight.
    const release = this.#options.clock.hold();
    const readings = await Promise.all(this.#options.sources.map((source) => this.#read(source, signal))).finally(
      release,
    );
    if (signal.aborted) return;
    const nowMs = this.#options.clock.nowMs();
    this.#options.sources.forEach((source, index) => {
      const reading = readings[index];
      if (reading !== undefined && !reading.unchanged) this.#ledger.enter(source.name, reading.records, nowMs);
    });
    await this.#tell(nowMs);
  }

  async #read(source: MacroSource, signal: AbortSignal): Promise<MacroReading | undefined> {
    try {
      const reading = await source.fetch({ signal });
      const { count, reasons } = reading.refused;
      if (count > 0 && this.#refused.get(source.name) !== count)
        this.#logger.warn({ source: source.name, count, reasons }, 'entries of a calendar can not be read');
      this.#refused.set(source.name, count);
      this.#failures.delete(source.name);
      return reading;
    } catch (error) {
      if (signal.aborted) return undefined;
      const why = foreignText(error instanceof Error ? error.message : String(error), 200);
      if (this.#failures.get(source.name) !== why) this.#logger.warn({ source: source.name, why }, 'a calendar failed');
      this.#failures.set(source.name, why);
      return undefined;
    }
  }

  async #tell(nowMs: number): Promise<void> {
    const { desk, catchUpMs = 3_600_000, settleMs } = this.#options;
    const timeline = macroTimeline(this.#ledger.records(), settleMs === undefined ? {} : { settleMs });
    this.#disagreements = timeline.disagreements;
    const { before, now } = this.#news.take(timeline.steps, nowMs, (this.#startedAtMs ?? nowMs) - catchUpMs);
    for (const step of before) desk.absorb(step);
    if (now.length > 0) await desk.ingest({ atMs: nowMs, observations: now });
  }
}
