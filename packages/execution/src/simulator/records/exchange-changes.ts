import type { Price, Size, Usd } from '@perpdesk/core';
import type { EngineFill, EngineOrderState } from '../engine/exchange-engine.ts';

/** A public trade with both sides, where accounts took part. */
export interface RecordedTrade {
  readonly coin: string;
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly size: Size;
  readonly tradeId: number;
  readonly atMs: number;
  readonly buyer?: string;
  readonly seller?: string;
}

/** A funding payment of an account; `usd` is negative when it paid. */
export interface RecordedFunding {
  readonly coin: string;
  readonly usd: Usd;
  readonly size: string;
  readonly rate: string;
  readonly atMs: number;
}

/** What happened since the last look, by coin and by account. */
export interface ExchangeChanges {
  readonly books: ReadonlySet<string>;
  /** Coins whose mark, oracle, funding rate, open interest or middle price moved. */
  readonly contexts: ReadonlySet<string>;
  readonly trades: ReadonlyMap<string, readonly RecordedTrade[]>;
  /** Accounts something happened to, or whose position's mark moved. */
  readonly accounts: ReadonlySet<string>;
  readonly orders: ReadonlyMap<string, readonly EngineOrderState[]>;
  readonly fills: ReadonlyMap<string, readonly EngineFill[]>;
  readonly fundings: ReadonlyMap<string, readonly RecordedFunding[]>;
  readonly notices: ReadonlyMap<string, readonly string[]>;
}
