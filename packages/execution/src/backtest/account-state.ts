import type { CandleColumns } from '@perpdesk/core';
import { type ExitReason, RunningTrade, type TradeLog } from './trade-log.ts';
import type { FundingColumns, SettledCosts } from './trading-costs.ts';

/**
 * The account of a running backtest: one linear position, cross margin. What is realised, fees and funding go to `cash`;
 * equity is cash + size × (price − entry). Float64 throughout.
 */
export class AccountState {
  // A number from the first: a field that begins undefined is kept boxed, and boxed anew at every change.
  cash = 0;
  /** Base units, above 0 when long, below when short. */
  size = 0;
  entry = 0;
  stop = Number.NaN;
  takeProfit = Number.NaN;
  /** The prices at which something happens within a bar: at or below, at or above. */
  lower = Number.NEGATIVE_INFINITY;
  upper = Number.POSITIVE_INFINITY;
  liquidation = Number.NaN;

  /** Whether an order or a protection came since the last bar. */
  touched = false;
  /** An order that waits for the next open: the size then wanted. */
  pending = false;
  pendingSize = 0;
  /** NaN: as it is. */
  pendingStop = Number.NaN;
  pendingTakeProfit = Number.NaN;
  /** When funding settles next, ms; Infinity when never. */
  fundingAtMs = Number.POSITIVE_INFINITY;

  fees = 0;
  funding = 0;
  realized = 0;
  traded = 0;
  cut = 0;
  liquidations = 0;

  readonly #trade = new RunningTrade();
  #fundingRow = 0;
  readonly #costs: SettledCosts;
  readonly #log: TradeLog;

