import type { BookLevel, Decimal, Instrument, InstrumentId } from '@perpdesk/core';

/** The assumptions of the paper venue. */
export interface PaperRules {
  /** What accounts are held in. */
  readonly asset: string;
  /** What a taker loses beyond the touch, or beyond its trigger, where no book says better: a fraction of price. */
  readonly slippage: Decimal;
  /** The share of a bar's volume that resting limits may have in it. */
  readonly volumeShare: Decimal;
  /** How long an order takes to arrive, at least. */
  readonly latencyMs: number;
  /** How long a cancellation takes to arrive, at least. */
  readonly cancelLatencyMs: number;
  /** How much longer either may take: even chances of every whole millisecond up to it. */
  readonly latencyJitterMs: number;
  /** What the chances derive from, with the order's id. */
  readonly latencySeed: string;
}

/** What the matching knows beside the account: rules, instruments, and the market as it stands. */
export interface PaperContext {
  readonly venue: string;
  readonly rules: PaperRules;
  readonly atMs: number;
  /** As it trades here, with this venue's fees. */
  instrument(id: InstrumentId): Instrument | undefined;
  /** The newest mark price. */
  mark(id: InstrumentId): number | undefined;
  /** The rate of a funding instant, or the newest known before it was settled; undefined when none was ever known. */
  fundingRate(id: InstrumentId, instantMs: number): number | undefined;
}

/** Prices that are taken from now. */
export interface PaperQuote {
  readonly mark: number;
  readonly bid: number;
  readonly ask: number;
  /** Only where it is fresh. */
  readonly book?: { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] };
}
