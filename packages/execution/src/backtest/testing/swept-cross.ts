// A module as a sweep takes it: closes over the columns given as data.
import type { CandleColumns } from '@perpdesk/core';
import { backtestStrategy } from '../backtest-strategy.ts';
import type { ParameterSet } from '../parameter-grid.ts';
import type { SweepSpan } from '../sweep-module.ts';

/** Long above the close so many bars ago. `bars: 0` throws, `bars: -1` ends the thread. */
export function backtest({ bars }: ParameterSet, { data }: SweepSpan) {
  const ago = Number(bars);
  if (ago === 0) throw new RangeError('nothing to look back on');
  if (ago < 0) process.exit(3);
  const candles = data as CandleColumns;
  const { equityEnd, trades } = backtestStrategy({
    candles,
    strategy: (market, account) => account.target(market.close() > market.close(ago) ? 1 : 0),
  });
  return { equityEnd, trades: trades.length, shared: candles.close.buffer instanceof SharedArrayBuffer };
}
