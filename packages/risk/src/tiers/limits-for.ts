import { type RiskLimits, riskLimitsSchema, type User, ValidationError } from '@perpdesk/core';
import { exact } from '../exact/exact.ts';
import { tierDefaults } from './tier-defaults.ts';

const rates = [
  'riskPerTrade',
  'maxPositionMargin',
  'maxTotalMargin',
  'dailyLoss',
  'maxPortfolioRisk',
  'firstTradeNotional',
  'weeklyLoss',
  'maxDrawdown',
] as const;

/**
 * The limits that hold for a user: the tier's, each replaced by what the user set.
 * @throws ValidationError `limits.invalid` for a limit that is no finite number above zero: such a user trades nothing.
 */
export function limitsFor(
  user: Pick<User, 'tier' | 'limits'>,
  defaults: Readonly<Record<User['tier'], RiskLimits>> = tierDefaults,
): RiskLimits {
  const parsed = riskLimitsSchema.safeParse({ ...defaults[user.tier], ...user.limits });
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') ?? 'limits';
    throw new ValidationError('limits.invalid', `The risk limit ${path} is not usable.`);
  }
  for (const name of rates) {
    const rate = parsed.data[name];
    if (rate !== undefined && !exact(rate).greaterThan(0)) {
      throw new ValidationError('limits.invalid', `The risk limit ${name} must be above zero, got ${rate}.`);
    }
  }
  return parsed.data;
}
