import { ValidationError } from '@perpdesk/core';
import type { ParameterValue } from './run-backtest.ts';

/** The values to try of each parameter. */
export type ParameterGrid = Readonly<Record<string, readonly ParameterValue[]>>;

/** One value of each parameter. */
export type ParameterSet = Readonly<Record<string, ParameterValue>>;

/**
 * Every combination of a grid's values, the last parameter changing fastest.
 * @throws ValidationError `grid.empty` for a parameter without values.
 * @example
 * parameterSets({ fast: [5, 10], slow: [20] }); // [{ fast: 5, slow: 20 }, { fast: 10, slow: 20 }]
 */
export function parameterSets(grid: ParameterGrid): ParameterSet[] {
  let sets: ParameterSet[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    if (values.length === 0) throw new ValidationError('grid.empty', `There is no value to try of "${name}".`);
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value })));
  }
  return sets;
}
