import type { DomainEvent, Fill, Order, Position } from '@perpdesk/core';
import { timeframeMs } from '@perpdesk/core';
import { comparable } from './comparable.ts';
import type { Fact, FactScope } from './fact.ts';
import type { ParitySubject } from './parity-report.ts';

/**
 * What happened in a run, each thing under a name that does not depend on ids made at random: an order by its trade, purpose
 * and place among the trade's orders of that kind, a fill by its order and place, a position by the trade that opened it.
 * Accounts are taken as they stood last: what changes them is compared itself.
 */
export function readFacts(journal: Iterable<DomainEvent>): readonly Fact[] {
  const reader = new FactReader();
  for (const event of journal) reader.take(event);
  return reader.facts();
}

class FactReader {
  readonly #facts: Fact[] = [];
  readonly #accounts = new Map<string, Fact>();
  readonly #counts = new Map<string, number>();
  /** The names of orders, by their ids. */
  readonly #orders = new Map<string, string>();
  /** The names of open positions. */
  readonly #positions = new Map<string, string>();
  #sequence = 0;

  facts(): readonly Fact[] {
    return [...this.#facts, ...this.#accounts.values()];
  }

  take(event: DomainEvent): void {
    this.#sequence += 1;
    const { payload } = event;
    switch (event.type) {
      case 'candle.closed': {
        const { openAtMs, timeframe } = event.payload;
        const toMs = openAtMs + timeframeMs(timeframe);
        return this.#add(event, 'bar', `${event.key}:${toMs}`, {
          ...ofInstrument(event.payload),
          fromMs: openAtMs,
          toMs,
        });
      }
      case 'candle.skipped': {
        const { openAtMs, timeframe } = event.payload;
        const toMs = openAtMs + timeframeMs(timeframe);
        const scope = { ...ofInstrument(event.payload), fromMs: openAtMs, toMs };
        return this.#add(event, 'skipped-bar', `${event.key}:${toMs}`, scope);
      }
      case 'feed.gapped': {
        const { fromMs, toMs } = event.payload;
        return this.#add(event, 'gap', `${event.key}:${fromMs}`, { ...ofInstrument(event.payload), fromMs, toMs });
      }
      case 'macro.released':
        return this.#add(event, 'release', event.payload.event.id, {});
      case 'opinion.published': {
        const { agent, market, instrumentId, atMs } = event.payload;
        return this.#add(event, 'opinion', `${agent}:${market}:${atMs}`, { agent, market, instrumentId });
      }
      case 'agent.failed': {
        const { agent, market } = event.payload;
        return this.#add(event, 'failure', this.#next(`agent:${agent}:${market}:${event.traceId}`), { agent, market });
      }
      case 'agent.abstained': {
        const { agent, market, atMs } = event.payload;
        return this.#add(event, 'abstention', `${agent}:${market}:${atMs}`, { agent, market });
      }
      case 'round.opened': {
        const { key, market, instrumentId } = event.payload;
        return this.#add(event, 'round', key, { roundKey: key, market, instrumentId });
      }
      case 'turn.completed': {
        const { roundKey, turn } = event.payload;
        return this.#add(event, 'turn', `${roundKey}#${turn.index}`, {
          ...{ roundKey, agent: turn.agent, market: event.key },
        });
      }
      case 'round.concluded': {
        const { key, market, instrumentId } = event.payload.round;
        return this.#add(event, 'conclusion', key, { roundKey: key, market, instrumentId });
      }
      case 'recommendation.published': {
        const { id, roundKey, market, instrumentId } = event.payload;
        return this.#add(event, 'recommendation', id, { recommendationId: id, roundKey, market, instrumentId });
      }
      case 'risk.decided': {
        const { id, recommendationId, userId } = event.payload;
        return this.#add(event, 'decision', id, { recommendationId, userId });
      }
      case 'signal.issued': {
        const { id, recommendationId, userId, market, instrumentId } = event.payload;
        return this.#add(event, 'signal', id, { signalId: id, recommendationId, userId, market, instrumentId });
      }
      case 'guidance.published': {
        const { id, recommendationId, userId, market, instrumentId } = event.payload.signal;
        const scope = { signalId: id, recommendationId, userId, market, instrumentId };
        return this.#add(event, 'guidance', id, scope, event.payload.guidance);
      }
      case 'approval.requested':
      case 'signal.approved':
      case 'signal.declined': {
        const { signalId, userId } = event.payload;
        return this.#add(event, 'approval', `${signalId}/${event.type.split('.')[1]}`, { signalId, userId });
      }
      case 'order.refused':
        return this.#order(event, event.payload.order, 'refused', payload);
      case 'order.submitted':
      case 'order.accepted':
      case 'order.rejected':
      case 'order.unresolved':
      case 'order.canceled':
        return this.#order(event, event.payload, event.type.split('.')[1] ?? '', payload);
      case 'order.filled':
        return this.#fill(event, event.payload.order, event.payload.fill);
      case 'position.opened': {
        const place = placeOf(event.payload);
        const name = this.#next(`${place}:${lasting(event.traceId)}`);
        this.#positions.set(place, name);
        return this.#position(event, event.payload, name, 'opened');
      }
      case 'position.changed': {
        const name = this.#held(event.payload);
        return this.#position(event, event.payload, name, this.#next(`changed:${name}`).replace(`:${name}`, ''));
      }
      case 'position.closed': {
        const { position } = event.payload;
        const name = this.#held(position);
        this.#positions.delete(placeOf(position));
        // At which mark it was last read depends on how often accounts are, and says nothing of how it ended.
        const { markPrice: _, unrealizedPnl: __, ...ended } = position;
        return this.#position(event, position, name, 'closed', { ...event.payload, position: ended });
      }
      case 'protection.changed':
      case 'protection.missing': {
        const { userId, instrumentId } = event.payload;
        const name = this.#held(event.payload);
        const id = this.#next(`${name}/${event.type.split('.')[1]}`);
        return this.#add(event, 'protection', id, { userId, ...ofInstrument({ instrumentId }), positionId: name });
      }
      case 'funding.paid': {
        const { userId, venue, instrumentId, atMs } = event.payload;
        const scope = { userId, ...ofInstrument({ instrumentId }) };
        return this.#add(event, 'funding', `${userId}:${venue}:${instrumentId}:${atMs}`, scope);
      }
      case 'account.changed': {
        const { userId, venue } = event.payload;
        const id = `${userId}:${venue}`;
        this.#accounts.set(id, this.#fact(event, 'account', id, { userId }));
        return;
      }
      case 'trade.settled': {
        const { signalId, userId, instrumentId } = event.payload;
        const scope = { signalId, userId, ...ofInstrument({ instrumentId }) };
        return this.#add(event, 'settlement', this.#next(signalId), scope);
      }
      case 'limit.warned': {
        const { userId, limit, percent } = event.payload;
        return this.#add(event, 'limit', this.#next(`${userId}:${limit}:${percent}`), { userId });
      }
      case 'flatten.requested': {
        const { userId, venue } = event.payload;
        return this.#add(event, 'limit', this.#next(`${userId}:${venue}:flatten`), { userId });
      }
      case 'trading-state.changed': {
        const { scope } = event.payload;
        const userId = scope.startsWith('user:') ? { userId: scope.slice(5) } : {};
        return this.#add(event, 'trading-state', this.#next(scope), userId);
      }
      case 'service.failed':
        return this.#add(event, 'failure', this.#next(`service:${event.payload.service}`), {});
      case 'listener.failed': {
        const { group, eventType } = event.payload;
        return this.#add(event, 'failure', this.#next(`${group}:${eventType}`), {});
      }
    }
  }

  #order(event: DomainEvent, order: Order, step: string, payload: object): void {
    const orderId = this.#nameOf(order);
    // An order is accepted again with each state that the venue tells.
    const id = this.#next(`${orderId}/${step}`);
    this.#add(event, 'order', id, this.#ofOrder(order, orderId), payload);
  }

  #fill(event: DomainEvent, order: Order, fill: Fill): void {
    const orderId = this.#nameOf(order);
    this.#add(event, 'fill', this.#next(`${orderId}/fill`), this.#ofOrder(order, orderId), fill);
  }

  #ofOrder({ userId, signalId, instrumentId }: Order, orderId: string): FactScope {
    const signal = signalId === undefined ? {} : { signalId };
    return { userId, ...signal, ...ofInstrument({ instrumentId }), orderId };
  }

  #nameOf(order: Order): string {
    const { clientOrderId, userId, venue, instrumentId, origin, purpose, type, side } = order;
    const known = this.#orders.get(clientOrderId);
    if (known !== undefined) return known;
    const trade = order.signalId ?? `${userId}:${venue}:${instrumentId}:${lasting(order.traceId ?? '')}`;
    const name = this.#next(`${trade}/${origin}:${purpose}:${type}:${side}`);
    this.#orders.set(clientOrderId, name);
    return name;
  }

  #held(position: Pick<Position, 'userId' | 'venue' | 'instrumentId'>): string {
    return this.#positions.get(placeOf(position)) ?? placeOf(position);
  }

  #position(event: DomainEvent, position: Position, name: string, step: string, payload: object = position): void {
    const { userId, instrumentId } = position;
    const scope = { userId, ...ofInstrument({ instrumentId }), positionId: name };
    this.#add(event, 'position', `${name}/${step}`, scope, payload);
  }

  #add(
    event: DomainEvent,
    subject: ParitySubject,
    id: string,
    scope: FactScope,
    payload: object = event.payload,
  ): void {
    this.#facts.push(this.#fact(event, subject, id, scope, payload));
  }

  #fact(
    event: DomainEvent,
    subject: ParitySubject,
    id: string,
    scope: FactScope,
    payload: object = event.payload,
  ): Fact {
    return { subject, id, sequence: this.#sequence, event, scope, ...comparable(payload) };
  }

  /** A name with its count: the first has none. */
  #next(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  }
}

const placeOf = ({ userId, venue, instrumentId }: Pick<Position, 'userId' | 'venue' | 'instrumentId'>): string =>
  `${userId}:${venue}:${instrumentId}`;

/** A trace that was derived from a bar is the same in every run; one that a generator made says nothing. */
const lasting = (traceId: string): string => (/^[a-z-]+:/.test(traceId) ? traceId : '');

const ofInstrument = ({ instrumentId }: { readonly instrumentId: string }) => ({
  instrumentId,
  market: instrumentId.split('@')[0] ?? instrumentId,
});
