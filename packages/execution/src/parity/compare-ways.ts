import type { DomainEvent } from '@perpdesk/core';
import { compareRuns } from './compare-runs.ts';
import type { CompareOptions, ParityReport } from './parity-report.ts';

/** A way on which a day was run: backtest, replay on the paper venue, the simulator over sockets, live. */
export interface Way {
  readonly name: string;
  readonly journal: Iterable<DomainEvent>;
  /** Of this way against the first. Default: those of {@link compareWays}. */
  readonly options?: CompareOptions;
}

/** A way against the first. */
export interface WayReport extends ParityReport {
  readonly name: string;
  readonly against: string;
}

/** Compares several ways of running one day, each against the first. @see compareRuns */
export function compareWays([first, ...others]: readonly Way[], options: CompareOptions = {}): readonly WayReport[] {
  if (first === undefined) return [];
  const journal = [...first.journal];
  return others.map((way) => ({
    name: way.name,
    against: first.name,
    ...compareRuns(journal, way.journal, way.options ?? options),
  }));
}
