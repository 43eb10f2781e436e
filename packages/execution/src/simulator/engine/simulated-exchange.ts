import {
  Decimal,
  decimal,
  type Logger,
  type Price,
  type Size,
  silentLogger,
  toPrice,
  toSize,
  type Unsubscribe,
  type Usd,
} from '@perpdesk/core';
import { hyperliquidFeeTiers } from '../../matching/fee-tiers.ts';
import { settingOf } from './account-margin.ts';
import { feeRatesOf } from './book-fill.ts';
import type { BookSide } from './book-side.ts';
import { cancelOrder, findOrder, type OrderTarget } from './cancel-order.ts';
import { adjustIsolatedMargin, setLeverage } from './change-margin.ts';
import { ExchangeAccount, type MarginSetting } from './exchange-account.ts';
import type {
  EngineAccount,
  EngineAnswer,
  EngineEvent,
  EngineFill,
  EngineOrder,
  EngineOrderState,
  ExchangeEngine,
  LedgerEntry,
  OrderGrouping,
  SimulatedAsset,
} from './exchange-engine.ts';
import { ExchangeState, type Market, moveMark } from './exchange-state.ts';
import { checkLiquidation } from './liquidate-account.ts';
import { modifyOrder } from './modify-order.ts';
import { fireReached, type OutsideLevels, setOutsideBook, takeOutside } from './move-market.ts';
import { placeOrders } from './place-orders.ts';
import { refusals } from './refusals.ts';
import { scheduleCancel } from './scheduled-cancel.ts';
import { settleThrough } from './settle-hours.ts';
import { hyperliquidAssets } from './simulated-assets.ts';
import type { ExchangeTotals, SimulatedExchangeOptions } from './simulated-exchange-options.ts';
import { tellAccount } from './tell-account.ts';

export type { ExchangeTotals, SimulatedExchangeOptions } from './simulated-exchange-options.ts';

const historyLimit = 2_000;

/**
 * A perpetuals exchange in memory, with Hyperliquid's rules: price-time priority among accounts and other participants,
 * post-only, immediate and reduce-only orders, stops and take profits by mark price with groups, isolated and cross margin
 * with tiers, hourly funding, liquidation with backstop and auto-deleveraging, scheduled cancellation, fees by volume.
 *
 * Deterministic: the same calls at the same instants give the same ledger, to the byte. All amounts are exact decimals;
 * what must be rounded (fees, funding, isolated margin, to a millionth of a dollar) goes against the account. Where the
 * venue's rule is not known, the one that is worse for the account is taken.
 *
 * Events are told after the act that caused them, in order; a listener may act in turn.
 */
export class SimulatedExchange implements ExchangeEngine {
  readonly assets: readonly SimulatedAsset[];
  readonly #state: ExchangeState;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #logger: Logger;
  #isTelling = false;

