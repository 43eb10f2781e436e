import { type TradeDirection, ValidationError } from '@perpdesk/core';
import type { AccountState } from './account-state.ts';
import type { MarketWindow } from './market-window.ts';

/** Where a position is left. Prices as float64; absent: as it is, or none for a new position. */
export interface StrategyProtection {
  /** Below the last close for a long, above it for a short. */
  readonly stopLoss?: number;
  readonly takeProfit?: number;
}

/** A position that is wanted from the next open on. Give one of `exposure`, `notional` and `size`. */
export interface StrategyOrder extends StrategyProtection {
  readonly direction: TradeDirection;
  /** Notional as a multiple of equity, both as of the last close. */
  readonly exposure?: number;
  /** Dollars, as of the last close. */
  readonly notional?: number;
  /** Base units. */
  readonly size?: number;
}

/**
 * What a strategy holds and acts through. Orders fill at the open of the next bar; of several given after one close the last
 * one counts. Floating-point arithmetic: an account to study, not to settle.
 */
export class StrategyAccount {
  readonly #state: AccountState;

  readonly #market: MarketWindow<string>;

  constructor(state: AccountState, market: MarketWindow<string>) {
    this.#state = state;
    this.#market = market;
    Object.freeze(this);
  }

  /** Base units, above 0 when long, below when short, 0 when flat. */
  get size(): number {
    return this.#state.size;
  }

  /** The average entry price; 0 when flat. */
  get entryPrice(): number {
    return this.#state.entry;
  }

  /** Dollars at the last close, open position included. */
  get equity(): number {
    const { cash, size, entry } = this.#state;
    return cash + size * (this.#market.close() - entry);
  }

  /** NaN where there is none. */
  get stopLoss(): number {
    return this.#state.stop;
  }

  /** NaN where there is none. */
  get takeProfit(): number {
    return this.#state.takeProfit;
  }

  /** Where the position would be liquidated; NaN when flat. */
  get liquidationPrice(): number {
    return this.#state.liquidation;
  }

  /**
   * Wants a position of so many times equity from the next open on: 1 long, −0.5 short with half of it, 0 flat. A stop and a
   * take-profit that stand stay as long as the side does.
   * @throws ValidationError `order.invalid`
   */
  target(exposure: number): void {
    this.#order((exposure * Math.max(0, this.equity)) / this.#market.close(), Number.NaN, Number.NaN);
  }

  /**
   * Wants a position from the next open on, in place of what is held.
   * @throws ValidationError `order.invalid`, `protection.invalid`
   */
  enter({ direction, exposure, notional, size, stopLoss, takeProfit }: StrategyOrder): void {
    const price = this.#market.close();
    const units = size ?? (notional ?? (exposure ?? Number.NaN) * Math.max(0, this.equity)) / price;
    if (!(units >= 0)) throw new ValidationError('order.invalid', `An order can not be for ${units} units.`);
    const side = direction === 'long' ? 1 : -1;
    checkProtection(side, price, stopLoss, takeProfit);
    this.#order(side * units, stopLoss ?? Number.NaN, takeProfit ?? Number.NaN);
  }

  /** Wants to be flat from the next open on. */
  exit(): void {
    this.#order(0, Number.NaN, Number.NaN);
  }

  /**
   * Moves stop and take-profit of what is held, from the next bar on.
   * @throws ValidationError `protection.invalid`
   */
  protect({ stopLoss, takeProfit }: StrategyProtection): void {
    const state = this.#state;
    if (state.size === 0) return;
    checkProtection(Math.sign(state.size), this.#market.close(), stopLoss, takeProfit);
    state.stop = stopLoss ?? state.stop;
    state.takeProfit = takeProfit ?? state.takeProfit;
    state.watch();
    state.touched = true;
  }

  #order(size: number, stop: number, takeProfit: number): void {
    if (!Number.isFinite(size)) throw new ValidationError('order.invalid', `An order can not be for ${size} units.`);
    const state = this.#state;
    state.touched = true;
    state.pending = true;
    state.pendingSize = size;
    state.pendingStop = stop;
    state.pendingTakeProfit = takeProfit;
  }
}

function checkProtection(side: number, price: number, stop: number | undefined, takeProfit: number | undefined): void {
  const wrong =
    stop !== undefined && !(side * (price - stop) > 0 && stop > 0)
      ? `a stop at ${stop}`
      : takeProfit !== undefined && !(side * (takeProfit - price) > 0 && takeProfit > 0)
        ? `a take-profit at ${takeProfit}`
        : undefined;
  if (wrong !== undefined) {
    const direction = side > 0 ? 'long' : 'short';
    throw new ValidationError('protection.invalid', `A ${direction} at ${price} can not have ${wrong}.`);
  }
}
