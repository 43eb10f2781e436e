// The strategy, as a sweep takes it: with the fast average above the slow one it is long, with a stop four ranges away.
import type { CandleColumns } from '@perpdesk/core';
import { atr, ema } from '@perpdesk/data';
import {
  backtestStrategy,
  type ParameterSet,
  type StrategyBacktest,
  type SweepSpan,
} from '@perpdesk/execution/backtest';

/** Runs the cross of two averages over columns. */
export function cross(candles: CandleColumns, parameters: ParameterSet, warmUpBars = 0): StrategyBacktest {
  return backtestStrategy({
    candles,
    warmUpBars,
    costs: { maxLeverage: 3 },
    columns: {
      fast: ({ close }) => ema(close, { period: Number(parameters.fast) }),
      slow: ({ close }) => ema(close, { period: Number(parameters.slow) }),
      range: (bars) => atr(bars, { period: 14 }),
    },
    strategy: (market, account) => {
      const { fast, slow, range } = market.columns;
      const rises = fast() > slow();
      if (account.size > 0 && !rises) account.exit();
      // Entered only where it turns: a stop that was hit stays hit.
      if (account.size === 0 && rises && !(fast(1) > slow(1)))
        account.enter({ direction: 'long', exposure: 2, stopLoss: market.close() - 4 * range() });
    },
  });
}

/** What the threads of a sweep call. */
export const backtest = (parameters: ParameterSet, { data }: SweepSpan): number =>
  cross(data as CandleColumns, parameters).equityEnd;
