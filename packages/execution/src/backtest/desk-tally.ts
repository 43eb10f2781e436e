import type { DomainEvent, DomainEventType, EventBus, Fill, Recommendation } from '@perpdesk/core';
import { EventDigest } from '@perpdesk/core/security';
import type { DeskBacktest, DeskTrade } from './run-backtest.ts';

/** Everything that a desk tells. A type that is added to the map is asked for here by the compiler. */
const told: Readonly<Record<DomainEventType, true>> = {
  'candle.closed': true,
  'candle.skipped': true,
  'feed.gapped': true,
  'macro.released': true,
  'opinion.published': true,
  'agent.failed': true,
  'agent.abstained': true,
  'round.opened': true,
  'turn.completed': true,
  'round.concluded': true,
  'recommendation.published': true,
  'prediction.assessed': true,
  'prediction.discovered': true,
  'prediction.scored': true,
  'opinion.scored': true,
  'opinion.unscored': true,
  'calibration.drifted': true,
  'risk.decided': true,
  'signal.issued': true,
  'guidance.published': true,
  'approval.requested': true,
  'signal.approved': true,
  'signal.declined': true,
  'chat.asked': true,
  'chat.answered': true,
  'proposal.changed': true,
  'order.refused': true,
  'order.submitted': true,
  'order.accepted': true,
  'order.rejected': true,
  'order.unresolved': true,
  'order.canceled': true,
  'order.filled': true,
  'position.opened': true,
  'position.changed': true,
  'position.closed': true,
  'protection.changed': true,
  'protection.missing': true,
  'funding.paid': true,
  'account.changed': true,
  'trade.settled': true,
  'limit.warned': true,
  'flatten.requested': true,
  'trading-state.changed': true,
  'service.failed': true,
  'listener.failed': true,
};

/** Writes down what a desk tells while it is backtested. */
export class DeskTally {
  readonly #digest: EventDigest | undefined;
  readonly #recommendations: Recommendation[] = [];
  readonly #fills: Fill[] = [];
  readonly #trades: DeskTrade[] = [];
  readonly #counts: Record<string, number> = {};
  readonly #rejections: Record<string, number> = {};
  readonly #unsubscribe: () => void;

  constructor(eventBus: EventBus, options: { readonly digest: boolean }) {
    this.#digest = options.digest ? new EventDigest() : undefined;
    const types = Object.keys(told) as DomainEventType[];
    this.#unsubscribe = eventBus.subscribe({ group: 'backtest', types }, (event) => this.#add(event));
  }

  stop(): void {
    this.#unsubscribe();
  }

  findings(): Pick<DeskBacktest, 'recommendations' | 'fills' | 'trades' | 'counts' | 'rejections' | 'digest'> {
    return {
      recommendations: this.#recommendations,
      fills: this.#fills,
      trades: this.#trades,
      counts: this.#counts,
      rejections: this.#rejections,
      ...(this.#digest === undefined ? {} : { digest: this.#digest.digest() }),
    };
  }

  #add(event: DomainEvent): void {
    this.#digest?.add(event);
    bump(this.#counts, event.type);
    switch (event.type) {
      case 'recommendation.published':
        this.#recommendations.push(event.payload);
        break;
      case 'order.filled':
        this.#fills.push(event.payload.fill);
        break;
      case 'position.closed':
        this.#trades.push({ ...event.payload, closedAtMs: event.atMs });
        break;
      case 'risk.decided':
        if (event.payload.outcome === 'rejected') bump(this.#rejections, event.payload.rejection.code);
        break;
      case 'order.refused':
      case 'signal.declined':
        bump(this.#rejections, event.payload.rejection.code);
        break;
      case 'order.rejected':
        if (event.payload.rejection !== undefined) bump(this.#rejections, event.payload.rejection.code);
        break;
      default:
        break;
    }
  }
}

function bump(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
