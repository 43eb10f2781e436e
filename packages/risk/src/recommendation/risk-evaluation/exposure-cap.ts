import { figure } from '../../exact/figure.ts';
import { type ExposureLimit, marginOfSize } from '../../exposure/exposure-limit.ts';

/** Initial margin of all that is open, resting and pending, and of the new one, over equity. */
export const exposureCap: ExposureLimit = {
  step: 'exposure-cap',
  code: 'total-margin.limit',
  message: 'The margin of all positions together would be over its limit.',
  allows: (context, leverage) =>
    context.book.equity
      .times(figure(context.limits.maxTotalMargin))
      .minus(context.book.margin)
      .times(leverage)
      .buys(context.entry),
  measure: (size, context, leverage) => ({
    limit: context.book.equity.times(figure(context.limits.maxTotalMargin)),
    actual: context.book.margin.plus(marginOfSize(size, context, leverage)),
  }),
};
