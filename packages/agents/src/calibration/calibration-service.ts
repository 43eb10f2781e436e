import {
  type Candle,
  type Clock,
  type DomainEvent,
  type EventBus,
  type Health,
  type Logger,
  type MarketView,
  type Service,
  silentLogger,
  type TimeSeriesStore,
  type Unsubscribe,
} from '@perpdesk/core';
import type { CalibrationBook } from './calibration-book.ts';
import { CalibrationLedger, type LedgerWork, type Origin } from './calibration-ledger.ts';
import type { CalibrationStore } from './calibration-store.ts';
import { KnownRegimes } from './known-regimes.ts';
import { MemoryCalibrationStore } from './memory-calibration-store.ts';
import { OutcomePrices } from './outcome-prices.ts';
import { type View, viewsOfOpinion, viewsOfTurn } from './pending-score.ts';
import { RoundTurns } from './round-turns.ts';

/** Options of {@link CalibrationService}. */
export interface CalibrationServiceOptions {
  readonly eventBus: EventBus;
  readonly clock: Clock;
  /** Where closes and the reference instruments' fees are read. */
  readonly marketView: MarketView;
  /** What it fills. Give the same book to the War Room as its `calibration`. */
  readonly book: CalibrationBook;
  /** Default: memory. With {@link SqlCalibrationStore} views wait and records last over restarts. */
  readonly store?: CalibrationStore;
  /** Where bars are looked up that the market view has let go of. Default: nowhere. */
  readonly candleStore?: Pick<TimeSeriesStore, 'readCandles'>;
  /** False: last turns are not scored, only opinions, which are what weighs agents. Default true. */
  readonly turns?: boolean;
  /** For how long single scores are kept, ms. Records outlive them. Default 180 days. */
  readonly keepScoresMs?: number;
  readonly logger?: Logger;
}

const dayMs = 86_400_000;

type Told = DomainEvent<'candle.closed' | 'opinion.published' | 'turn.completed' | 'round.concluded'>;

/** One thing to do to the ledger. */
type Task =
  | { readonly kind: 'open'; readonly views: readonly View[]; readonly origin: Origin }
  | { readonly kind: 'close'; readonly candle: Candle };

interface Job {
  readonly task: Task;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Scores what agents said once its horizon has passed: every published opinion, minority or not, every last turn of a round,
 * and beside a model's opinion what the rules would have said. Publishes `opinion.scored`, `opinion.unscored` where a bar is
 * missing, and `calibration.drifted`. A view is scored once however often it is told; what waits outlives a restart where the
 * store does.
 */
export class CalibrationService implements Service {
  readonly name = 'calibration';
  readonly #options: CalibrationServiceOptions;
  readonly #store: CalibrationStore;
  readonly #ledger: CalibrationLedger;
  readonly #logger: Logger;
  readonly #regimes = new KnownRegimes();
  readonly #turns = new RoundTurns();
  #jobs: Job[] = [];
  #draining: Promise<void> | undefined;
  /** False where memory may be ahead of what is kept. */
  #isLoaded = false;
  #unsubscribe: Unsubscribe | undefined;
  #failure: string | undefined;
  #prunedAtMs = 0;

  constructor(options: CalibrationServiceOptions) {
    this.#options = options;
    this.#store = options.store ?? new MemoryCalibrationStore();
    this.#logger = (options.logger ?? silentLogger).child({ service: this.name });
    const { clock, book, marketView, candleStore } = options;
    this.#ledger = new CalibrationLedger({
      ...{ clock, book, store: this.#store },
      prices: new OutcomePrices({ marketView, candleStore }),
    });
  }

