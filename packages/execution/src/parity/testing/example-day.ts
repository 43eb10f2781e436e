import {
  type Consensus,
  type DomainEvent,
  type DomainEventMap,
  type DomainEventType,
  type Order,
  type Position,
  roundKey,
  type Signal,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { exampleGuidance, exampleSignal, limitLeg } from '../../trade/example-signal.ts';

// Two rounds of one market for tests: each opens a position that its stop closes, with every event from bar to settlement.

const minuteMs = 60_000;
export const exampleStartMs = Date.UTC(2026, 0, 5);
const instrumentId = 'BTC-PERP@hyperliquid' as const;
const market = 'BTC-PERP';
const userId = 'alice';
const venue = 'paper';

/** The journal of a run. `seed` is in all ids that a run makes at random. */
export function exampleDay(seed = 'a'): readonly DomainEvent[] {
  const day = new ExampleDay(seed);
  day.round(exampleStartMs + 15 * minuteMs);
  day.round(exampleStartMs + 45 * minuteMs);
  return day.events;
}

class ExampleDay {
  readonly events: DomainEvent[] = [];
  readonly #seed: string;
  #made = 0;
  #atMs = exampleStartMs;

  constructor(seed: string) {
    this.#seed = seed;
  }

  round(closeAtMs: number): void {
    this.#atMs = closeAtMs;
    const key = roundKey(market, '15m', closeAtMs);
    const traceId = `candle:${instrumentId}:15m:${closeAtMs}`;
    for (const back of [2, 1, 0]) this.#bar('5m', closeAtMs - back * 5 * minuteMs);
    this.#atMs = closeAtMs;
    const bar = this.#bar('15m', closeAtMs);
    for (const agent of ['vanta', 'luma'])
      this.#put('opinion.published', market, opinion(agent, closeAtMs), {
        id: `opinion:${agent}:${market}:${closeAtMs}`,
        traceId,
        causationId: bar.id,
      });
    const round = { key, market, instrumentId, timeframe: '15m', closeAtMs, mode: 'handoff' } as const;
    const opened = this.#put('round.opened', market, round, { traceId, causationId: bar.id });
    const caused = { traceId, causationId: opened.id };
    ['vanta', 'luma'].forEach((agent, index) => {
      const { direction, confidence, evidence, source, reasoning } = opinion(agent, closeAtMs);
      const turn = { index, agent, direction, confidence, keyLevels: [], evidence, source, reasoning };
      this.#put('turn.completed', market, { roundKey: key, turn }, caused);
    });
    const contributors = ['vanta', 'luma'].map((agent) => ({
      ...({ agent, direction: 'long', confidence: 0.7, weight: 0.4, factor: 1, source: 'rules' } as const),
    }));
    const recommendationId = `recommendation:${key}`;
    const recommendation = this.#put(
      'recommendation.published',
      market,
      {
        ...{ id: recommendationId, roundKey: key, market, instrumentId, timeframe: '15m', direction: 'long' },
        ...{ entry: toPrice(60_000), stopLoss: toPrice(59_500), confidence: 0.7, archetype: 'momentum' },
        takeProfits: [{ price: toPrice(61_000), fraction: toRate(1) }],
        ...{ scaling: 'fixed', atr: 300, atrMedian: 290, reasoning: 'Long.', reasonedBy: 'rules', contributors },
        ...{ createdAtMs: closeAtMs, expiresAtMs: closeAtMs + 900_000 },
      },
      { ...caused, id: recommendationId },
    );
    const votes = contributors.map(({ source: _, ...vote }) => vote);
    const consensus: Consensus = {
      direction: 'long',
      base: 0.7,
      disagreement: 0,
      confidence: 0.7,
      missing: [],
      stale: [],
      votes,
    };
    this.#put('round.concluded', market, { round, outcome: 'published', consensus, recommendationId }, caused);
    this.#trade(recommendation.id, traceId, closeAtMs);
  }

  #trade(recommendationId: string, traceId: string, closeAtMs: number): void {
    const signal: Signal = exampleSignal({
      ...{ id: `signal:${recommendationId}:${userId}`, recommendationId, reservationId: this.#random('res') },
      ...{ createdAtMs: closeAtMs, expiresAtMs: closeAtMs + 900_000 },
    });
    const decided = this.#put(
      'risk.decided',
      userId,
      {
        ...{ outcome: 'signal', id: `decision:${recommendationId}:${userId}`, recommendationId, userId, signal },
        reservation: {
          ...{ id: signal.reservationId, userId, signalId: signal.id, venue, instrumentId, direction: 'long' },
          ...{ initialMargin: toUsd(1000), fees: toUsd(5), notional: toUsd(6000), riskAtStop: toUsd('55.4') },
          expiresAtMs: closeAtMs + 900_000,
        },
        steps: [
          { step: 'pre-filter', before: { positions: 0 }, after: { positions: 0 }, note: 'May trade.' },
          { step: 'tier-limits', before: { size: '0.2' }, after: { size: '0.1', limit: '6000' }, note: 'Capped.' },
        ],
        atMs: closeAtMs,
      },
      { traceId, causationId: recommendationId },
    );
    const issued = this.#put('signal.issued', userId, signal, { traceId, causationId: decided.id });
    const guidance = { ...exampleGuidance([limitLeg(60_000, '1')]), signalId: signal.id };
    const advised = this.#put('guidance.published', userId, { signal, guidance }, { traceId, causationId: issued.id });
    const ofSignal = { signalId: signal.id, userId };
    const caused = { traceId, causationId: advised.id };
    this.#put('signal.approved', userId, { ...ofSignal, contentHash: this.#random('hash'), by: 'autonomy' }, caused);

    const entry = this.#order({ purpose: 'entry', type: 'limit', side: 'buy', signalId: signal.id, traceId });
    this.#put('order.submitted', userId, entry, { traceId });
    this.#put('order.accepted', userId, { ...entry, status: 'open' }, { traceId });
    this.#atMs += 30_000;
    this.#fill(entry, '60000', traceId);
    const openedAtMs = this.#atMs;
    const position = this.#position(openedAtMs);
    this.#put('position.opened', userId, position, { traceId });
    const stop = this.#order({ purpose: 'stop-loss', type: 'stop-market', side: 'sell', reduceOnly: true, traceId });
    this.#put('order.submitted', userId, stop, { traceId });
    this.#put('order.accepted', userId, { ...stop, status: 'open' }, { traceId });
    const protection = { stopLoss: toPrice(59_500), stopSize: toSize('0.1'), takeProfits: [] };
    this.#put('protection.changed', userId, { userId, venue, instrumentId, protection }, { traceId });
    this.#atMs += 5 * minuteMs;
    const paid = { id: this.#random('funding'), userId, venue, instrumentId, amount: toUsd('-0.6') } as const;
    this.#put(
      'funding.paid',
      userId,
      { ...paid, rate: toRate('0.0001'), notional: toUsd(6000), atMs: this.#atMs },
      { traceId },
    );
    this.#atMs += 30_000;
    this.#fill(stop, '59490', traceId);
    const result = { realizedPnl: toUsd(-51), fees: toUsd(5), funding: toUsd('-0.6') };
    this.#put(
      'position.closed',
      userId,
      { position, reason: 'stop-loss', exitPrice: toPrice(59_490), ...result },
      { traceId },
    );
    const settled = {
      tradeId: this.#random('trade'),
      ...ofSignal,
      instrumentId,
      direction: 'long',
      outcome: 'closed',
    } as const;
    this.#put('trade.settled', userId, { ...settled, ...result }, caused);
  }

  #bar(timeframe: '5m' | '15m', closeAtMs: number): DomainEvent<'candle.closed'> {
    const atMs = this.#atMs;
    this.#atMs = closeAtMs;
    const openAtMs = closeAtMs - Number.parseInt(timeframe, 10) * minuteMs;
    const key = `${instrumentId}:${timeframe}`;
    const candle = {
      instrumentId,
      timeframe,
      openAtMs,
      open: 60_000,
      high: 60_100,
      low: 59_900,
      close: 60_050,
      volume: 12.5,
    } as const;
    const event = this.#put('candle.closed', key, candle, {
      id: `candle.closed:${key}:${closeAtMs}`,
      traceId: `candle:${key}:${closeAtMs}`,
    });
    this.#atMs = atMs;
    return event;
  }

  #fill(order: Order, price: string, traceId: string): void {
    const filled = {
      ...order,
      status: 'filled',
      filledSize: order.size,
      averagePrice: toPrice(price),
      updatedAtMs: this.#atMs,
    } as const;
    const fill = {
      ...({ id: this.#random('fill'), userId, venue, instrumentId, clientOrderId: order.clientOrderId } as const),
      ...{ venueOrderId: this.#random('venue'), side: order.side, price: toPrice(price), size: order.size },
      ...{ fee: toUsd('2.5'), feeRate: toRate('0.00045'), realizedPnl: toUsd(0) },
      ...({ liquidity: 'taker', reason: 'order' } as const),
      atMs: this.#atMs,
    } as const;
    this.#put('order.filled', userId, { order: filled, fill }, { traceId });
  }

  #order(changes: Pick<Order, 'purpose' | 'type' | 'side' | 'traceId'> & Partial<Order>): Order {
    this.#made += 1;
    return {
      ...{ clientOrderId: this.#random('order'), userId, venue, instrumentId, size: toSize('0.1') },
      ...{ price: toPrice(60_000), timeInForce: 'gtc', reduceOnly: false, origin: 'agent', status: 'intended' },
      ...{ filledSize: toSize(0), createdAtMs: this.#atMs, updatedAtMs: this.#atMs },
      ...changes,
    } as Order;
  }

  #position(openedAtMs: number): Position {
    return {
      ...{ userId, venue, instrumentId, direction: 'long', size: toSize('0.1'), entryPrice: toPrice(60_000) },
      ...{ markPrice: toPrice(60_010), leverage: 6, marginMode: 'isolated', margin: toUsd(1000) },
      ...{ unrealizedPnl: toUsd(1), realizedPnl: toUsd(0), openedAtMs, updatedAtMs: openedAtMs },
    };
  }

  #put<Type extends DomainEventType>(
    type: Type,
    key: string,
    payload: DomainEventMap[Type],
    given: { readonly id?: string; readonly traceId: string; readonly causationId?: string },
  ): DomainEvent<Type> {
    const event = { id: this.#random('evt'), version: 1, atMs: this.#atMs, type, key, payload, ...given };
    this.events.push(event as DomainEvent);
    return event as DomainEvent<Type>;
  }

  #random(prefix: string): string {
    this.#made += 1;
    return `${prefix}_${this.#seed}${this.#made}`;
  }
}

