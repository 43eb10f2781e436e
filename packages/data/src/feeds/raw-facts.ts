import type { Side, Timeframe } from '@perpdesk/core';

/** A trade as a venue says it, nothing checked. Prices and sizes in the venue's units. */
export interface RawTrade {
  readonly id: unknown;
  readonly side: Side | undefined;
  readonly price: unknown;
  readonly size: unknown;
  readonly atMs: unknown;
}

/** A side of a book as a venue says it, and where in a row price and size are. */
export interface RawBook {
  readonly bids: unknown;
  readonly asks: unknown;
  readonly atMs: unknown;
  readonly sequence?: unknown;
  readonly firstSequence?: unknown;
  readonly previousSequence?: unknown;
  /** The venue's sum over the book after this. */
  readonly checksum?: unknown;
}

/** A bar. `closed` undefined: the venue does not say so. */
export interface RawBar {
  readonly timeframe: Timeframe;
  readonly openAtMs: unknown;
  readonly open: unknown;
  readonly high: unknown;
  readonly low: unknown;
  readonly close: unknown;
  /** In the venue's units. */
  readonly volume: unknown;
  readonly closed: boolean | undefined;
}

/** Present prices; what is left out stays as it was. */
export interface RawQuote {
  readonly last?: unknown;
  readonly mark?: unknown;
  readonly index?: unknown;
  readonly bid?: unknown;
  readonly ask?: unknown;
  readonly atMs: unknown;
}

export interface RawFunding {
  readonly rate: unknown;
  readonly settlesAtMs: unknown;
  /** Left out: the instrument's. */
  readonly intervalMs?: unknown;
  readonly predicted: boolean;
  readonly atMs: unknown;
}

export interface RawOpenInterest {
  /** In the venue's units. */
  readonly size: unknown;
  /** Left out: reckoned at the mark price. */
  readonly notionalUsd?: unknown;
  readonly atMs: unknown;
}

export interface RawLiquidation {
  readonly side: Side | undefined;
  readonly price: unknown;
  readonly size: unknown;
  readonly atMs: unknown;
}

/** Where a venue's reader puts what it finds in a frame. `symbol` is the venue's own name, not checked either. */
export interface FrameSink {
  /** When the frame reached us, for venues that do not say when they sent it. */
  readonly receivedAtMs: number;
  trade(symbol: unknown, trade: RawTrade): void;
  /** A whole book. */
  book(symbol: unknown, book: RawBook): void;
  bookDelta(symbol: unknown, delta: RawBook): void;
  bar(symbol: unknown, bar: RawBar): void;
  quote(symbol: unknown, quote: RawQuote): void;
  funding(symbol: unknown, funding: RawFunding): void;
  openInterest(symbol: unknown, openInterest: RawOpenInterest): void;
  liquidation(symbol: unknown, liquidation: RawLiquidation): void;
  /** The frame can not be what it says. */
  refuse(reason: string): void;
}