  constructor(equity: number, costs: SettledCosts, log: TradeLog) {
    this.cash = equity;
    this.#costs = costs;
    this.#log = log;
    this.fundingAtMs = costs.funding?.atMs[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Plays what waits for a bar: funding due at its open, then the order that came before it, then what its prices touch. */
  playBar(
    { openAtMs, open, high, low }: Pick<CandleColumns, 'openAtMs' | 'open' | 'high' | 'low'>,
    bar: number,
    barMs: number,
  ): void {
    const atMs = openAtMs[bar] as number;
    const first = open[bar] as number;
    const top = high[bar] as number;
    const bottom = low[bar] as number;
    this.touched = false;
    if (atMs >= this.fundingAtMs) this.settleFunding(atMs, first);
    if (this.pending) this.fillPending(first, bar, atMs);
    // Flat, nothing is waited for: the bounds are infinite.
    if (bottom <= this.lower || top >= this.upper) this.exitWithin(first, top, bottom, bar, atMs + barMs);
  }

  /** Fills the order that waits, at an open; an exit that the open itself brings comes first. */
  fillPending(open: number, bar: number, openAtMs: number): void {
    const held = this.size;
    if (held !== 0 && (held > 0 ? open <= this.lower : open >= this.upper)) {
      const liquidations = this.liquidations;
      this.exitWithin(open, open, open, bar, openAtMs);
      // What was wanted of a position that is gone is void, and a venue cancels the orders of whom it liquidates.
      if (this.pendingSize * held >= 0 || this.liquidations > liquidations) {
        this.pending = false;
        return;
      }
    }
    const { slippageRate, takerFeeRate, maxLeverage } = this.#costs;
    this.pending = false;
    const before = this.size;
    const rise = this.pendingSize > before ? 1 : -1;
    const price = open * (1 + rise * slippageRate);
    const equity = Math.max(0, this.cash + before * (open - this.entry));
    const most = (maxLeverage * equity) / (price * (1 + maxLeverage * takerFeeRate));
    let wanted = this.pendingSize;
    // What is held already may stand above it: only what an order adds is cut.
    if (Math.abs(wanted) > most && (wanted * before <= 0 || Math.abs(wanted) > Math.abs(before))) {
      const limit = wanted * before > 0 ? Math.max(most, Math.abs(before)) : most;
      wanted = Math.sign(wanted) * limit;
      this.cut += 1;
    }
    const sameSide = wanted * before > 0;
    this.#moveTo(wanted, price, takerFeeRate, bar, 'order');
    if (this.size === 0) return;
    this.stop = sameSide && Number.isNaN(this.pendingStop) ? this.stop : this.pendingStop;
    this.takeProfit = sameSide && Number.isNaN(this.pendingTakeProfit) ? this.takeProfit : this.pendingTakeProfit;
    if (this.size > 0 ? open > this.takeProfit : open < this.takeProfit) {
      // Sent beyond the market it does not rest: it fills at once, at the market.
      this.#moveTo(0, open * (1 - Math.sign(this.size) * slippageRate), takerFeeRate, bar, 'take-profit');
      return;
    }
    this.watch();
  }

  /**
   * Ends the position within a bar that touched a price it waits at. What came first a bar does not tell: the loss is taken
   * before the profit, a gap fills at the open, and a take-profit needs a trade beyond its price.
   */
  exitWithin(open: number, high: number, low: number, bar: number, closeAtMs: number): void {
    const { slippageRate, takerFeeRate, makerFeeRate, maintenanceMarginRate } = this.#costs;
    const isLong = this.size > 0;
    const loss = isLong ? this.lower : this.upper;
    if (isLong ? low <= loss : high >= loss) {
      const gapped = isLong ? open <= loss : open >= loss;
      const seen = gapped ? open : loss;
      const isStop = loss === this.stop;
      this.#settleWithin(closeAtMs, seen);
      const price = seen * (1 + (isLong ? -slippageRate : slippageRate));
      const notional = Math.abs(this.size) * price;
      const left = this.cash + this.size * (price - this.entry) - notional * takerFeeRate;
      // In a liquidation the venue takes what margin is left.
      const penalty = isStop ? 0 : notional * maintenanceMarginRate;
      if (!isStop) this.liquidations += 1;
      this.#charge(Math.min(Math.max(0, left), penalty));
      // Nobody owes his venue: an insurance fund bears the rest.
      if (left < 0) this.#gain(-left);
      this.#moveTo(0, price, takerFeeRate, bar, isStop ? 'stop-loss' : 'liquidation');
      // Nothing is left but what rounding leaves, with which nobody trades on.
      if (left <= penalty) this.cash = 0;
      return;
    }
    if (isLong ? high > this.takeProfit : low < this.takeProfit) {
      this.#settleWithin(closeAtMs, this.takeProfit);
      this.#moveTo(0, this.takeProfit, makerFeeRate, bar, 'take-profit');
    }
  }

  /** Settles all funding up to an instant on the position as it stands. */
  settleFunding(untilMs: number, price: number): void {
    const { funding } = this.#costs;
    if (funding === undefined) return;
    for (; this.fundingAtMs <= untilMs; this.#toNextFunding(funding))
      this.#receive(-this.size * price * (funding.rate[this.#fundingRow] as number));
    this.watch();
  }

  /** Works out anew at which prices something happens. */
  watch(): void {
    const { maintenanceMarginRate: rate } = this.#costs;
    const { size, entry, cash } = this;
    this.lower = Number.NEGATIVE_INFINITY;
    this.upper = Number.POSITIVE_INFINITY;
    if (size > 0) {
      // Equity = rate × notional, solved for the price: see liquidationPrice of core.
      this.liquidation = (size * entry - cash) / (size * (1 - rate));
      // Compared so that what is not there, NaN, loses.
      this.lower = this.liquidation;
      if (this.stop > this.lower) this.lower = this.stop;
      if (this.takeProfit < this.upper) this.upper = this.takeProfit;
    } else if (size < 0) {
      this.liquidation = (cash - size * entry) / (-size * (1 + rate));
      this.upper = this.liquidation;
      if (this.stop < this.upper) this.upper = this.stop;
      if (this.takeProfit > this.lower) this.lower = this.takeProfit;
    }
  }

  /** When within the bar an exit was is not known: funding due in it is paid, never received. */
  #settleWithin(closeAtMs: number, price: number): void {
    const { funding } = this.#costs;
    if (funding === undefined) return;
    for (; this.fundingAtMs < closeAtMs; this.#toNextFunding(funding))
      this.#receive(Math.min(0, -this.size * price * (funding.rate[this.#fundingRow] as number)));
  }

  #toNextFunding({ atMs }: FundingColumns): void {
    this.#fundingRow += 1;
    this.fundingAtMs = atMs[this.#fundingRow] ?? Number.POSITIVE_INFINITY;
  }

  #receive(amount: number): void {
    this.cash += amount;
    this.funding += amount;
    this.#trade.funding += amount;
  }

  #gain(pnl: number): void {
    this.cash += pnl;
    this.realized += pnl;
    this.#trade.pnl += pnl;
  }

  #charge(fee: number): void {
    this.cash -= fee;
    this.fees += fee;
    this.#trade.fees += fee;
  }

  #moveTo(wanted: number, price: number, feeRate: number, bar: number, reason: ExitReason): void {
    const trade = this.#trade;
    const before = this.size;
    const side = before > 0 ? 1 : -1;
    const held = side * before;
    const staying = wanted * before > 0 ? Math.min(Math.abs(wanted), held) : 0;
    const closed = held - staying;
    if (closed > 0) {
      this.#gain(closed * side * (price - this.entry));
      this.#charge(closed * price * feeRate);
      this.traded += closed * price;
      trade.exitCost += closed * price;
      this.size = side * staying;
      if (staying === 0) this.#end(side, bar, reason);
    }
    const opened = Math.abs(wanted) - staying;
    if (opened > 0) {
      if (staying === 0) trade.openedBar = bar;
      this.entry = (staying * this.entry + opened * price) / (staying + opened);
      this.#charge(opened * price * feeRate);
      this.traded += opened * price;
      trade.entered += opened;
      trade.entryCost += opened * price;
      this.size = wanted;
    }
  }

  #end(side: number, bar: number, reason: ExitReason): void {
    this.#log.add(this.#trade, side, bar, reason);
    this.#trade.clear();
    this.entry = 0;
    this.stop = Number.NaN;
    this.takeProfit = Number.NaN;
    this.liquidation = Number.NaN;
    this.lower = Number.NEGATIVE_INFINITY;
    this.upper = Number.POSITIVE_INFINITY;
  }
}
