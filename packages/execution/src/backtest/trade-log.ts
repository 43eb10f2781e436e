import type { CloseReason, TradeDirection, TradeResult } from '@perpdesk/core';

/** Why a strategy's trade ended. */
export type ExitReason = Extract<CloseReason, 'stop-loss' | 'take-profit' | 'liquidation'> | 'order';

/** One position of a strategy, from flat to flat. Dollars and base units, float64. */
export interface StrategyTrade extends TradeResult {
  readonly direction: TradeDirection;
  /** All that was entered. */
  readonly size: number;
  /** Averages over all fills of each side. */
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly fees: number;
  /** Received minus paid. */
  readonly funding: number;
  /** The bar in which it opened and the one in which it ended, by index. */
  readonly openedBar: number;
  readonly closedBar: number;
  readonly reason: ExitReason;
}

/** What a trade that still runs has come to. */
export class RunningTrade {
  openedBar = 0;
  /** Base units entered, what they cost, and what those that left fetched. */
  entered = 0;
  entryCost = 0;
  exitCost = 0;
  pnl = 0;
  fees = 0;
  funding = 0;

  /** Begins anew. */
  clear(): void {
    this.entered = 0;
    this.entryCost = 0;
    this.exitCost = 0;
    this.pnl = 0;
    this.fees = 0;
    this.funding = 0;
  }
}

const reasons: readonly ExitReason[] = ['order', 'stop-loss', 'take-profit', 'liquidation'];
const fields = 9;

/** Closed trades, kept as numbers in one array so that a run of millions of bars makes no objects. */
export class TradeLog {
  #rows = new Float64Array(64 * fields);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a trade that has ended; `side` is 1 for a long, −1 for a short. */
  add(trade: RunningTrade, side: number, closedBar: number, reason: ExitReason): void {
    const at = this.#length * fields;
    if (at === this.#rows.length) {
      const grown = new Float64Array(4 * at);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const rows = this.#rows;
    rows[at] = trade.openedBar;
    rows[at + 1] = closedBar;
    rows[at + 2] = side * trade.entered;
    rows[at + 3] = trade.entryCost / trade.entered;
    rows[at + 4] = trade.exitCost / trade.entered;
    rows[at + 5] = trade.pnl - trade.fees + trade.funding;
    rows[at + 6] = trade.fees;
    rows[at + 7] = trade.funding;
    rows[at + 8] = reasons.indexOf(reason);
    this.#length += 1;
  }

  /** The trades in the order in which they ended. A trade opens at the open of its bar and ends by the close of its last. */
  list(openAtMs: Float64Array, barMs: number): StrategyTrade[] {
    const rows = this.#rows;
    const trades: StrategyTrade[] = [];
    for (let at = 0; trades.length < this.#length; at += fields) {
      const openedBar = rows[at] as number;
      const closedBar = rows[at + 1] as number;
      const size = rows[at + 2] as number;
      const reason = reasons[rows[at + 8] as number] ?? 'order';
      trades.push({
        direction: size > 0 ? 'long' : 'short',
        size: Math.abs(size),
        entryPrice: rows[at + 3] as number,
        exitPrice: rows[at + 4] as number,
        netPnl: rows[at + 5] as number,
        fees: rows[at + 6] as number,
        funding: rows[at + 7] as number,
        openedBar,
        closedBar,
        openedAtMs: openAtMs[openedBar] as number,
        // By an order at the open; else at a time within the bar that bars do not tell: its end.
        closedAtMs: (openAtMs[closedBar] as number) + (reason === 'order' ? 0 : barMs),
        reason,
      });
    }
    return trades;
  }
}
