import { ValidationError } from '@perpdesk/core';
import type { ParameterSet } from './parameter-grid.ts';
import { type CreateBacktestDesk, runBacktest } from './run-backtest.ts';

/** What the threads of a sweep have in common. */
export interface SweepSpan {
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The same for every combination. */
  readonly seed?: string;
  /** Cloned to each thread once; what lies in a SharedArrayBuffer is shared. */
  readonly data?: unknown;
}

/** What a module that is swept exports: one of the two. */
export interface SweepModule {
  /** Backtests one combination; what it returns is cloned back. */
  readonly backtest?: (parameters: ParameterSet, span: SweepSpan) => unknown;
  /** Makes the desk of {@link runBacktest}; the combination is in its context. */
  readonly createServices?: CreateBacktestDesk;
}

/**
 * Finds in a module how to backtest one combination.
 * @throws ValidationError `sweep.module` when it exports neither `backtest` nor `createServices`.
 */
export async function loadSweepModule(url: string): Promise<(parameters: ParameterSet, span: SweepSpan) => unknown> {
  const { backtest, createServices }: SweepModule = await import(url);
  if (typeof backtest === 'function') return backtest;
  if (typeof createServices === 'function')
    return (parameters, { data: _, ...span }) => runBacktest({ ...span, createServices, parameters });
  throw new ValidationError('sweep.module', `${url} exports neither backtest nor createServices.`);
}
