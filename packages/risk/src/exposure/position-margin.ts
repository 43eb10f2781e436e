import { figure } from '../exact/figure.ts';
import { type ExposureLimit, marginOfSize } from './exposure-limit.ts';

/** Margin in one instrument over equity: `maxPositionMargin`. */
export const positionMarginLimit: ExposureLimit = {
  step: 'position-margin',
  code: 'position-margin.limit',
  message: 'The margin of the position would be over its limit.',
  allows: (context, leverage) =>
    context.book.equity
      .times(figure(context.limits.maxPositionMargin))
      .minus(context.instrumentMargin)
      .times(leverage)
      .buys(context.entry),
  measure: (size, context, leverage) => ({
    limit: context.book.equity.times(figure(context.limits.maxPositionMargin)),
    actual: context.instrumentMargin.plus(marginOfSize(size, context, leverage)),
  }),
};
