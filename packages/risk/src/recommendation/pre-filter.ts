import {
  Decimal,
  isFresh,
  type Recommendation,
  type Rejection,
  type RejectionCode,
  recommendationSchema,
} from '@perpdesk/core';
import { newRiskRefused } from '../decision/new-risk.ts';
import { refusal, valueAt } from '../decision/refusal.ts';
import { passed, refused, type StepResult } from '../decision/step-result.ts';
import { dailyResult } from '../exposure/daily-loss.ts';
import { openMarkets } from '../exposure/venue-book.ts';
import { geometryRefused } from './geometry.ts';
import type { RecommendationInput } from './recommendation-input.ts';

/** Riven publishes from this confidence on; Brix takes nothing below it from anybody. */
export const minimumConfidence = 0.6;

/** Step 1: is the plan usable, and may this user take on new risk at all? */
export function preFilter(input: RecommendationInput): StepResult<undefined> {
  const unusable = planRefused(input.recommendation, input.atMs);
  if (unusable !== undefined) return refused('pre-filter', {}, unusable);
  const open = openMarkets(input);
  const before = {
    positions: open.size,
    tradingState: input.tradingState,
    confidence: input.recommendation.confidence,
  };
  const rejection =
    balanceRefused(input) ?? positionsRefused(open, input) ?? dailyLossRefused(input) ?? newRiskRefused(input);
  return rejection === undefined
    ? passed('pre-filter', before, { positions: open.size }, 'The user may take on new risk.', undefined)
    : refused('pre-filter', before, rejection);
}

/** Refuses a plan that is malformed, too old, not convinced or no plan at all. Says nothing of any user. */
export function planRefused(recommendation: Recommendation, atMs: number): Rejection | undefined {
  const parsed = recommendationSchema.safeParse(recommendation);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    const name = path === '' ? 'content' : path;
    return refusal(
      codeOf(path),
      `The recommendation's ${name} is not usable.`,
      issue?.message ?? 'valid',
      valueAt(recommendation, issue?.path ?? []),
    );
  }
  const { confidence, expiresAtMs } = parsed.data;
  if (confidence < minimumConfidence) {
    return refusal(
      'confidence.low',
      `Confidence must be at least ${minimumConfidence}.`,
      minimumConfidence,
      confidence,
    );
  }
  if (expiresAtMs <= atMs)
    return refusal('recommendation.expired', 'The recommendation is too old.', expiresAtMs, atMs);
  return geometryRefused(parsed.data);
}

function codeOf(path: string): RejectionCode {
  if (path === 'confidence') return 'confidence.low';
  return /^(entry|stopLoss|takeProfits)/.test(path) ? 'geometry.invalid' : 'recommendation.invalid';
}

/** Refuses when every account is known and holds nothing; what is not known is refused where it is needed. */
function balanceRefused({ candidates }: RecommendationInput): Rejection | undefined {
  if (candidates.length === 0) return undefined;
  for (const { account } of candidates) {
    if (!isFresh(account)) return undefined;
    if (new Decimal(account.value.equity).greaterThan(0) && new Decimal(account.value.availableMargin).greaterThan(0)) {
      return undefined;
    }
  }
  return refusal('balance.zero', 'No account has a balance to trade with.', 'above 0', '0');
}

function positionsRefused(open: ReadonlySet<string>, input: RecommendationInput): Rejection | undefined {
  const limit = input.limits.maxOpenPositions;
  const adds = ![...open].some((key) => key.endsWith(`/${input.recommendation.market}`));
  return adds && open.size >= limit
    ? refusal('positions.maximum', 'The user holds as many positions as the limits allow.', limit, open.size)
    : undefined;
}

/** Any one account at its daily limit stops new risk at all of them. */
function dailyLossRefused({ candidates, memory, user, limits, atMs }: RecommendationInput): Rejection | undefined {
  for (const { account, dayOpenEquity } of candidates) {
    if (!isFresh(account)) continue;
    const { open, loss } = dailyResult(account.value, {
      viewOpen: dayOpenEquity,
      memory,
      timeZone: user.timeZone,
      atMs,
    });
    const limit = open.times(limits.dailyLoss);
    // Asked this way round so that a figure that is no number refuses too.
    if (!loss.lessThan(limit)) {
      return refusal('daily-loss.limit', `Today's loss at ${account.value.venue} has reached the limit.`, limit, loss);
    }
  }
  return undefined;
}
