import type { EngineEvent, EngineFill, EngineOrderState, ExchangeEngine } from '../engine/exchange-engine.ts';
import type { ExchangeChanges, RecordedFunding, RecordedTrade } from './exchange-changes.ts';

const into = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

/** Gathers what happens during one act, and finds what moved without an event by comparing with the last look. */
export class ChangeCollector {
  readonly #engine: ExchangeEngine;
  readonly #seen = new Map<string, string>();
  readonly #holders = new Map<string, Set<string>>();
  #books = new Set<string>();
  #trades = new Map<string, RecordedTrade[]>();
  #accounts = new Set<string>();
  #orders = new Map<string, EngineOrderState[]>();
  #fills = new Map<string, EngineFill[]>();
  #fundings = new Map<string, RecordedFunding[]>();
  #notices = new Map<string, string[]>();

  constructor(engine: ExchangeEngine) {
    this.#engine = engine;
    for (const { coin } of engine.assets) this.#seen.set(coin, this.#contextOf(coin));
  }

  add(event: Extract<EngineEvent, { kind: 'order' | 'fill' | 'book' }>): void {
    if (event.kind === 'book') {
      this.#books.add(event.coin);
    } else if (event.kind === 'order') {
      into(this.#orders, event.order.account, event.order);
      this.#accounts.add(event.order.account);
    } else {
      into(this.#fills, event.fill.account, event.fill);
      this.#accounts.add(event.fill.account);
      const holders = this.#holders.get(event.fill.coin) ?? new Set();
      holders.add(event.fill.account);
      this.#holders.set(event.fill.coin, holders);
    }
  }

  trade(trade: RecordedTrade): void {
    into(this.#trades, trade.coin, trade);
  }

  funding(account: string, funding: RecordedFunding): void {
    into(this.#fundings, account, funding);
    this.#accounts.add(account);
  }

  notice(account: string, text: string): void {
    into(this.#notices, account, text);
  }

  /** What has gathered, and begins anew. Undefined when nothing has. */
  take(): ExchangeChanges | undefined {
    // A book that changed has perhaps another middle.
    const contexts = new Set(this.#books);
    for (const { coin } of this.#engine.assets) {
      const context = this.#contextOf(coin);
      if (this.#seen.get(coin) === context) continue;
      this.#seen.set(coin, context);
      contexts.add(coin);
      for (const holder of this.#holders.get(coin) ?? []) this.#accounts.add(holder);
    }
    const changes: ExchangeChanges = {
      books: this.#books,
      contexts,
      trades: new Map([...this.#trades].map(([coin, trades]) => [coin, trades.map((trade) => this.#withSides(trade))])),
      accounts: this.#accounts,
      orders: this.#orders,
      fills: this.#fills,
      fundings: this.#fundings,
      notices: this.#notices,
    };
    const something =
      contexts.size + this.#books.size + this.#trades.size + this.#accounts.size + this.#notices.size > 0;
    this.#books = new Set();
    this.#trades = new Map();
    this.#accounts = new Set();
    this.#orders = new Map();
    this.#fills = new Map();
    this.#fundings = new Map();
    this.#notices = new Map();
    return something ? changes : undefined;
  }

  /** Names the accounts on both sides of a trade: their fills carry its number. */
  #withSides(trade: RecordedTrade): RecordedTrade {
    const sides: { buyer?: string; seller?: string } = {};
    for (const [account, fills] of this.#fills) {
      for (const fill of fills) {
        if (fill.tradeId !== trade.tradeId || fill.coin !== trade.coin) continue;
        if (fill.side === 'buy') sides.buyer = account;
        else sides.seller = account;
      }
    }
    return { ...trade, ...sides };
  }

  #contextOf(coin: string): string {
    const engine = this.#engine;
    const prices = `${engine.markPrice(coin)} ${engine.oraclePrice(coin)}`;
    return `${prices} ${engine.fundingRate(coin)} ${engine.openInterest(coin)}`;
  }
}
