import { figure } from '../../exact/figure.ts';
import { roomWithin, totalWith } from '../../exposure/correlated-risk.ts';
import { type ExposureLimit, riskOfSize, riskOfUnit } from '../../exposure/exposure-limit.ts';

/** Loss at stop with fees of all that is open, resting and pending, and of the new one, over equity. */
export const portfolioRisk: ExposureLimit = {
  step: 'portfolio-risk',
  code: 'portfolio-risk.limit',
  message: 'The loss at all stops together would be over its limit.',
  allows: (context) => {
    const limit = context.book.equity.times(figure(context.limits.maxPortfolioRisk));
    const room =
      context.correlated === undefined ? limit.minus(context.book.risk) : roomWithin(context.correlated, limit);
    return room.buys(riskOfUnit(context));
  },
  measure: (size, context) => {
    const limit = context.book.equity.times(figure(context.limits.maxPortfolioRisk));
    const loss = riskOfSize(size, context);
    return {
      limit,
      actual: context.correlated === undefined ? context.book.risk.plus(loss) : totalWith(context.correlated, loss),
    };
  },
};
