import {
  compare,
  Decimal,
  type ExitRules,
  type Instrument,
  type Position,
  type Price,
  roundProtectiveTrigger,
  sum,
  type TakeProfit,
  ValidationError,
} from '@perpdesk/core';
import type { TradePlan } from './guard-store.ts';

/** What a user changes about the protection of an open position; what is left out stays. */
export interface PlanEdit {
  readonly stopLoss?: Price;
  readonly takeProfits?: readonly TakeProfit[];
  /** Null takes the rules away. */
  readonly exits?: ExitRules | null;
}

/**
 * The plan after a user's edit, prices rounded to the venue's rule. A stop may be moved anywhere between the price and the
 * stop that was approved with the trade: further away would be a loss that Brix has not let pass.
 * @throws ValidationError `stop.wrong-side`, `stop.beyond-approved`, `stop.beyond-liquidation`, `target.wrong-side`,
 * `target.fractions`
 */
export function editedPlan(
  plan: TradePlan,
  edit: PlanEdit,
  position: Position,
  { priceRule }: Pick<Instrument, 'priceRule'>,
): TradePlan {
  const { direction } = position;
  const round = (kind: 'stop-loss' | 'take-profit', price: Price): Price =>
    roundProtectiveTrigger(priceRule, { direction, kind, price });
  const { exits: rules, ...rest } = plan;
  const exits = edit.exits === undefined ? rules : (edit.exits ?? undefined);
  const stopLoss = edit.stopLoss === undefined ? plan.stopLoss : round('stop-loss', edit.stopLoss);
  if (edit.stopLoss !== undefined) checkStop(stopLoss, plan, position);
  const takeProfits = (edit.takeProfits ?? plan.takeProfits).map(({ price, fraction }) => ({
    price: round('take-profit', price),
    fraction,
  }));
  if (edit.takeProfits !== undefined) checkTargets(takeProfits, position);
  return {
    ...rest,
    stopLoss,
    approvedStop: plan.approvedStop ?? plan.stopLoss,
    takeProfits,
    ...(exits === undefined ? {} : { exits }),
  };
}

function checkStop(stop: Price, plan: TradePlan, { direction, liquidationPrice, markPrice }: Position): void {
  const sign = direction === 'long' ? 1 : -1;
  if (compare(markPrice, stop) * sign <= 0) {
    throw new ValidationError(
      'stop.wrong-side',
      `The stop ${stop} of a ${direction} position is not on the losing side of the price ${markPrice}.`,
    );
  }
  const approved = plan.approvedStop ?? plan.stopLoss;
  if (compare(stop, approved) * sign < 0) {
    throw new ValidationError(
      'stop.beyond-approved',
      `The stop ${stop} would lose more than the approved stop ${approved}; reduce the position instead.`,
    );
  }
  if (liquidationPrice !== undefined && compare(stop, liquidationPrice) * sign <= 0) {
    throw new ValidationError(
      'stop.beyond-liquidation',
      `The stop ${stop} lies beyond the liquidation at ${liquidationPrice}.`,
    );
  }
}

function checkTargets(targets: readonly TakeProfit[], { direction, markPrice }: Position): void {
  const sign = direction === 'long' ? 1 : -1;
  const wrong = targets.find(({ price }) => compare(price, markPrice) * sign <= 0);
  if (wrong !== undefined) {
    throw new ValidationError(
      'target.wrong-side',
      `The target ${wrong.price} of a ${direction} position is not on the winning side of the price ${markPrice}.`,
    );
  }
  const whole = new Decimal(sum(targets.map(({ fraction }) => fraction)));
  if (whole.greaterThan(1) || targets.some(({ fraction }) => !new Decimal(fraction).greaterThan(0)))
    throw new ValidationError(
      'target.fractions',
      `The targets' fractions lie above 0 and sum to at most 1, got ${whole}.`,
    );
}
