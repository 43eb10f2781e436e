import type { Candle } from '@perpdesk/core';
import type { PackedIndicator } from './packed-indicator.ts';

/** The update of several indicators as one function, which costs half of calling one after the other. */
export interface FusedUpdate {
  /** The indicators; their numbers lie in this order, one after the other. */
  readonly names: readonly string[];
  /** The values that `read` gives, in its order. */
  readonly values: readonly string[];
  /**
   * Takes a bar on the numbers from `begin` on and gives how many of the indicators took it: all of them, or those before the first
   * that is warming up or meets a number that is none. That one and those after it are left to their own updates.
   */
  readonly update: (numbers: Float64Array, begin: number, bar: Candle) => number;
  /** Copies the values out of the numbers from `begin` on. */
  readonly read: (numbers: Float64Array, begin: number, into: Float64Array) => void;
}

/** The first of the fused updates whose indicators are all among these; undefined if there is none. */
export function fusedUpdateFor(
  indicators: readonly PackedIndicator[],
  updates: readonly FusedUpdate[],
): FusedUpdate | undefined {
  const names = new Set(indicators.map(({ name }) => name));
  return updates.find((fused) => fused.names.every((name) => names.has(name)));
}
