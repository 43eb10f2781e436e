import type { Candle, Instrument, MarketObservation, MarketSource, MarketStep } from '@perpdesk/core';
import { Backfill } from './backfill.ts';
import { MacroCalendar } from './macro-calendar.ts';
import { MarketModel, type ModelSnapshot } from './market-model.ts';
import { tickMs, ticksPerMinute } from './minute-path.ts';
import { MinutePlan } from './minute-plan.ts';
import { type MarketSimulatorOptions, type SimulatorSetup, simulatorSetup } from './simulator-setup.ts';
import type { SimulatorState } from './simulator-state.ts';
import { StepWriter } from './step-writer.ts';
import { VenueListing } from './venue-listing.ts';

const minuteMs = 60_000;
const minutesPerDay = 1440;

/** Where a simulation stands. */
interface Run {
  readonly model: MarketModel;
  /** The present minute, and the one before it once a minute has ended. */
  plan: MinutePlan;
  ended: MinutePlan;
  /** The model before the present minute. */
  present: ModelSnapshot;
  checkpoints: readonly [ModelSnapshot, ModelSnapshot];
  /** Steps made in the present minute. */
  ticks: number;
  fresh: boolean;
  /** Let go of when steps begin. */
  past: Backfill | undefined;
}

/**
 * A seeded market of several venues: one common factor and own noise in regimes of hours, jumps, clustered volume,
 * positioning, funding, liquidations, books and an economic calendar. No price in it ever was; every macro title says so.
 *
 * A step is two seconds. Each has all tickers, trades (one of many; of the reference venue each step, of others every
 * tenth second) and the reference venue's books; the first of a minute has besides the closed 1m bars, all books, open
 * interest, funding (settled, then predicted) and economic releases. A bar's prices are those of the tickers since its open.
 *
 * @example
 * const source = new MarketSimulator({ seed: 7 });
 * for await (const step of source.steps()) if (step.atMs >= endMs) break;
 */
export class MarketSimulator implements MarketSource {
  readonly name = 'simulator';
  readonly #setup: SimulatorSetup;
  readonly #listings: readonly VenueListing[];
  readonly #calendar: MacroCalendar;
  readonly #writer: StepWriter;
  #run: Run | undefined;