  async start(): Promise<void> {
    const { eventBus, turns = true } = this.#options;
    await this.#store.open();
    await this.#load();
    const said = await eventBus.read({ types: ['opinion.published'], order: 'descending', limit: 1_000 });
    for (const { event } of said) if (event.type === 'opinion.published') this.#regimes.hear(event.payload);
    await this.#ledger.catchUp();
    await this.#keep(this.#ledger.takeWork());
    this.#unsubscribe = eventBus.subscribe(
      {
        group: this.name,
        types: turns
          ? ['candle.closed', 'opinion.published', 'turn.completed', 'round.concluded']
          : ['candle.closed', 'opinion.published'],
      },
      (event) => this.#on(event),
    );
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    await this.#draining;
  }

  health(): Health {
    if (this.#unsubscribe === undefined) return { status: 'stopped' };
    const detail = `${this.#ledger.waiting} views wait for their horizon`;
    return this.#failure === undefined
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: `${detail}; the last piece of work failed: ${this.#failure}` };
  }

  #on(event: Told): Promise<void> | undefined {
    switch (event.type) {
      case 'candle.closed':
        // Most closes settle nothing; behind work that is under way it is not known yet.
        return this.#draining === undefined && this.#isLoaded && !this.#ledger.isDue(event.payload)
          ? undefined
          : this.#do({ kind: 'close', candle: event.payload });
      case 'opinion.published':
        return this.#onOpinion(event);
      case 'turn.completed':
        this.#turns.hear(event);
        return undefined;
      case 'round.concluded':
        return this.#onRound(event);
    }
  }

  #onOpinion(event: DomainEvent<'opinion.published'>): Promise<void> {
    const opinion = event.payload;
    this.#regimes.hear(opinion);
    const regime = opinion.regime ?? this.#regimes.at(opinion.market, opinion.atMs);
    return this.#do({ kind: 'open', views: viewsOfOpinion(opinion, regime), origin: originOf(event) });
  }

  async #onRound(event: DomainEvent<'round.concluded'>): Promise<void> {
    const { round } = event.payload;
    const turns = await this.#turns.finalTurns(event, this.#options.eventBus);
    const regime = this.#regimes.at(round.market, round.closeAtMs);
    const views = turns.flatMap((turn) => viewsOfTurn(round, turn, regime));
    if (views.length > 0) await this.#do({ kind: 'open', views, origin: originOf(event) });
    this.#turns.forget(round.key);
  }

  #do(task: Task): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#jobs.push({ task, done: resolve, failed: reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** One piece of work after the other, and what came meanwhile in one: markets that close together share a commit. */
  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      const failure = await this.#attempt(jobs);
      if (failure === undefined) for (const job of jobs) job.done();
      // One that can not be done must not take the others with it.
      else for (const job of jobs) await this.#alone(job, jobs.length === 1 ? failure : undefined);
    }
    // At once, not when the promise has settled: what is asked for in between would wait for ever.
    this.#draining = undefined;
  }

  async #alone(job: Job, known: { readonly error: unknown } | undefined): Promise<void> {
    const failure = known ?? (await this.#attempt([job]));
    if (failure === undefined) job.done();
    else job.failed(failure.error);
  }

  async #attempt(jobs: readonly Job[]): Promise<{ readonly error: unknown } | undefined> {
    try {
      if (!this.#isLoaded) await this.#load();
      for (const { task } of jobs) {
        if (task.kind === 'open') await this.#ledger.open(task.views, task.origin);
        else await this.#ledger.close(task.candle);
      }
      await this.#keep(this.#ledger.takeWork());
      this.#failure = undefined;
      return undefined;
    } catch (error) {
      this.#isLoaded = false;
      this.#failure = error instanceof Error ? error.message : 'an error without a message';
      this.#logger.warn({ error }, 'views could not be scored; they are taken up again');
      return { error };
    }
  }

  async #load(): Promise<void> {
    this.#ledger.restore(await this.#store.load());
    this.#isLoaded = true;
  }

  /**
   * Tells first and keeps then: should the process die between the two, the work is done again and meets its own events by
   * their ids.
   */
  async #keep(work: LedgerWork | undefined): Promise<void> {
    if (work === undefined) return;
    const { eventBus } = this.#options;
    const told: Promise<unknown>[] = [];
    for (const { settled, origin } of work.settled) {
      const { traceId, causationId } = origin;
      if (settled.outcome === 'scored') {
        const { id, market } = settled.score;
        told.push(
          eventBus.publish({ id, type: 'opinion.scored', key: market, traceId, causationId, payload: settled.score }),
        );
      } else {
        const { id, market } = settled.view;
        told.push(
          eventBus.publish({
            id: `un${id}`,
            type: 'opinion.unscored',
            key: market,
            traceId,
            causationId,
            payload: settled.view,
          }),
        );
      }
    }
    for (const drift of work.drifts) {
      const { agent, source, bars, state, atMs, usual, recent } = drift;
      const id = `calibration.${state}:${agent}:${source}:${bars}:${atMs}`;
      told.push(eventBus.publish({ id, type: 'calibration.drifted', key: agent, payload: drift }));
      this.#logger.warn({ agent, source, usual, recent }, `an agent's calibration has ${state}`);
    }
    await Promise.all(told);
    await this.#store.commit(work.change);
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#prunedAtMs < dayMs) return;
    this.#prunedAtMs = nowMs;
    await this.#store.prune(nowMs - (this.#options.keepScoresMs ?? 180 * dayMs));
  }
}

const originOf = (event: { readonly id: string; readonly traceId: string }): Origin => ({
  traceId: event.traceId,
  causationId: event.id,
});
