import { Decimal, type Instrument, type Position, roundProtectiveTrigger, toPrice } from '@perpdesk/core';
import type { TradePlan } from './guard-store.ts';

/** What the plan of a position that nobody planned begins with, in place of a trade's id. */
export const adoptedPrefix = 'adopted:';

/** How far from the mark the stop of an adopted position lies, at most. */
const distance = 0.02;

/**
 * The plan for a position nobody planned (opened elsewhere, or its plan is lost): a stop 2 % from the mark, or half the way
 * to its liquidation where that is nearer; no targets.
 */
export function fallbackPlan(position: Position, instrument: Instrument): TradePlan {
  const sign = position.direction === 'long' ? 1 : -1;
  const mark = new Decimal(position.markPrice);
  const toLiquidation =
    position.liquidationPrice === undefined ? undefined : mark.minus(position.liquidationPrice).abs().dividedBy(2);
  const byShare = mark.times(distance);
  const away = toLiquidation === undefined ? byShare : Decimal.min(byShare, toLiquidation);
  const tradeId = `${adoptedPrefix}${position.userId}:${position.venue}:${position.instrumentId}:${position.openedAtMs}`;
  return {
    tradeId,
    traceId: tradeId,
    leverage: position.leverage,
    stopLoss: roundProtectiveTrigger(instrument.priceRule, {
      direction: position.direction,
      kind: 'stop-loss',
      price: toPrice(mark.minus(away.times(sign))),
    }),
    takeProfits: [],
  };
}
