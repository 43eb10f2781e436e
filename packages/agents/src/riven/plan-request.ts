import type { Consensus, Instrument, Opinion, Round, TradeDirection, Turn } from '@perpdesk/core';

/** What Riven makes a plan of. */
export interface PlanRequest {
  readonly round: Round;
  readonly instrument: Instrument;
  /** A direction that the consensus maths let through. */
  readonly direction: TradeDirection;
  readonly consensus: Consensus;
  /** The agents' last words. */
  readonly turns: readonly Turn[];
  /** What the devil's advocate said, where one was heard. */
  readonly challenge?: Turn;
  /** The opinions they came with, fresh or stale. */
  readonly opinions: readonly Opinion[];
  /** Mid of the reference instrument. */
  readonly price: number;
  readonly atr: number;
  readonly atrMedian: number;
}
