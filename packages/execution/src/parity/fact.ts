import type { DomainEvent } from '@perpdesk/core';
import type { Comparable } from './comparable.ts';
import { type ParitySubject, paritySubjects } from './parity-report.ts';

/** What a fact is of, as far as it says: by these the facts that led to it are found. */
export interface FactScope {
  readonly market?: string;
  readonly instrumentId?: string;
  readonly userId?: string;
  readonly agent?: string;
  readonly roundKey?: string;
  readonly recommendationId?: string;
  readonly signalId?: string;
  readonly orderId?: string;
  readonly positionId?: string;
  /** Of market data: the span it tells of, ms UTC. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** One thing that happened in a run, under a name that it has in every run. */
export interface Fact extends Comparable {
  readonly subject: ParitySubject;
  /** Unique in a run among those of its subject. */
  readonly id: string;
  /** Its place in the journal. */
  readonly sequence: number;
  readonly event: DomainEvent;
  readonly scope: FactScope;
}

/** How far down the path from market data to money a subject is. */
export const rankOf = (subject: ParitySubject): number => paritySubjects.indexOf(subject);
