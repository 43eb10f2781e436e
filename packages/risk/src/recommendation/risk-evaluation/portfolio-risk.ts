import { type ExposureLimit, riskOfSize } from '../../exposure/exposure-limit.ts';

/** Loss at stop with fees of all that is open, resting and pending, and of the new one, over equity. */
export const portfolioRisk: ExposureLimit = {
  step: 'portfolio-risk',
  code: 'portfolio-risk.limit',
  message: 'The loss at all stops together would be over its limit.',
  allows: (context) =>
    context.book.equity
      .times(context.limits.maxPortfolioRisk)
      .minus(context.book.risk)
      .dividedBy(context.unitLoss.plus(context.unitFees)),
  measure: (size, context) => ({
    limit: context.book.equity.times(context.limits.maxPortfolioRisk),
    actual: context.book.risk.plus(riskOfSize(size, context)),
  }),
};
