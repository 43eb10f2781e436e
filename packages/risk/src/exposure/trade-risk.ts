import { type ExposureLimit, riskOfSize } from './exposure-limit.ts';

/** Loss at the stop with fees of one trade over equity: `riskPerTrade`, one half of size₀. */
export const tradeRiskLimit: ExposureLimit = {
  step: 'trade-risk',
  code: 'portfolio-risk.limit',
  message: 'The trade would risk more than one trade may.',
  allows: ({ book, limits, unitLoss, unitFees }) =>
    book.equity.times(limits.riskPerTrade).buys(unitLoss.plus(unitFees)),
  measure: (size, context) => ({
    limit: context.book.equity.times(context.limits.riskPerTrade),
    actual: riskOfSize(size, context),
  }),
};
