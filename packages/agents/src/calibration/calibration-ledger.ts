import { type CalibrationDrift, type Candle, type Clock, type OpinionScore, timeframeMs } from '@perpdesk/core';
import { BaseRates } from './base-rates.ts';
import { type BookEntry, type CalibrationBook, entryKey } from './calibration-book.ts';
import type { CalibrationChange, CalibrationStore, KeptCalibration } from './calibration-store.ts';
import { type DriftState, driftDefaults, noDrift, stepDrift } from './drift-detector.ts';
import type { OutcomePrices } from './outcome-prices.ts';
import { baseRateKey, type PendingScore, type View } from './pending-score.ts';
import { PendingViews, seriesKey } from './pending-views.ts';
import { calibrationDefaults as defaults } from './settings.ts';
import { type Settled, settle } from './settle.ts';

/** Where a view was told. */
export interface Origin {
  readonly traceId: string;
  readonly causationId: string;
}

/** A view that waits no longer, and where it was told. */
export interface SettledView {
  readonly settled: Settled;
  readonly origin: Origin;
}

/** What came of a piece of work: what is to be kept, and what is to be told of it. */
export interface LedgerWork {
  readonly change: CalibrationChange;
  readonly settled: readonly SettledView[];
  readonly drifts: readonly CalibrationDrift[];
}

/** Views at least this long overdue when a desk starts will not be scored any more. */
const giveUpAfterMs = 7 * 86_400_000;

/** The memory of calibration: opens views, settles them as bars close, and adds up what comes of them. Tells nobody. */
export class CalibrationLedger {
  readonly #clock: Clock;
  readonly #prices: OutcomePrices;
  readonly #book: CalibrationBook;
  readonly #store: CalibrationStore;
  readonly #pending = new PendingViews();
  readonly #baseRates = new BaseRates();
  readonly #drifts = new Map<string, DriftState>();
  #work = noWork();

  constructor(options: {
    readonly clock: Clock;
    readonly prices: OutcomePrices;
    readonly book: CalibrationBook;
    readonly store: CalibrationStore;
  }) {
    this.#clock = options.clock;
    this.#prices = options.prices;
    this.#book = options.book;
    this.#store = options.store;
  }

  /** Views that wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Goes back to what is kept. */
  restore({ pending, entries, baseRates, drifts }: KeptCalibration): void {
    this.#work = noWork();
    this.#pending.clear();
    this.#baseRates.clear();
    this.#drifts.clear();
    for (const view of pending) this.#pending.add(view);
    for (const { key, counts } of baseRates) this.#baseRates.restore(key, counts);
    for (const { key, state } of drifts) this.#drifts.set(key, state);
    this.#book.restore(entries);
  }

  /** True where a close settles something. */
  isDue({ instrumentId, timeframe, openAtMs }: Candle): boolean {
    return this.#pending.isDue(seriesKey(instrumentId, timeframe), openAtMs + timeframeMs(timeframe));
  }

