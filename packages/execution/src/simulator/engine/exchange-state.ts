import { type Clock, Decimal } from '@perpdesk/core';
import type { FeeTier } from '../../matching/fee-tiers.ts';
import { BookSide } from './book-side.ts';
import { ExchangeAccount } from './exchange-account.ts';
import type { ClientIdMode, EngineEvent, LedgerEntry, SimulatedAsset } from './exchange-engine.ts';
import type { ExchangeOrder } from './exchange-order.ts';
import { type ListedAsset, listAsset } from './listed-asset.ts';

const zero = new Decimal(0);

/** The market of one contract. */
export interface Market {
  readonly listed: ListedAsset;
  readonly bids: BookSide;
  readonly asks: BookSide;
  mark: Decimal | undefined;
  /** For the screen before an exact comparison only. */
  markFloat: number;
  /** The mark before the present one: auto-deleveraging closes at it. */
  previousMark: Decimal | undefined;
  oracle: Decimal | undefined;
  fundingRate: Decimal;
  bookAtMs: number;
  /** Stops and take profits that wait for the mark, oldest first. */
  readonly triggers: Set<ExchangeOrder>;
  /** Those of them that came in this act: the mark may be there already. */
  readonly armed: ExchangeOrder[];
  /** Accounts with a position. */
  readonly holders: Set<ExchangeAccount>;
}

/** The other side of what accounts trade with nobody's account. */
export interface OutsideParty {
  cash: Decimal;
  readonly positions: Map<string, Decimal>;
}

/** What the exchange was set up with. */
export interface ExchangeRules {
  readonly clientIds: ClientIdMode;
  readonly feeTiers: readonly FeeTier[];
  /** The volume an account must have traded before it may schedule a cancellation. */
  readonly scheduleVolume: Decimal;
}

/** Where accounts that nobody can take over end. */
export const backstopName = '0xbac0000000000000000000000000000000000000';

/** Everything there is at the exchange. The functions beside it act on it, one at a time. */
export class ExchangeState {
  readonly rules: ExchangeRules;
  readonly clock: Clock;
  readonly markets = new Map<string, Market>();
  readonly accounts = new Map<string, ExchangeAccount>();
  readonly orders = new Map<number, ExchangeOrder>();
  readonly backstop = new ExchangeAccount(backstopName);
  readonly outside: OutsideParty = { cash: zero, positions: new Map() };
  /** Fees taken. */
  fees = zero;
  /** Accounts whose margin has to be looked at before the act ends. */
  readonly touched = new Set<ExchangeAccount>();
  /** Accounts with a cancellation scheduled. */
  readonly scheduled = new Set<ExchangeAccount>();
  /** False while nobody listens: events are then not made. */
  isHeard = false;
  readonly events: EngineEvent[] = [];
  readonly entries: LedgerEntry[] = [];
  /** Coins whose book changed in this act. */
  readonly changedBooks = new Set<string>();
  atMs: number;
  settledThroughMs: number;
  #nextOrderId: number;
  #nextTradeId = 1;

  constructor(options: {
    readonly clock: Clock;
    readonly rules: ExchangeRules;
    readonly assets: readonly SimulatedAsset[];
    readonly firstOrderId: number;
  }) {
    this.clock = options.clock;
    this.rules = options.rules;
    this.atMs = options.clock.nowMs();
    this.settledThroughMs = this.atMs;
    this.#nextOrderId = options.firstOrderId;
    const ids = { next: 0 };
    for (const asset of options.assets) {
      this.markets.set(asset.coin, {
        listed: listAsset(asset),
        bids: new BookSide('buy', ids),
        asks: new BookSide('sell', ids),
        mark: undefined,
        markFloat: 0,
        previousMark: undefined,
        oracle: undefined,
        fundingRate: zero,
        bookAtMs: this.atMs,
        triggers: new Set(),
        armed: [],
        holders: new Set(),
      });
    }
  }

  nextOrderId(): number {
    this.#nextOrderId += 1;
    return this.#nextOrderId;
  }

  nextTradeId(): number {
    this.#nextTradeId += 1;
    return this.#nextTradeId;
  }

  /** The account of an order. */
  accountOf(order: ExchangeOrder): ExchangeAccount {
    return this.accountNamed(order.account);
  }

  accountNamed(name: string): ExchangeAccount {
    const account = name === backstopName ? this.backstop : this.accounts.get(name);
    if (account === undefined) throw new TypeError(`There is no account ${name}.`);
    return account;
  }

  marketOf(coin: string): Market {
    const market = this.markets.get(coin);
    if (market === undefined) throw new TypeError(`There is no contract ${coin}.`);
    return market;
  }

  write(kind: LedgerEntry['kind'], account: string, detail: LedgerEntry['detail']): void {
    this.entries.push({ sequence: this.entries.length, atMs: this.atMs, kind, account, detail });
  }

  tellOrder(order: ExchangeOrder): void {
    if (this.isHeard) this.events.push({ kind: 'order', order: order.state() });
  }

  tell(event: EngineEvent): void {
    if (this.isHeard) this.events.push(event);
  }

  bookChanged(market: Market): void {
    market.bookAtMs = this.atMs;
    this.changedBooks.add(market.listed.coin);
  }
}

/** Moves mark and oracle. */
export function moveMark(market: Market, mark: Decimal, oracle: Decimal): void {
  market.previousMark = market.mark;
  market.mark = mark;
  market.markFloat = mark.toNumber();
  market.oracle = oracle;
}

/** The mark price, the entry while there is none. */
export const markOf = (market: Market, position?: { readonly cost: Decimal; readonly size: Decimal }): Decimal =>
  market.mark ?? (position === undefined ? zero : position.cost.dividedBy(position.size));
