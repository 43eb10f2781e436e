import { AgentService, CalibrationBook, CalibrationService, Luma, Meridian, Vanta } from '@perpdesk/agents';
import {
  type CalibrationDrift,
  type Candle,
  type EventBus,
  type FundingRate,
  type Instrument,
  MemoryEventBus,
  type OpinionScore,
  SeededRandom,
  type Service,
  SimulatedClock,
  SortableIdGenerator,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';
import { CandleRollup, IndicatorPipeline, MarketState } from '@perpdesk/data';

/** Everything recorded of one market. */
export interface RecordedSeries {
  readonly instrument: Instrument;
  /** Bars of the base timeframe, oldest first. */
  readonly candles: readonly Candle[];
  /** Settled rates, oldest first; those before the first bar are known from the beginning. */
  readonly funding: readonly FundingRate[];
}

/** What became of what the agents said over a recording. */
export interface ScoredRecording {
  readonly book: CalibrationBook;
  readonly scores: readonly OpinionScore[];
  readonly opinions: Readonly<Record<string, number>>;
  readonly abstentions: Readonly<Record<string, number>>;
  readonly unscored: Readonly<Record<string, number>>;
  readonly drifts: readonly CalibrationDrift[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Has the rule-based agents speak at each close of a recording and scores what they say, with the very services of the desk, on
 * a clock that the bars move. Nothing is known that had not closed. Without open interest, order flow and a calendar in the
 * recording, Luma and Meridian speak on what is there.
 */
export async function scoreRecording(
  markets: readonly RecordedSeries[],
  { base }: { readonly base: Timeframe },
): Promise<ScoredRecording> {
  const stepMs = timeframeMs(base);
  const fromMs = Math.min(...markets.map(({ candles }) => (candles[0]?.openAtMs ?? Number.POSITIVE_INFINITY) + stepMs));
  const toMs = Math.max(...markets.map(({ candles }) => (candles.at(-1)?.openAtMs ?? 0) + stepMs));
  const clock = new SimulatedClock({ startAtMs: fromMs });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('calibration') });
  const eventBus = new MemoryEventBus({ clock, ids, journalSize: 10_000 });
  const state = new MarketState({ clock });
  state.list(markets.map(({ instrument }) => instrument));
  const book = new CalibrationBook({ clock, halfLifeMs: Number.POSITIVE_INFINITY });
  const tally = listen(eventBus);
  const services: readonly Service[] = [
    new CalibrationService({ eventBus, clock, marketView: state, book }),
    ...[
      new Vanta({ marketView: state, clock }),
      new Luma({ marketView: state, derivativesView: state, clock }),
      new Meridian({ marketView: state, macroView: state, clock }),
    ].map((agent) => new AgentService({ agent, marketView: state, eventBus, clock })),
  ];
  for (const service of services) await service.start();
  const pipeline = new IndicatorPipeline();
  const feeds = markets.map((market) => new SeriesFeed(market, base, state, pipeline));
  for (let atMs = fromMs; atMs <= toMs; atMs += stepMs) {
    await clock.advanceTo(atMs);
    const closed = feeds.flatMap((feed) => feed.closedAt(atMs));
    for (const candle of closed) {
      const key = `${candle.instrumentId}:${candle.timeframe}`;
      await eventBus.publish({ id: `candle:${key}:${candle.openAtMs}`, type: 'candle.closed', key, payload: candle });
    }
  }
  await clock.advanceBy(stepMs);
  for (const service of services) await service.stop();
  await eventBus.close();
  return { book, ...tally, fromMs, toMs };
}

function listen(eventBus: EventBus) {
  const scores: OpinionScore[] = [];
  const drifts: CalibrationDrift[] = [];
  const opinions: Record<string, number> = {};
  const abstentions: Record<string, number> = {};
  const unscored: Record<string, number> = {};
  const count = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const types = [
    'opinion.published',
    'agent.abstained',
    'opinion.scored',
    'opinion.unscored',
    'calibration.drifted',
  ] as const;
  eventBus.subscribe({ group: 'tally', types }, (event) => {
    if (event.type === 'opinion.scored') scores.push(event.payload);
    else if (event.type === 'opinion.published') count(opinions, event.payload.agent);
    else if (event.type === 'agent.abstained') count(abstentions, `${event.payload.agent}: ${event.payload.reason}`);
    else if (event.type === 'opinion.unscored') count(unscored, `${event.payload.agent}: ${event.payload.reason}`);
    else drifts.push(event.payload);
  });
  return { scores, drifts, opinions, abstentions, unscored };
}

/** Gives one market's bars and funding as their time comes. */
class SeriesFeed {
  readonly #market: RecordedSeries;
  readonly #state: MarketState;
  readonly #pipeline: IndicatorPipeline;
  readonly #stepMs: number;
  readonly #rollup: CandleRollup;
  #closed: Candle[] = [];
  #candle = 0;
  #funding = 0;

  constructor(market: RecordedSeries, base: Timeframe, state: MarketState, pipeline: IndicatorPipeline) {
    this.#market = market;
    this.#state = state;
    this.#pipeline = pipeline;
    this.#stepMs = timeframeMs(base);
    this.#rollup = new CandleRollup({
      instrumentId: market.instrument.id,
      base,
      listener: { closed: (candle) => this.#closed.push(candle) },
    });
  }

  /** Takes what has happened by an instant into the state, and gives the bars that closed with it, shortest first. */
  closedAt(atMs: number): readonly Candle[] {
    const { candles, funding } = this.#market;
    for (let rate = funding[this.#funding]; rate !== undefined && rate.settlesAtMs <= atMs; ) {
      this.#state.observe({ kind: 'funding', funding: rate });
      this.#funding += 1;
      rate = funding[this.#funding];
    }
    const next = candles[this.#candle];
    if (next === undefined || next.openAtMs + this.#stepMs !== atMs) return [];
    this.#candle += 1;
    this.#closed = [next];
    this.#rollup.push(next);
    for (const candle of this.#closed) {
      this.#state.addCandle(candle);
      const snapshot = this.#pipeline.update(candle);
      if (snapshot !== undefined) this.#state.setIndicators(snapshot);
    }
    // As on a desk, minutes are no durable events.
    return this.#closed.filter(({ timeframe }) => timeframe !== '1m');
  }
}