function opinion(agent: string, atMs: number): DomainEventMap['opinion.published'] {
  return {
    ...{ id: `opinion:${agent}:${market}:${atMs}`, agent, market, instrumentId, timeframe: '15m', atMs },
    ...{ refreshMs: 900_000, direction: 'long', score: 40, confidence: 0.7, completeness: 1, source: 'rules' },
    ...{
      keyLevels: [],
      evidence: [{ feature: 'rsi', value: 61.5 }],
      reasoning: 'It rises.',
      details: { label: 'weak' },
    },
  };
}

/** A journal with the payload of the n-th event of a type changed; undefined takes the event out. */
export function changed<Type extends DomainEventType>(
  journal: readonly DomainEvent[],
  type: Type,
  change: (event: DomainEvent<Type>) => DomainEvent<Type> | undefined,
  nth = 0,
): readonly DomainEvent[] {
  let seen = -1;
  return journal.flatMap((event) => {
    if (event.type !== type) return [event];
    seen += 1;
    return seen === nth ? (change(event as DomainEvent<Type>) ?? []) : [event];
  }) as readonly DomainEvent[];
}

/** An event with members of its payload changed. */
export const withPayload =
  <Type extends DomainEventType>(change: (payload: DomainEventMap[Type]) => object) =>
  (event: DomainEvent<Type>): DomainEvent<Type> =>
    ({
      ...event,
      payload: { ...event.payload, ...change(event.payload as DomainEventMap[Type]) },
    }) as DomainEvent<Type>;
