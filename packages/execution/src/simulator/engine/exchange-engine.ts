import type { Price, Size, Unsubscribe, Usd } from '@perpdesk/core';

/** A contract the simulated exchange lists, in the terms of its wire protocol. */
export interface SimulatedAsset {
  /** The coin's name: `BTC`. Its place in the list is its number on the wire. */
  readonly coin: string;
  /** Sizes have at most this many decimals; prices 5 significant figures and at most 6 minus this many decimals. */
  readonly sizeDecimals: number;
  readonly maxLeverage: number;
  /** Margin tiers, lowest notional first; the maintenance rate is half the initial rate at a tier's highest leverage. */
  readonly marginTiers: readonly { readonly notionalFrom: Usd; readonly maxLeverage: number }[];
  readonly onlyIsolated?: boolean;
}

/** A new order of an account. Every order has a limit: a market order is an `ioc` far through the touch. */
export interface EngineOrder {
  readonly coin: string;
  readonly side: 'buy' | 'sell';
  readonly size: Size;
  readonly limitPrice: Price;
  readonly timeInForce: 'gtc' | 'ioc' | 'post-only';
  readonly reduceOnly: boolean;
  /** 128 bits as `0x` and 32 hexadecimal digits. */
  readonly clientOrderId?: string;
  /**
   * Held back until the mark price is there; then, with `market`, filled at any price within the limit and what is not
   * filled cancelled, without it rested at the limit. `timeInForce` does not count.
   */
  readonly trigger?: { readonly price: Price; readonly market: boolean; readonly kind: 'stop-loss' | 'take-profit' };
}

/** `normalTpsl`: the first is the parent, the others wait for its fill and cancel each other. `positionTpsl`: bound to the position. */
export type OrderGrouping = 'na' | 'normalTpsl' | 'positionTpsl';

/** What became of one order of a request, at once. */
export type EngineAnswer =
  | { readonly kind: 'resting'; readonly orderId: number; readonly clientOrderId?: string }
  | {
      readonly kind: 'filled';
      readonly orderId: number;
      readonly clientOrderId?: string;
      readonly totalSize: Size;
      readonly averagePrice: Price;
    }
  | { readonly kind: 'waiting'; readonly for: 'fill' | 'trigger'; readonly orderId: number }
  /** Refused, in the venue's own words. */
  | { readonly kind: 'error'; readonly message: string };

/** An order as the exchange keeps it. */
export interface EngineOrderState extends EngineOrder {
  readonly account: string;
  readonly orderId: number;
  readonly originalSize: Size;
  readonly remainingSize: Size;
  /**
   * The venue's words: `open`, `filled`, `canceled`, `triggered`, `marginCanceled`, `reduceOnlyCanceled`,
   * `siblingFilledCanceled`, `liquidatedCanceled`, `scheduledCancel`, `selfTradeCanceled`, and of orders that were never
   * taken on `tickRejected`, `minTradeNtlRejected`, `perpMarginRejected`, `reduceOnlyRejected`, `badAloPxRejected`,
   * `iocCancelRejected`, `badTriggerPxRejected`, `oracleRejected`, `perpMaxPositionRejected`, `rejected`.
   */
  readonly status: string;
  /** An open order that is not in the book: a child waits for its parent's `fill`, a stop or take profit for its `trigger`. */
  readonly waitsFor?: 'fill' | 'trigger';
  /** Of a child of `normalTpsl`. */
  readonly parent?: number;
  readonly isPositionTpsl: boolean;
  readonly children: readonly number[];
  readonly placedAtMs: number;
  readonly statusAtMs: number;
}

/** One execution of one account. */
export interface EngineFill {
  readonly account: string;
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId?: string;
  readonly coin: string;
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly size: Size;
  /** The signed position before it. */
  readonly startPosition: string;
  readonly closedPnl: Usd;
  readonly fee: Usd;
  readonly crossed: boolean;
  readonly liquidation?: {
    readonly liquidatedUser: string;
    readonly markPrice: Price;
    readonly method: 'market' | 'backstop';
  };
  /** The position was closed against one that was liquidated and that nothing else could take. */
  readonly autoDeleveraged?: true;
  readonly atMs: number;
}

export interface EnginePosition {
  readonly coin: string;
  /** Signed: negative is short. */
  readonly size: string;
  readonly entryPrice: Price;
  readonly leverage: number;
  readonly marginMode: 'isolated' | 'cross';
  readonly marginUsed: Usd;
  readonly unrealizedPnl: Usd;
  readonly positionValue: Usd;
  readonly liquidationPrice?: Price;
  readonly fundingSinceOpen: Usd;
}

export interface EngineAccount {
  readonly account: string;
  readonly accountValue: Usd;
  readonly totalMarginUsed: Usd;
  readonly totalNotional: Usd;
  readonly withdrawable: Usd;
  readonly crossMaintenanceMarginUsed: Usd;
  readonly positions: readonly EnginePosition[];
}

