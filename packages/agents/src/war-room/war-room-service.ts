import {
  type Clock,
  causedBy,
  type DecisionInputs,
  type DomainEvent,
  type EventBus,
  type Health,
  inSpan,
  type Logger,
  type MarketBus,
  type MarketId,
  type MarketView,
  marketOf,
  type Round,
  type RoundCost,
  roundKey,
  type Service,
  silentLogger,
  type Timeframe,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import type { DecisionRecorder } from '../journal/decision-recorder.ts';
import { absentRound, youngRound } from '../journal/round-reading.ts';
import { subjectOf } from '../journal/subject-of.ts';
import type { ModelLedger } from '../model/budget/model-ledger.ts';
import { agentTracer, placeAttributes } from '../trace/agent-span.ts';
import { concludedPayload } from './concluded-payload.ts';
import { type PendingRound, PendingRounds } from './pending-rounds.ts';
import { readRoundsLeft } from './read-rounds-left.ts';
import type { RoundInputs, RoundOutcome } from './round-outcome.ts';
import type { Spoken } from './speak.ts';
import type { WarRoom } from './war-room.ts';

/** Options of {@link WarRoomService}. */
export interface WarRoomServiceOptions {
  readonly warRoom: WarRoom;
  readonly eventBus: EventBus;
  readonly marketView: MarketView;
  readonly clock: Clock;
  /** The closes that call a round. Default 15m. */
  readonly timeframe?: Timeframe;
  /** How long a close waits for opinions. Default 15 s. */
  readonly waitMs?: number;
  /** How long after its close a round that was broken off is taken up; later it is closed as `deadline`. Default 2 minutes. */
  readonly takeUpWithinMs?: number;
  /** Where turns are shown while they are being said. Default: nowhere. */
  readonly marketBus?: MarketBus;
  /** Where the models of a round are accounted for: what they cost is told with its end. Default: nothing is told. */
  readonly ledger?: Pick<ModelLedger, 'spent'>;
  /** Where what rounds are made of is written down. Default: nowhere, and no decision can be replayed. */
  readonly journal?: DecisionRecorder;
  readonly logger?: Logger;
}

/**
 * Calls a round on each close of a market's reference instrument, once all agents that speak on it did or the wait is over,
 * and publishes what becomes of it. Each key is held once, and event ids derive from it, so one recommendation at most comes of it.
 * A round that the end of a process broke off is taken up by the next one. When stopped, it gives up the rounds under way and
 * publishes no more.
 */
export class WarRoomService implements Service {
  readonly name = 'war-room';
  readonly #options: WarRoomServiceOptions;
  readonly #timeframe: Timeframe;
  readonly #waitMs: number;
  readonly #logger: Logger;
  readonly #takeUpWithinMs: number;
  readonly #rounds = new PendingRounds();
  /** The last close of each market that a round was begun on. */
  readonly #begunAtMs = new Map<MarketId, number>();
  readonly #held = new Set<Promise<void>>();
  readonly #unsubscribes: Unsubscribe[] = [];
  #stopping = new AbortController();
  #health: Health = { status: 'stopped' };

  constructor(options: WarRoomServiceOptions) {
    this.#options = options;
    this.#timeframe = options.timeframe ?? '15m';
    this.#waitMs = options.waitMs ?? 15_000;
    this.#takeUpWithinMs = options.takeUpWithinMs ?? 120_000;
    this.#logger = options.logger ?? silentLogger;
  }

  async start(): Promise<void> {
    const { eventBus } = this.#options;
    this.#stopping = new AbortController();
    // What was said before a restart still counts, by its age.
    const said = await eventBus.read({ types: ['opinion.published'], order: 'descending', limit: 1000 });
    for (const { event } of [...said].reverse()) {
      if (event.type === 'opinion.published')
        this.#rounds.answer(event.payload.market, event.payload.agent, event.payload.atMs, event.payload);
    }
    const left = await readRoundsLeft(eventBus);
    for (const [market, closeAtMs] of left.begunAtMs) this.#begunAtMs.set(market, closeAtMs);
    this.#unsubscribes.push(
      eventBus.subscribe(
        { group: this.name, types: ['candle.closed', 'opinion.published', 'agent.abstained'] },
        (event) => {
          switch (event.type) {
            case 'candle.closed':
              return this.#onClose(event);
            case 'opinion.published':
              return this.#onAnswer(
                this.#rounds.answer(event.payload.market, event.payload.agent, event.payload.atMs, event.payload),
              );
            case 'agent.abstained':
              return this.#onAnswer(
                this.#rounds.answer(
                  event.payload.market,
                  event.payload.agent,
                  event.payload.atMs,
                  event.payload.reason,
                ),
              );
          }
        },
      ),
    );
    this.#health = { status: 'healthy' };
    for (const opened of left.unfinished) void this.#track(opened.payload, () => this.#takeUp(opened));
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    this.#rounds.clear();
    this.#stopping.abort(new Error('The War Room is closing.'));
    await Promise.allSettled(this.#held);
    this.#health = { status: 'stopped' };
  }

  health(): Health {
    return this.#health;
  }

  #onClose(event: Parameters<PendingRounds['open']>[0]): Promise<void> | undefined {
    const { instrumentId, timeframe, openAtMs } = event.payload;
    const market: MarketId = marketOf(instrumentId);
    if (timeframe !== this.#timeframe || this.#options.marketView.reference(market)?.id !== instrumentId)
      return undefined;
    const closeAtMs = openAtMs + timeframeMs(timeframe);
    // A close that comes late (a restart) is history: its plan would be for a market that has moved on.
    if (this.#options.clock.nowMs() - closeAtMs >= timeframeMs(timeframe)) return undefined;
    // One that is told again was held, or is being held.
    if (closeAtMs <= (this.#begunAtMs.get(market) ?? Number.NEGATIVE_INFINITY)) return undefined;
    this.#begunAtMs.set(market, closeAtMs);
    const round = this.#rounds.open(event, market, closeAtMs, this.#options.warRoom.agents);
    if (round.awaited.size === 0) return this.#begin(round);
    round.cancelTimer = this.#options.clock.setTimer(this.#waitMs, () => void this.#begin(round));
    return undefined;
  }

  #onAnswer(complete: PendingRound | undefined): Promise<void> | undefined {
    return complete === undefined ? undefined : this.#begin(complete);
  }

  #begin(pending: PendingRound): Promise<void> {
    if (!this.#rounds.claim(pending)) return Promise.resolve();
    const { candle, market, closeAtMs } = pending;
    const { instrumentId, timeframe } = candle.payload;
    const key = roundKey(market, timeframe, closeAtMs);
    const round: Round = { key, market, instrumentId, timeframe, closeAtMs, mode: this.#options.warRoom.mode };
    return this.#track(round, () =>
      this.#whileTimeStands(async () => {
        const opened = await this.#options.eventBus.publish({
          id: `round.opened:${key}`,
          type: 'round.opened',
          key: market,
          ...causedBy(candle),
          payload: round,
        });
        await this.#conclude(opened, await this.#hold(opened));
      }),
    );
  }

  /** Goes on with a round that an earlier process left, as soon as there is a market to judge, or closes it. */
  async #takeUp(opened: DomainEvent<'round.opened'>): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const left = (): number => opened.payload.closeAtMs + this.#takeUpWithinMs - clock.nowMs();
    while (left() > 0) {
      const ended = await this.#whileTimeStands(async () => {
        const outcome = await this.#hold(opened);
        if (awaitsMarket(outcome)) return false;
        await this.#conclude(opened, outcome);
        return true;
      });
      if (ended) return;
      await clock.sleep(Math.min(left(), marketPauseMs), { signal });
    }
    const { payload: round, traceId } = opened;
    const subject = subjectOf('round', round.key);
    const inputs = absentRound('deadline');
    this.#options.journal?.record({ kind: 'round', subject, agent: 'war-room', traceId, roundKey: round.key, inputs });
    await this.#conclude(opened, { outcome: 'stood-aside', reason: 'deadline', turns: [], degraded: [] });
  }

  /** Work on a round that a stop waits for. Never rejects. */
  #track({ market, closeAtMs }: Round, work: () => Promise<void>): Promise<void> {
    const held = work()
      .then(
        () => {
          this.#health = { status: 'healthy' };
        },
        (error: unknown) => {
          // Given up by a stop: whoever starts next goes on with it.
          if (this.#stopping.signal.aborted) return;
          this.#health = { status: 'degraded', detail: `round of ${market} failed` };
          this.#logger.error({ error, market, closeAtMs }, 'a round failed');
        },
      )
      .finally(() => this.#held.delete(held));
    this.#held.add(held);
    return held;
  }

  async #whileTimeStands<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = this.#options.clock.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  #hold(opened: DomainEvent<'round.opened'>): Promise<RoundOutcome> {
    const { payload: round, traceId } = opened;
    const attributes = {
      'perpdesk.market': round.market,
      'perpdesk.round_mode': round.mode,
      ...placeAttributes({ traceId, roundKey: round.key }),
    };
    return inSpan({ tracer: agentTracer(), name: 'round', attributes }, async (span) => {
      const outcome = await this.#holdRound(opened);
      span.setAttributes({
        'perpdesk.outcome': outcome.outcome,
        ...(outcome.outcome === 'stood-aside' ? { 'perpdesk.reason': outcome.reason } : {}),
      });
      return outcome;
    });
  }

  async #holdRound(opened: DomainEvent<'round.opened'>): Promise<RoundOutcome> {
    const { eventBus, warRoom, marketBus } = this.#options;
    const { signal } = this.#stopping;
    const { payload: round, traceId } = opened;
    const { key, market, closeAtMs } = round;
    const onTurn = async (spoken: Spoken): Promise<Spoken> => {
      const { payload } = await eventBus.publish({
        id: `turn.completed:${key}:${spoken.turn.index}`,
        type: 'turn.completed',
        key: market,
        ...causedBy(opened),
        payload: { roundKey: key, turn: spoken.turn },
      });
      // One that was told before a restart stands, whatever is said now.
      return { ...spoken, turn: payload.turn };
    };
    const onDraft = (draft: { readonly agent: string; readonly index: number; readonly text: string }): void =>
      void marketBus?.publish('turn.drafted', `${market}:${draft.agent}`, { roundKey: key, market, ...draft });
    const { journal } = this.#options;
    let held: DecisionInputs | undefined;
    const onInputs = ({ kind, agent, index, inputs }: RoundInputs): void => {
      // Whether it was for want of history is known at its end.
      if (kind === 'round') held = inputs;
      else journal?.record({ kind, subject: subjectOf(kind, key, index), agent, traceId, roundKey: key, inputs });
    };
    const outcome = await warRoom.hold(round, this.#rounds.opinions(market), {
      ...{ onTurn, traceId, signal },
      ...(marketBus === undefined ? {} : { onDraft }),
      ...(journal === undefined ? {} : { onInputs }),
    });
    // Too few agents for want of history is told as what it is.
    const young =
      outcome.outcome === 'stood-aside' &&
      outcome.reason === 'too-few-agents' &&
      this.#rounds.abstained(market, closeAtMs, 'insufficient-history');
    if (held !== undefined) {
      const inputs = young ? youngRound(held) : held;
      const subject = subjectOf('round', key);
      journal?.record({ kind: 'round', subject, agent: 'war-room', traceId, roundKey: key, inputs });
    }
    return young ? { ...outcome, reason: 'insufficient-history' } : outcome;
  }

  /** Undefined where nothing was asked of a model, or nobody knows. */
  async #costOf(roundKey: string): Promise<RoundCost | undefined> {
    try {
      const spent = await this.#options.ledger?.spent({ roundKey });
      if (spent === undefined || spent.calls === 0) return undefined;
      const { usd, inputTokens, outputTokens } = spent;
      return { usd, inputTokens, outputTokens };
    } catch (error) {
      // A round does not fail for want of its bill.
      this.#logger.warn({ error, round: roundKey }, 'what a round cost is not known');
      return undefined;
    }
  }

  async #conclude(opened: DomainEvent<'round.opened'>, outcome: RoundOutcome): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const { eventBus } = this.#options;
    const { payload: round } = opened;
    const concluded = {
      id: `round.concluded:${round.key}`,
      type: 'round.concluded',
      key: round.market,
      ...causedBy(opened),
    } as const;
    // The plan first: should the process die between the two, the round is taken up and meets its own plan by id.
    if (outcome.outcome === 'published')
      await eventBus.publish({
        id: outcome.recommendation.id,
        type: 'recommendation.published',
        key: round.market,
        ...causedBy(opened),
        payload: outcome.recommendation,
      });
    const cost = await this.#costOf(round.key);
    // A round that is told as over can be replayed. The plan does not wait for that, and nothing waits for a journal that hangs.
    await this.#options.journal?.flush({ withinMs: journalWithinMs });
    await eventBus.publish({ ...concluded, payload: concludedPayload(round, outcome, cost) });
  }
}

/** How long the end of a round is held back for what it was made of to be written down. */
const journalWithinMs = 1_000;

/** How often a round that is taken up looks whether there is a market again. */
const marketPauseMs = 1_000;

/** True where a round could not even begin: after a start there are no prices yet. */
const awaitsMarket = (outcome: RoundOutcome): boolean =>
  outcome.outcome === 'stood-aside' &&
  outcome.consensus === undefined &&
  (outcome.reason === 'insufficient-history' || outcome.reason === 'stale-market-data');
