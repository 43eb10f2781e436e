import type { UpdateInPlace } from '../indicators/streaming-indicator.ts';
import type { PackedIndicator } from './packed-indicator.ts';

/** The update of several indicators as one function, which costs half of calling one after the other. */
export interface FusedUpdate {
  /** The indicators; their numbers lie in this order, one after the other. */
  readonly names: readonly string[];
  /**
   * Takes the present bar on the numbers from `begin` on. An indicator that is warming up, or meets a number that is none, is left
   * to its own update, which is that of its place in `others`.
   */
  readonly update: (numbers: Float64Array, begin: number, others: readonly UpdateInPlace[]) => void;
}

/** The first of the fused updates whose indicators are all among these; undefined if there is none. */
export function fusedUpdateFor(
  indicators: readonly PackedIndicator[],
  updates: readonly FusedUpdate[],
): FusedUpdate | undefined {
  const names = new Set(indicators.map(({ name }) => name));
  return updates.find((fused) => fused.names.every((name) => names.has(name)));
}
