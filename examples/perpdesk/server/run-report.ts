import { Decimal, type DomainEvent, type DomainEventType, type EventBus, plus, type Unsubscribe } from '@perpdesk/core';
import { EventDigest } from '@perpdesk/core/security';
import type { Portfolio } from '@perpdesk/execution';

/** The JSON report of a run. Amounts are decimal strings in dollars; equityEnd = equityStart + pnl − fees + funding. */
export interface RunReport {
  readonly source: string;
  readonly symbols: readonly string[];
  readonly candles: number;
  readonly gaps: readonly object[];
  readonly partialBars: number;
  readonly rounds: number;
  readonly recommendations: number;
  readonly decisions: number;
  readonly stoodAside: Readonly<Record<string, number>>;
  readonly signals: number;
  readonly rejections: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly fills: number;
  readonly positionsOpened: number;
  readonly positionsClosed: number;
  readonly positionsOpen: number;
  readonly unprotectedPositions: number;
  readonly pnl: string;
  readonly fees: string;
  readonly funding: string;
  readonly equityStart: string;
  readonly equityEnd: string;
  readonly durationMs: number;
  /** SHA-256 over the journal of domain events. */
  readonly digest: string;
}

/** What a run's events add up to. */
export class RunTally {
  readonly digest = new EventDigest();
  readonly counts = new Map<DomainEventType, number>();
  readonly stoodAside: Record<string, number> = {};
  readonly rejections: Record<string, number> = {};

  /** Counts every event of the bus from now on. */
  follow(eventBus: EventBus, types: readonly DomainEventType[]): Unsubscribe {
    return eventBus.subscribe({ group: 'report', types }, (event) => this.add(event));
  }

  add(event: DomainEvent): void {
    this.digest.add(event);
    this.counts.set(event.type, this.count(event.type) + 1);
    switch (event.type) {
      case 'round.concluded':
        if (event.payload.reason !== undefined) bump(this.stoodAside, event.payload.reason);
        break;
      case 'risk.decided':
        if (event.payload.outcome === 'rejected') bump(this.rejections, event.payload.rejection.code);
        break;
      case 'order.refused':
      case 'signal.declined':
        bump(this.rejections, event.payload.rejection.code);
        break;
      case 'order.rejected':
        if (event.payload.rejection !== undefined) bump(this.rejections, event.payload.rejection.code);
        break;
      default:
        break;
    }
  }

  count(type: DomainEventType): number {
    return this.counts.get(type) ?? 0;
  }
}

const bump = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** The events a report is made of, and the digest: all of them. */
export { allTypes as tallied } from './feed-types.ts';

/** What a report is written from. */
export interface RunFigures {
  readonly source: string;
  readonly tally: RunTally;
  readonly counts: { readonly candles: number; readonly partialBars: number };
  readonly gaps: readonly object[];
  readonly markets: readonly string[];
  readonly portfolio: Portfolio;
  readonly userId: string;
  readonly equityStart: string;
  readonly durationMs: number;
}

/** Writes a run up. Positions that are open count with their profit at the last mark. */
export function writeUp({
  source,
  tally,
  counts,
  gaps,
  markets,
  portfolio,
  userId,
  equityStart,
  durationMs,
}: RunFigures): RunReport {
  const account = portfolio.account(userId, 'paper')?.value;
  const positions = portfolio.positions(userId);
  return {
    source,
    symbols: markets.map((market) => market.replace(/-PERP$/, '')),
    candles: counts.candles,
    gaps,
    partialBars: counts.partialBars,
    rounds: tally.count('round.concluded'),
    recommendations: tally.count('recommendation.published'),
    decisions: tally.count('risk.decided'),
    stoodAside: tally.stoodAside,
    signals: tally.count('signal.issued'),
    rejections: tally.rejections,
    orders: tally.count('order.submitted'),
    fills: tally.count('order.filled'),
    positionsOpened: tally.count('position.opened'),
    positionsClosed: tally.count('position.closed'),
    positionsOpen: positions.length,
    unprotectedPositions: positions.filter(({ size, protection }) => new Decimal(protection.stopSize).lessThan(size))
      .length,
    pnl: account === undefined ? '0' : plus(account.realizedPnl, account.unrealizedPnl),
    fees: account?.fees ?? '0',
    funding: account?.funding ?? '0',
    equityStart,
    equityEnd: account?.equity ?? equityStart,
    durationMs,
    digest: tally.digest.digest(),
  };
}
