import {
  type Account,
  type DomainEvent,
  type DomainEventType,
  type EventBus,
  minus,
  plus,
  type Unsubscribe,
  zeroUsd,
} from '@perpdesk/core';
import { EventDigest } from '@perpdesk/core/security';
import type { MarketDataCounts } from '@perpdesk/data';
import type { Portfolio } from '@perpdesk/execution';
import { allTypes } from './feed-types.ts';
import { ProtectionTally } from './protection-tally.ts';
import type { SourceFindings } from './source-findings.ts';

/** The JSON report of a run. Amounts are decimal strings in dollars; equityEnd = equityStart + pnl − fees + funding. */
export interface RunReport {
  readonly source: string;
  readonly symbols: readonly string[];
  /** 1m bars played. */
  readonly candles: number;
  /** Holes in the 1m bars, in time order per instrument. */
  readonly gaps: readonly object[];
  /** Higher bars that lacked minutes and were never closed. */
  readonly partialBars: number;
  /** Rows of a recording: said twice; said twice with different values (the first counts); put in their place; unreadable. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly outOfOrder: number;
  readonly malformed: number;
  readonly rounds: number;
  readonly recommendations: number;
  readonly decisions: number;
  readonly stoodAside: Readonly<Record<string, number>>;
  readonly signals: number;
  readonly rejections: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly fills: number;
  /** Held when the run began: 0 but for a desk that goes on. positionsOpenAtStart + opened = closed + open. */
  readonly positionsOpenAtStart: number;
  readonly positionsOpened: number;
  readonly positionsClosed: number;
  readonly positionsOpen: number;
  /** Positions that lacked a whole stop for over 10 s, were closed for it, or lack one at the end. */
  readonly unprotectedPositions: number;
  /** Realised and unrealised, before fees and funding, since the run began; so are fees and funding. */
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
  readonly protection = new ProtectionTally();
  #begun = false;

  /** Hears every event of the bus. Those of an earlier run, which a restart delivers again, come before `begin`. */
  follow(eventBus: EventBus): Unsubscribe {
    return eventBus.subscribe({ group: 'report', types: allTypes }, (event) => {
      if (this.#begun) this.add(event);
    });
  }

  /** Counts from now on; `positions` are open already. */
  begin(positions: Parameters<ProtectionTally['begin']>[0], atMs: number): void {
    this.protection.begin(positions, atMs);
    this.#begun = true;
  }

  add(event: DomainEvent): void {
    this.digest.add(event);
    this.protection.add(event);
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

/** What of a run is known when it begins. */
export interface RunBeginning {
  readonly account: Account | undefined;
  readonly positionsOpen: number;
  readonly wallMs: number;
}

/** What a report is written from. */
export interface RunFigures {
  readonly source: string;
  readonly tally: RunTally;
  readonly counts: MarketDataCounts;
  readonly findings: SourceFindings;
  readonly markets: readonly string[];
  readonly portfolio: Portfolio;
  readonly userId: string;
  /** Whose account the report tells of. Default `paper`. */
  readonly venue?: string;
  readonly beginning: RunBeginning;
  readonly atMs: number;
  readonly wallMs: number;
}

/** Writes a run up. Positions that are open count with their profit at the last mark. */
export function writeUp({ tally, counts, findings, portfolio, userId, beginning, ...figures }: RunFigures): RunReport {
  const before = beginning.account;
  const account = portfolio.account(userId, figures.venue ?? 'paper')?.value ?? before;
  const change = (of: (account: Account) => Account['equity']) =>
    minus(account === undefined ? zeroUsd : of(account), before === undefined ? zeroUsd : of(before));
  return {
    source: figures.source,
    symbols: figures.markets.map((market) => market.replace(/-PERP$/, '')),
    candles: counts.candles,
    gaps: findings.gaps,
    partialBars: counts.partialBars,
    duplicates: findings.duplicates + counts.duplicates,
    conflicts: findings.conflicts + counts.conflicting,
    outOfOrder: findings.outOfOrder + counts.late,
    malformed: findings.malformed + counts.invalid,
    rounds: tally.count('round.concluded'),
    recommendations: tally.count('recommendation.published'),
    decisions: tally.count('risk.decided'),
    stoodAside: tally.stoodAside,
    signals: tally.count('signal.issued'),
    rejections: tally.rejections,
    orders: tally.count('order.submitted'),
    fills: tally.count('order.filled'),
    positionsOpenAtStart: beginning.positionsOpen,
    positionsOpened: tally.count('position.opened'),
    positionsClosed: tally.count('position.closed'),
    positionsOpen: portfolio.positions(userId).length,
    unprotectedPositions: tally.protection.count(figures.atMs),
    pnl: change((each) => plus(each.realizedPnl, each.unrealizedPnl)),
    fees: change((each) => each.fees),
    funding: change((each) => each.funding),
    equityStart: before?.equity ?? zeroUsd,
    equityEnd: account?.equity ?? zeroUsd,
    durationMs: figures.wallMs - beginning.wallMs,
    digest: tally.digest.digest(),
  };
}
