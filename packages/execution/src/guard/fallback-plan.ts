import { Decimal, type Position, roundProtectiveTrigger, toPrice } from '@perpdesk/core';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import type { GuardRow } from './guard-store.ts';

/** How far from the mark the stop of an adopted position lies, at most. */
const distance = 0.02;

/**
 * The plan for a position nobody planned (opened elsewhere, or its plan is lost): a stop 2 % from the mark, or half the way
 * to its liquidation where that is nearer; no targets.
 */
export function fallbackPlan(position: Position, venues: VenueDirectory): Omit<GuardRow, 'slots' | 'taken'> {
  const sign = position.direction === 'long' ? 1 : -1;
  const mark = new Decimal(position.markPrice);
  const toLiquidation =
    position.liquidationPrice === undefined ? undefined : mark.minus(position.liquidationPrice).abs().dividedBy(2);
  const byShare = mark.times(distance);
  const away = toLiquidation === undefined ? byShare : Decimal.min(byShare, toLiquidation);
  const instrument = venues
    .get(position.venue)
    ?.instruments()
    .find((candidate) => candidate.id === position.instrumentId);
  const stop = toPrice(mark.minus(away.times(sign)));
  const tradeId = `adopted:${position.userId}:${position.venue}:${position.instrumentId}:${position.openedAtMs}`;
  return {
    userId: position.userId,
    venue: position.venue,
    instrumentId: position.instrumentId,
    tradeId,
    traceId: tradeId,
    leverage: position.leverage,
    stopLoss:
      instrument === undefined
        ? stop
        : roundProtectiveTrigger(instrument.priceRule, {
            direction: position.direction,
            kind: 'stop-loss',
            price: stop,
          }),
    takeProfits: [],
    plannedSize: position.size,
  };
}