/** What happens at the exchange, in order. */
export type EngineEvent =
  | { readonly kind: 'order'; readonly order: EngineOrderState }
  | { readonly kind: 'fill'; readonly fill: EngineFill }
  | {
      readonly kind: 'funding';
      readonly account: string;
      readonly coin: string;
      readonly usd: Usd;
      readonly size: string;
      readonly rate: string;
      readonly atMs: number;
    }
  | { readonly kind: 'book'; readonly coin: string }
  | {
      readonly kind: 'trade';
      readonly coin: string;
      readonly side: 'buy' | 'sell';
      readonly price: Price;
      readonly size: Size;
      readonly tradeId: number;
      readonly atMs: number;
    };

/** One entry of the exchange's own ledger: enough for a checker that shares no code to rebuild everything. JSON-safe. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly atMs: number;
  readonly kind:
    | 'deposit'
    | 'place'
    | 'cancel'
    | 'modify'
    | 'status'
    | 'fill'
    | 'funding'
    /** Leverage, margin mode, or margin moved into or out of an isolated position. */
    | 'leverage'
    | 'scheduled-cancel'
    /** Collateral that changed hands in a liquidation: what was left goes to the backstop, what was missing comes from it. */
    | 'transfer';
  readonly account: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How the exchange treats a client order id it has seen. */
export type ClientIdMode = 'unique-forever' | 'unique-among-open' | 'not-enforced' | 'same-after-modify';

/** The exchange behind the wire protocol: accounts, books, matching. Synchronous: one act at a time, in the order of the calls. */
export interface ExchangeEngine {
  readonly assets: readonly SimulatedAsset[];
  /** Credits collateral. An account exists from its first deposit on. */
  deposit(account: string, amount: Usd): void;
  place(account: string, orders: readonly EngineOrder[], grouping: OrderGrouping): readonly EngineAnswer[];
  /** Replaces an order by another: a new order id, the same client order id unless the new one names its own. */
  modify(
    account: string,
    target: { readonly orderId: number } | { readonly clientOrderId: string },
    order: EngineOrder,
  ): EngineAnswer;
  /** Undefined when cancelled, else the venue's words why not. */
  cancel(
    account: string,
    coin: string,
    target: { readonly orderId: number } | { readonly clientOrderId: string },
  ): string | undefined;
  /** Cancels everything of an account at an instant; undefined takes the schedule back. The refusal's words, if any. */
  scheduleCancel(account: string, atMs: number | undefined): string | undefined;
  setLeverage(account: string, coin: string, leverage: number, marginMode: 'isolated' | 'cross'): string | undefined;
  /** Moves margin into (positive) or out of an isolated position. */
  adjustIsolatedMargin(account: string, coin: string, amount: Usd): string | undefined;

  order(
    account: string,
    target: { readonly orderId: number } | { readonly clientOrderId: string },
  ): EngineOrderState | undefined;
  /** Oldest first. Children that wait for their parent are not among them: the parent names them. */
  openOrders(account: string): readonly EngineOrderState[];
  /** Newest first, at most 2,000. */
  historicalOrders(account: string): readonly EngineOrderState[];
  fills(account: string, fromMs: number, toMs?: number): readonly EngineFill[];
  account(account: string): EngineAccount;
  leverage(account: string, coin: string): { readonly leverage: number; readonly marginMode: 'isolated' | 'cross' };
  feeRates(account: string): { readonly maker: string; readonly taker: string };

  /** Levels best first: what other participants and accounts rest, summed by price. */
  book(coin: string): {
    readonly bids: readonly { price: Price; size: Size; count: number }[];
    readonly asks: readonly { price: Price; size: Size; count: number }[];
    readonly atMs: number;
  };
  markPrice(coin: string): Price;
  oraclePrice(coin: string): Price;
  fundingRate(coin: string): string;
  openInterest(coin: string): Size;

  /** Replaces what other participants rest in a book (what accounts rest stays, with its place in the queue), then matches what crosses. */
  setBook(coin: string, bids: readonly (readonly [Price, Size])[], asks: readonly (readonly [Price, Size])[]): void;
  /** Another participant trades: consumes what rests at or through the price, accounts' orders by price and time. */
  marketTrade(coin: string, side: 'buy' | 'sell', price: Price, size: Size): void;
  /** Moves mark and oracle; triggers, liquidations follow. */
  setMark(coin: string, mark: Price, oracle?: Price): void;
  setFundingRate(coin: string, rate: string): void;
  /** Settles what time brought: funding at the hour, scheduled cancellations. Called by the server as its clock goes. */
  advance(nowMs: number): void;

  on(listener: (event: EngineEvent) => void): Unsubscribe;
  /** Everything that was done, oldest first. */
  ledger(): readonly LedgerEntry[];
}