  /** Begins to wait for views. Those that are known already are left as they are; one that comes late is settled where it can be. @throws StoreError */
  async open(views: readonly View[], origin: Origin): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const fresh = views.filter(({ id }) => !this.#pending.has(id));
    const late = fresh.filter(({ dueAtMs }) => dueAtMs <= nowMs).map(({ id }) => id);
    const scored = late.length === 0 ? new Set<string>() : await this.#store.scored(late);
    for (const view of fresh) {
      if (scored.has(view.id)) continue;
      const pending = await this.#beginningOf(view, origin);
      if (pending.band === undefined) this.#settle(pending, settle(pending, { entry: undefined, exit: undefined }));
      else if (view.dueAtMs > nowMs || !(await this.#settleIfKnown(pending))) this.#wait(pending);
    }
  }

  /** Settles what waited for a close: by this bar's where it is due with it, else by the bar it was due with, if that is known. @throws StoreError */
  async close({ instrumentId, timeframe, openAtMs, close }: Candle): Promise<void> {
    const closeAtMs = openAtMs + timeframeMs(timeframe);
    for (const pending of this.#pending.takeDue(seriesKey(instrumentId, timeframe), closeAtMs)) {
      const exit = pending.dueAtMs === closeAtMs ? close : await this.#closeAt(pending, pending.dueAtMs);
      this.#settle(pending, settle(pending, { entry: await this.#entryOf(pending), exit }));
    }
  }

  /** Settles what came due while nobody was here, as far as its bars are known; gives up what is a week old. @throws StoreError */
  async catchUp(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    for (const pending of this.#pending.all()) {
      if (pending.dueAtMs > nowMs) continue;
      const { instrumentId, series, dueAtMs } = pending;
      const isLost = nowMs - dueAtMs > giveUpAfterMs;
      if (!isLost && (await this.#closeAt(pending, dueAtMs)) === undefined) continue;
      for (const due of this.#pending.takeDue(seriesKey(instrumentId, series), dueAtMs)) {
        const exit = await this.#closeAt(due, due.dueAtMs);
        this.#settle(due, settle(due, { entry: await this.#entryOf(due), exit }));
      }
    }
  }

  /** What was done since this was last asked. */
  takeWork(): LedgerWork | undefined {
    const { opened, settledIds, scores, entries, rateKeys, driftKeys, settled, drifts } = this.#work;
    if (opened.size === 0 && settled.length === 0) return undefined;
    this.#work = noWork();
    return {
      settled,
      drifts,
      change: {
        opened: [...opened.values()],
        settled: settledIds,
        scores,
        entries: [...entries.values()],
        baseRates: [...rateKeys].map((key) => ({ key, counts: this.#baseRates.countsOf(key) })),
        drifts: [...driftKeys].map((key) => ({ key, state: this.#drifts.get(key) ?? noDrift })),
      },
    };
  }

  async #beginningOf(view: View, origin: Origin): Promise<PendingScore> {
    const { instrumentId, timeframe, atMs, bars } = view;
    const band = this.#prices.bandAt({ instrumentId, timeframe, closeAtMs: atMs }, bars);
    const entryPrice = view.entryAtMs <= this.#clock.nowMs() ? await this.#closeAt(view, view.entryAtMs) : undefined;
    return {
      ...view,
      ...origin,
      baseRates: this.#baseRates.ratesOf(baseRateKey(view), atMs),
      ...(band === undefined ? {} : { band }),
      ...(entryPrice === undefined ? {} : { entryPrice }),
    };
  }

  #wait(pending: PendingScore): void {
    this.#pending.add(pending);
    this.#work.opened.set(pending.id, pending);
  }

  async #settleIfKnown(pending: PendingScore): Promise<boolean> {
    const exit = await this.#closeAt(pending, pending.dueAtMs);
    if (exit === undefined) return false;
    this.#settle(pending, settle(pending, { entry: await this.#entryOf(pending), exit }));
    return true;
  }

  #settle(pending: PendingScore, settled: Settled): void {
    const { id } = pending;
    const work = this.#work;
    // What was opened in the same piece of work was never kept as waiting.
    if (!work.opened.delete(id)) work.settledIds.push(id);
    work.settled.push({ settled, origin: pending });
    if (settled.outcome === 'unscored') return;
    const { score } = settled;
    work.scores.push(score);
    const entry = this.#book.take(score);
    work.entries.set(entryKey(entry), entry);
    if (score.word !== 'ruled') {
      const key = baseRateKey(score);
      this.#baseRates.add(key, score.move, score.dueAtMs);
      work.rateKeys.add(key);
    }
    this.#watchDrift(score);
  }

  #watchDrift({ agent, source, word, bars, brier, baseBrier, dueAtMs }: OpinionScore): void {
    if (word !== 'opinion' || bars !== defaults.primaryBars) return;
    const key = `${agent}|${source}|${bars}`;
    const { state, change } = stepDrift(this.#drifts.get(key) ?? noDrift, {
      atMs: dueAtMs,
      excess: brier - baseBrier,
    });
    this.#drifts.set(key, state);
    this.#work.driftKeys.add(key);
    if (change !== undefined) this.#work.drifts.push({ agent, source, bars, ...change, limit: driftDefaults.limit });
  }

  #entryOf(pending: PendingScore): number | undefined | Promise<number | undefined> {
    return pending.entryPrice ?? this.#closeAt(pending, pending.entryAtMs);
  }

  #closeAt({ instrumentId, series }: View, closeAtMs: number): number | undefined | Promise<number | undefined> {
    return this.#prices.closeOf({ instrumentId, timeframe: series, closeAtMs });
  }
}

const noWork = () => ({
  opened: new Map<string, PendingScore>(),
  settledIds: [] as string[],
  settled: [] as SettledView[],
  scores: [] as OpinionScore[],
  entries: new Map<string, BookEntry>(),
  rateKeys: new Set<string>(),
  driftKeys: new Set<string>(),
  drifts: [] as CalibrationDrift[],
});
