import { figure } from '../exact/figure.ts';
import { type ExposureLimit, riskOfSize, riskOfUnit } from './exposure-limit.ts';

/** Loss at the stop with fees of one trade over equity: `riskPerTrade`, one half of size₀. */
export const tradeRiskLimit: ExposureLimit = {
  step: 'trade-risk',
  code: 'portfolio-risk.limit',
  message: 'The trade would risk more than one trade may.',
  allows: (context) => context.book.equity.times(figure(context.limits.riskPerTrade)).buys(riskOfUnit(context)),
  measure: (size, context) => ({
    limit: context.book.equity.times(figure(context.limits.riskPerTrade)),
    actual: riskOfSize(size, context),
  }),
};