  /**
   * @throws ValidationError `simulator.start`, `simulator.backfill`
   * @throws ConfigError `simulator.market`, `simulator.venue`, `simulator.resume` when the saved state is none or is of
   * another seed, other markets or venues.
   */
  constructor(options: MarketSimulatorOptions = {}) {
    this.#setup = simulatorSetup(options);
    const { markets, venues, seed } = this.#setup;
    this.#listings = venues.flatMap((venue, v) =>
      markets.map((market, m) => new VenueListing({ market, venue, marketIndex: m, pair: v * markets.length + m })),
    );
    this.#calendar = new MacroCalendar(seed);
    this.#writer = new StepWriter({
      listings: this.#listings,
      calendar: this.#calendar,
      referencePairs: markets.length,
    });
  }

  /** Venue by venue in the order of the options, markets in theirs. */
  async instruments(): Promise<readonly Instrument[]> {
    return this.#listings.map((listing) => listing.instrument);
  }

  /** All timeframes of all instruments, up to the last step. Takes under a second for 60 days. */
  async *history(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<readonly Candle[]> {
    for (const series of this.#past(this.#begun()).series()) {
      options.signal?.throwIfAborted();
      yield series;
    }
  }

  /** Released and scheduled economic events, then settled funding and the open interest of a day. */
  async *background(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<readonly MarketObservation[]> {
    const run = this.#begun();
    yield this.#writer.knownEvents(atMs(run), !run.fresh);
    for (const observations of this.#past(run).derivatives()) {
      options.signal?.throwIfAborted();
      yield observations;
    }
    if (!run.fresh) yield this.#writer.settledAt(run.plan);
  }

  /** Steps of two seconds without end. A second call goes on where the first was left. */
  async *steps(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<MarketStep> {
    const run = this.#begun();
    for (;;) {
      options.signal?.throwIfAborted();
      run.past = undefined;
      const opens = run.ticks === ticksPerMinute;
      if (opens) this.#nextMinute(run);
      const step = this.#writer.write(run.plan, run.ticks, opens ? run.ended : undefined);
      run.ticks += 1;
      run.fresh = false;
      yield step;
    }
  }

  /** What a simulator that is made with `resume` goes on from: after the last step that `steps()` gave. */
  state(): SimulatorState {
    const run = this.#begun();
    const { seed, backfillDays, markets, venues } = this.#setup;
    return {
      version: 1,
      seed,
      backfillDays,
      markets: markets.map((market) => market.base),
      venues: venues.map((venue) => venue.name),
      atMs: atMs(run),
      present: copy(run.present),
      ticks: run.ticks,
      fresh: run.fresh,
      checkpoints: [copy(run.checkpoints[0]), copy(run.checkpoints[1])],
    };
  }

  #begun(): Run {
    this.#run ??= this.#setup.resume === undefined ? this.#start() : this.#goOn(this.#setup.resume);
    return this.#run;
  }

  #start(): Run {
    const { startMinute, seed } = this.#setup;
    const model = this.#model({ seed, minute: this.#firstMinute(startMinute) });
    const origin = model.snapshot();
    const past = this.#runTo(model, startMinute);
    const present = model.snapshot();
    return this.#at(model, { present, checkpoints: [origin, present], ticks: 0, fresh: true, past });
  }

  #goOn({ present, checkpoints, ticks, fresh }: SimulatorState): Run {
    return this.#at(this.#model(present), { present, checkpoints, ticks, fresh, past: undefined });
  }

  #at(model: MarketModel, place: Pick<Run, 'present' | 'checkpoints' | 'ticks' | 'fresh' | 'past'>): Run {
    const run: Run = { ...place, model, plan: this.#plan(), ended: this.#plan() };
    run.plan.fill(model, model.advance());
    return run;
  }

  #nextMinute(run: Run): void {
    run.present = run.model.snapshot();
    if (run.present.minute - run.checkpoints[1].minute >= (this.#setup.backfillDays + 1) * minutesPerDay) {
      run.checkpoints = [run.checkpoints[1], run.present];
    }
    [run.plan, run.ended] = [run.ended, run.plan];
    run.plan.fill(run.model, run.model.advance());
    run.ticks = 0;
  }

  #past(run: Run): Backfill {
    run.past ??= this.#runTo(this.#model(run.checkpoints[0]), run.present.minute);
    return run.past;
  }

  #runTo(model: MarketModel, toMinute: number): Backfill {
    const { minuteDays } = this.#setup;
    return new Backfill({
      model,
      listings: this.#listings,
      fromMinute: this.#firstMinute(toMinute),
      toMinute,
      minuteDays,
    });
  }

  /** Where the history up to a minute begins: whole days before the one that the minute is in. */
  #firstMinute(minute: number): number {
    return (Math.floor(minute / minutesPerDay) - this.#setup.backfillDays) * minutesPerDay;
  }

  #model(from: ModelSnapshot | { readonly seed: string; readonly minute: number }): MarketModel {
    const { markets, venues } = this.#setup;
    return new MarketModel({ markets, venues, calendar: this.#calendar, from });
  }

  #plan(): MinutePlan {
    const { markets, venues, seed } = this.#setup;
    return new MinutePlan({ markets: markets.length, venues: venues.length, seed });
  }
}

/** The instant of the last step; of the first one to come when there was none yet. */
const atMs = (run: Run): number => run.plan.minute * minuteMs + Math.max(0, run.ticks - 1) * tickMs;

const copy = (snapshot: ModelSnapshot): SimulatorState['present'] => ({
  minute: snapshot.minute,
  numbers: [...snapshot.numbers],
  random: [...snapshot.random],
});