  constructor(options: SimulatedExchangeOptions) {
    this.assets = options.assets ?? hyperliquidAssets;
    this.#logger = options.logger ?? silentLogger;
    this.#state = new ExchangeState({
      clock: options.clock,
      assets: this.assets,
      firstOrderId: options.firstOrderId ?? 0,
      rules: {
        clientIds: options.clientIds ?? 'unique-among-open',
        feeTiers: options.feeTiers ?? hyperliquidFeeTiers,
        scheduleVolume: new Decimal(options.scheduleCancelVolume ?? '0'),
      },
    });
  }

  deposit(account: string, amount: Usd): void {
    this.#act(() => {
      const state = this.#state;
      const held = state.accounts.get(account) ?? new ExchangeAccount(account);
      state.accounts.set(account, held);
      held.cash = held.cash.plus(decimal(amount));
      state.write('deposit', account, { usd: amount });
    });
  }

  place(account: string, orders: readonly EngineOrder[], grouping: OrderGrouping): readonly EngineAnswer[] {
    return this.#act((state) => {
      const held = this.#state.accounts.get(account);
      if (held !== undefined) return placeOrders(state, held, orders, grouping);
      return orders.map(() => ({ kind: 'error', message: refusals.unknownAccount(account) }) as const);
    });
  }

  modify(account: string, target: OrderTarget, order: EngineOrder): EngineAnswer {
    return this.#act((state) => {
      const held = state.accounts.get(account);
      if (held === undefined) return { kind: 'error', message: refusals.unknownAccount(account) };
      return modifyOrder(state, held, target, order);
    });
  }

  cancel(account: string, coin: string, target: OrderTarget): string | undefined {
    return this.#actAs(account, (state, held) => cancelOrder(state, held, coin, target));
  }

  scheduleCancel(account: string, atMs: number | undefined): string | undefined {
    return this.#actAs(account, (state, held) => scheduleCancel(state, held, atMs));
  }

  setLeverage(
    account: string,
    coin: string,
    leverage: number,
    marginMode: MarginSetting['marginMode'],
  ): string | undefined {
    return this.#actAs(account, (state, held) => setLeverage(state, held, coin, { leverage, marginMode }));
  }

  adjustIsolatedMargin(account: string, coin: string, amount: Usd): string | undefined {
    return this.#actAs(account, (state, held) => adjustIsolatedMargin(state, held, coin, decimal(amount)));
  }

  order(account: string, target: OrderTarget): EngineOrderState | undefined {
    const held = this.#state.accounts.get(account);
    return held === undefined ? undefined : findOrder(this.#state, held, target)?.state();
  }

  openOrders(account: string): readonly EngineOrderState[] {
    const open = this.#state.accounts.get(account)?.open.values() ?? [];
    return [...open].filter(({ place }) => place !== 'parent').map((order) => order.state());
  }

  historicalOrders(account: string): readonly EngineOrderState[] {
    const orders = this.#state.accounts.get(account)?.orders ?? [];
    return orders
      .slice(-historyLimit)
      .reverse()
      .map((order) => order.state());
  }

  /** Oldest first, both instants included. */
  fills(account: string, fromMs: number, toMs: number = Number.POSITIVE_INFINITY): readonly EngineFill[] {
    const fills = this.#state.accounts.get(account)?.fills ?? [];
    return fills.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }

  account(account: string): EngineAccount {
    return tellAccount(this.#state, this.#state.accounts.get(account) ?? new ExchangeAccount(account));
  }

  leverage(account: string, coin: string): MarginSetting {
    return settingOf(this.#state.accounts.get(account) ?? new ExchangeAccount(account), this.#market(coin));
  }

  feeRates(account: string): { readonly maker: string; readonly taker: string } {
    const held = this.#state.accounts.get(account) ?? new ExchangeAccount(account);
    const { maker, taker } = feeRatesOf(this.#state, held);
    return { maker: maker.toFixed(), taker: taker.toFixed() };
  }

  book(coin: string): ReturnType<ExchangeEngine['book']> {
    const { bids, asks, bookAtMs } = this.#market(coin);
    return { bids: levelsOf(bids), asks: levelsOf(asks), atMs: bookAtMs };
  }

  /** "0" before there was any. */
  markPrice(coin: string): Price {
    return toPrice(this.#market(coin).mark ?? 0);
  }

  oraclePrice(coin: string): Price {
    const { oracle, mark } = this.#market(coin);
    return toPrice(oracle ?? mark ?? 0);
  }

  fundingRate(coin: string): string {
    return this.#market(coin).fundingRate.toFixed();
  }

  openInterest(coin: string): Size {
    let size = Decimal.max(0, this.#state.outside.positions.get(coin) ?? 0);
    for (const account of this.#market(coin).holders) size = size.plus(Decimal.max(0, account.signedSize(coin)));
    return toSize(size);
  }

  setBook(coin: string, bids: OutsideLevels, asks: OutsideLevels): void {
    this.#act((state) => setOutsideBook(state, this.#market(coin), bids, asks));
  }

  marketTrade(coin: string, side: 'buy' | 'sell', price: Price, size: Size): void {
    this.#act((state) => takeOutside(state, this.#market(coin), side, decimal(price), decimal(size)));
  }

  setMark(coin: string, mark: Price, oracle?: Price): void {
    this.#act((state) => {
      const market = this.#market(coin);
      moveMark(market, decimal(mark), decimal(oracle ?? mark));
      fireReached(state, market, market.triggers);
      for (const account of market.holders) state.touched.add(account);
    });
  }

  setFundingRate(coin: string, rate: string): void {
    this.#act(() => {
      this.#market(coin).fundingRate = decimal(rate);
    });
  }

  advance(nowMs: number): void {
    this.#act((state) => settleThrough(state, nowMs));
  }

  on(listener: (event: EngineEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    this.#state.isHeard = true;
    return () => {
      this.#listeners.delete(listener);
      this.#state.isHeard = this.#listeners.size > 0;
    };
  }

  ledger(): readonly LedgerEntry[] {
    return this.#state.entries;
  }

  /** Names of the accounts, in the order of their first deposit. */
  accountNames(): readonly string[] {
    return [...this.#state.accounts.keys()];
  }

  totals(): ExchangeTotals {
    const { fees, outside, backstop } = this.#state;
    const positions: Record<string, string> = {};
    for (const [coin, size] of outside.positions) positions[coin] = size.toFixed();
    return {
      fees: fees.toFixed() as Usd,
      outside: { cash: outside.cash.toFixed() as Usd, positions },
      backstop: tellAccount(this.#state, backstop),
    };
  }

  #market(coin: string): Market {
    return this.#state.marketOf(coin);
  }

  #actAs(
    account: string,
    act: (state: ExchangeState, account: ExchangeAccount) => string | undefined,
  ): string | undefined {
    return this.#act((state) => {
      const held = state.accounts.get(account);
      return held === undefined ? refusals.unknownAccount(account) : act(state, held);
    });
  }

  /** One act: what time brought, the act, what follows from it, and then everybody is told. */
  #act<Result>(act: (state: ExchangeState) => Result): Result {
    const state = this.#state;
    settleThrough(state, state.clock.nowMs());
    const result = act(state);
    this.#followUp();
    if (state.isHeard) for (const coin of state.changedBooks) state.events.push({ kind: 'book', coin });
    state.changedBooks.clear();
    this.#tell();
    return result;
  }

  /** Stops that came with the act and whose mark is there already, and accounts whose margin it took. */
  #followUp(): void {
    const state = this.#state;
    for (let isDone = false; !isDone; ) {
      isDone = true;
      for (const market of state.markets.values()) {
        if (market.armed.length === 0) continue;
        isDone = false;
        fireReached(state, market, market.armed.splice(0));
      }
      const touched = [...state.touched];
      state.touched.clear();
      for (const account of touched) checkLiquidation(state, account);
      if (touched.length > 0) isDone = false;
    }
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const { events } = this.#state;
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      for (const listener of this.#listeners) {
        try {
          listener(next);
        } catch (error) {
          this.#logger.error({ error, kind: next.kind }, 'a listener of the exchange threw');
        }
      }
    }
    this.#isTelling = false;
  }
}

const levelsOf = (side: BookSide): { price: Price; size: Size; count: number }[] =>
  [...side.bestFirst()].map((level) => {
    const { size, count } = level.total();
    return { price: toPrice(level.price), size: toSize(size), count };
  });
