import { isFresh, type Rejection, type RiskStep } from '@perpdesk/core';
import { newRiskRefused } from '../decision/new-risk.ts';
import { refusal } from '../decision/refusal.ts';
import { passedBy, refused, riskStep, type StepResult, type StepValues } from '../decision/step-result.ts';
import { exact } from '../exact/exact.ts';
import { accountLossRefused, coolingOffRefused } from '../exposure/loss-limits.ts';
import { openMarkets } from '../exposure/venue-book.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import type { RecommendationInput } from './recommendation-input.ts';

/** Step 1: is the plan usable, and may this user take on new risk at all? */
export function preFilter(input: RecommendationInput, plan: PreparedPlan): StepResult<undefined> {
  if (plan.refused !== undefined) return refused('pre-filter', {}, plan.refused);
  const open = openMarkets(input, plan.keyOf);
  const rejection =
    balanceRefused(input) ?? positionsRefused(open, input) ?? lossRefused(input) ?? newRiskRefused(input);
  if (rejection !== undefined) return refused('pre-filter', givenOf(input, open.size), rejection);
  // Who passes is not halted and not reducing: the count of positions is all that differs.
  return passedBy(plan.step(open.size) ?? plan.keep(open.size, passedStep(input, open.size)), undefined);
}

const passedStep = (input: RecommendationInput, positions: number): RiskStep =>
  riskStep('pre-filter', givenOf(input, positions), { positions }, 'The user may take on new risk.');

const givenOf = ({ tradingState, recommendation }: RecommendationInput, positions: number): StepValues => ({
  positions,
  tradingState,
  confidence: recommendation.confidence,
});

/** Refuses when every account is known and holds nothing; what is not known is refused where it is needed. */
function balanceRefused({ candidates }: RecommendationInput): Rejection | undefined {
  if (candidates.length === 0) return undefined;
  for (const { account } of candidates) {
    if (!isFresh(account)) return undefined;
    if (exact(account.value.equity).greaterThan(0) && exact(account.value.availableMargin).greaterThan(0)) {
      return undefined;
    }
  }
  return refusal('balance.zero', 'No account has a balance to trade with.', 'above 0', '0');
}

function positionsRefused(open: ReadonlySet<string>, input: RecommendationInput): Rejection | undefined {
  const limit = input.limits.maxOpenPositions;
  // Few users are that full: only of them it is asked whether the plan opens one more.
  if (!(open.size >= limit)) return undefined;
  const adds = ![...open].some((key) => key.endsWith(`/${input.recommendation.market}`));
  return adds
    ? refusal('positions.maximum', 'The user holds as many positions as the limits allow.', limit, open.size)
    : undefined;
}

/** Any one account at a loss limit stops new risk at all of them. */
function lossRefused(input: RecommendationInput): Rejection | undefined {
  for (const { account, dayOpenEquity } of input.candidates) {
    if (!isFresh(account)) continue;
    const refused = accountLossRefused(input, account.value, dayOpenEquity);
    if (refused !== undefined) return refused;
  }
  return coolingOffRefused(input);
}
