import {
  type Clock,
  causedBy,
  type EventBus,
  type Health,
  type Logger,
  type MarketId,
  type MarketView,
  marketOf,
  type Round,
  roundKey,
  type Service,
  silentLogger,
  type Timeframe,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import { type PendingRound, PendingRounds } from './pending-rounds.ts';
import type { Spoken } from './speak.ts';
import type { RoundOutcome, WarRoom } from './war-room.ts';

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
  readonly logger?: Logger;
}

/**
 * Calls a round on each close of a market's reference instrument, once all agents that speak on it did or the wait is over,
 * and publishes what becomes of it. Event ids derive from the round's key, so one recommendation at most comes of it.
 */
export class WarRoomService implements Service {
  readonly name = 'war-room';
  readonly #options: WarRoomServiceOptions;
  readonly #timeframe: Timeframe;
  readonly #waitMs: number;
  readonly #logger: Logger;
  readonly #rounds = new PendingRounds();
  readonly #held = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #unsubscribes: Unsubscribe[] = [];
  #health: Health = { status: 'stopped' };

  constructor(options: WarRoomServiceOptions) {
    this.#options = options;
    this.#timeframe = options.timeframe ?? '15m';
    this.#waitMs = options.waitMs ?? 15_000;
    this.#logger = options.logger ?? silentLogger;
  }

  async start(): Promise<void> {
    const { eventBus } = this.#options;
    // What was said before a restart still counts, by its age.
    const said = await eventBus.read({ types: ['opinion.published'], order: 'descending', limit: 1000 });
    for (const { event } of [...said].reverse()) {
      if (event.type === 'opinion.published')
        this.#rounds.answer(event.payload.market, event.payload.agent, event.payload.atMs, event.payload);
    }
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
    const round = this.#rounds.open(event, market, closeAtMs, this.#options.warRoom.agents);
    if (round.awaited.size === 0) return this.#hold(round);
    round.cancelTimer = this.#options.clock.setTimer(this.#waitMs, () => void this.#hold(round));
    return undefined;
  }

  #onAnswer(complete: PendingRound | undefined): Promise<void> | undefined {
    return complete === undefined ? undefined : this.#hold(complete);
  }

  #hold(pending: PendingRound): Promise<void> {
    if (!this.#rounds.claim(pending)) return Promise.resolve();
    const release = this.#options.clock.hold();
    const held = this.#debate(pending)
      .then(
        () => {
          this.#health = { status: 'healthy' };
        },
        (error: unknown) => {
          this.#health = { status: 'degraded', detail: `round of ${pending.market} failed` };
          this.#logger.error({ error, market: pending.market, closeAtMs: pending.closeAtMs }, 'a round failed');
        },
      )
      .finally(() => {
        this.#held.delete(held);
        release();
      });
    this.#held.add(held);
    return held;
  }

  async #debate({ candle, market, closeAtMs }: PendingRound): Promise<void> {
    const { eventBus, warRoom } = this.#options;
    const { instrumentId, timeframe } = candle.payload;
    const key = roundKey(market, timeframe, closeAtMs);
    const round: Round = { key, market, instrumentId, timeframe, closeAtMs, mode: warRoom.mode };
    const opened = await eventBus.publish({
      id: `round.opened:${key}`,
      type: 'round.opened',
      key: market,
      ...causedBy(candle),
      payload: round,
    });
    const onTurn = async ({ turn }: Spoken): Promise<void> => {
      await eventBus.publish({
        id: `turn.completed:${key}:${turn.index}`,
        type: 'turn.completed',
        key: market,
        ...causedBy(opened),
        payload: { roundKey: key, turn },
      });
    };
    const outcome = await warRoom.hold(round, this.#rounds.opinions(market), { onTurn, signal: this.#stopping.signal });
    // Too few agents for want of history is told as what it is.
    const young =
      outcome.outcome === 'stood-aside' &&
      outcome.reason === 'too-few-agents' &&
      this.#rounds.abstained(market, closeAtMs, 'insufficient-history');
    await this.#conclude(round, opened, young ? { ...outcome, reason: 'insufficient-history' } : outcome);
  }

  async #conclude(
    round: Round,
    opened: { readonly id: string; readonly traceId: string },
    outcome: RoundOutcome,
  ): Promise<void> {
    const { eventBus } = this.#options;
    const concluded = {
      id: `round.concluded:${round.key}`,
      type: 'round.concluded',
      key: round.market,
      ...causedBy(opened),
    } as const;
    const consensus = outcome.consensus === undefined ? {} : { consensus: outcome.consensus };
    if (outcome.outcome === 'stood-aside') {
      await eventBus.publish({
        ...concluded,
        payload: { round, outcome: 'stood-aside', reason: outcome.reason, ...consensus },
      });
      return;
    }
    // The plan first: should the process die between the two, the round is held again and meets its own plan by id.
    const { payload } = await eventBus.publish({
      id: outcome.recommendation.id,
      type: 'recommendation.published',
      key: round.market,
      ...causedBy(opened),
      payload: outcome.recommendation,
    });
    await eventBus.publish({
      ...concluded,
      payload: { round, outcome: 'published', recommendationId: payload.id, ...consensus },
    });
  }
}
