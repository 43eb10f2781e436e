import { type CloseReason, Decimal, type DomainEventMap } from '@perpdesk/core';
import { averagePrice, type HeldPosition } from './held-position.ts';

/** What is told of a position that is gone. */
export function closeRecord(held: HeldPosition): DomainEventMap['position.closed'] {
  const { exitSize, exitValue, fees, funding, position, realizedPnl, trades } = held;
  const size = new Decimal(exitSize);
  const tradeId = trades[0]?.tradeId;
  return {
    position,
    reason: closeReason(held),
    exitPrice: size.isZero() ? position.markPrice : averagePrice(new Decimal(exitValue), size),
    realizedPnl,
    fees,
    funding,
    ...(tradeId === undefined ? {} : { tradeId, trades }),
  };
}

/** Why a position ended, by its last exit. */
function closeReason({ lastCloseReason, lastOrigin, lastPurpose, lastReason, size }: HeldPosition): CloseReason {
  if (lastReason === 'liquidation' || lastReason === 'auto-deleveraging') return lastReason;
  // A part went by something that nobody here has heard of.
  if (lastPurpose === undefined || !new Decimal(size).isZero()) return 'closed-elsewhere';
  if (lastPurpose === 'stop-loss' || lastPurpose === 'take-profit') return lastPurpose;
  if (lastCloseReason !== undefined) return lastCloseReason;
  return lastOrigin === 'kill-switch' ? 'kill-switch' : lastOrigin === 'guard' ? 'unprotected' : 'manual';
}
