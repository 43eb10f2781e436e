import type { Rejection, RejectionCode, RiskStep } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { duplicate } from './duplicate.ts';
import { exposure } from './exposure.ts';
import { liquidation } from './liquidation.ts';
import { lossLimits } from './loss-limits.ts';
import { marketData } from './market-data.ts';
import { entryThrottle, exitThrottle } from './message-throttle.ts';
import { oneDirection } from './one-direction.ts';
import type { EntryInput, ExitInput, OrderControl } from './order-input.ts';
import { orderSize } from './order-size.ts';
import { permission } from './permission.ts';
import { priceCollar } from './price-collar.ts';
import { reduceOnlyTruth } from './reduce-only.ts';
import { repeatedEntries } from './repeated-entries.ts';
import { selfMatch } from './self-match.ts';
import { stop } from './stop.ts';
import { tradingState } from './trading-state.ts';
import { unresolved } from './unresolved.ts';
import { venueRules } from './venue-rules.ts';

/**
 * What an order that adds risk passes, in this order: first whether anything may go out, then whether the order is what it
 * should be, then whether it is one too many, last whether the account can bear it. The first refusal is the answer.
 */
export const entryControls: readonly OrderControl<EntryInput>[] = [
  tradingState,
  permission,
  marketData,
  venueRules,
  priceCollar,
  stop,
  unresolved,
  duplicate,
  entryThrottle,
  repeatedEntries,
  selfMatch,
  oneDirection,
  orderSize,
  lossLimits,
  liquidation,
  exposure,
];

/**
 * What a plan passes as a whole, before its legs do one by one: all but what is about the single message, its
 * liquidity, and how much the account bears. */
export const planControls: readonly OrderControl<EntryInput>[] = [
  tradingState,
  permission,
  marketData,
  venueRules,
  priceCollar,
  stop,
  unresolved,
  oneDirection,
  lossLimits,
  liquidation,
];

/** What an order that only lessens risk passes. It needs no prices, no database, no user's settings. */
export const exitControls: readonly OrderControl<ExitInput>[] = [reduceOnlyTruth, exitThrottle];

/** A verdict and its log, one step a control. */
export interface Judgement {
  readonly rejection?: Rejection;
  readonly steps: readonly RiskStep[];
}

/** Runs controls until one refuses. One that throws refuses. */
export function judge<Input extends ExitInput>(controls: readonly OrderControl<Input>[], input: Input): Judgement {
  const steps: RiskStep[] = [];
  const before = { size: input.intent.size };
  for (const control of controls) {
    const rejection = checked(control, input);
    if (rejection !== undefined) {
      steps.push(riskStep(control.name, before, { rejected: rejection.code }, rejection.message));
      return { rejection, steps };
    }
    steps.push(riskStep(control.name, before, before, 'Passed.'));
  }
  return { steps };
}

const unreckonable: RejectionCode = 'order.invalid';

function checked<Input>(control: OrderControl<Input>, input: Input): Rejection | undefined {
  try {
    return control.check(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refusal(
      unreckonable,
      `The ${control.name} control could not reckon: ${why}`,
      'numbers that can be reckoned with',
      'error',
    );
  }
}
