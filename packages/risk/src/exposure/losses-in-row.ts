import type { RiskLimits } from '@perpdesk/core';
import type { RiskMemory } from '../state/risk-memory.ts';

/** How long cooling off lasts where the user said nothing: 1 hour. */
export const coolingOffDefaultMs = 3_600_000;
/** More are not remembered: no limit is that high in practice, and a memory is bounded. */
const kept = 100;

/** A position that was closed. */
export interface ClosedTrade {
  /** The closing event's: told again, it counts once. */
  readonly id: string;
  readonly userId: string;
  readonly closedAtMs: number;
  /** Below, at or above zero: realised PnL less fees plus funding. */
  readonly sign: -1 | 0 | 1;
}

/** The losing trades since the last winner, and until when they keep from new risk once they are too many. */
export function lossesInRow(
  memory: Pick<RiskMemory, 'losses'>,
  limits: Pick<RiskLimits, 'coolingOffMs'>,
): { readonly count: number; readonly untilMs: number } {
  const last = memory.losses.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  return { count: memory.losses.length, untilMs: last + (limits.coolingOffMs ?? coolingOffDefaultMs) };
}

/**
 * Remembers a result; undefined when it changes nothing. A winner ends the losses before it, whenever it is told; what came to
 * nothing neither adds nor ends.
 */
export function withResult(memory: RiskMemory, result: ClosedTrade): RiskMemory | undefined {
  const { id, closedAtMs, sign } = result;
  if (sign === 0) return undefined;
  if (sign > 0) {
    if (closedAtMs <= memory.lastWinAtMs) return undefined;
    const losses = memory.losses.filter(({ atMs }) => atMs > closedAtMs);
    return { ...memory, losses, lastWinAtMs: closedAtMs };
  }
  if (closedAtMs <= memory.lastWinAtMs || memory.losses.some((loss) => loss.id === id)) return undefined;
  return { ...memory, losses: [...memory.losses, { id, atMs: closedAtMs }].slice(-kept) };
}
