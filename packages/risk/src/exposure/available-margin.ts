import { type ExposureLimit, marginOfSize } from './exposure-limit.ts';

/** Margin and fees must be there: what the venue says is available, less what is pending. No tier skips this one. */
export const availableMarginLimit: ExposureLimit = {
  step: 'available-margin',
  code: 'margin.insufficient',
  message: 'Margin and fees are more than what is available.',
  allows: (context, leverage) =>
    context.book.available.times(leverage).buys(context.unitFees.times(leverage).plus(context.entry)),
  measure: (size, context, leverage) => ({
    limit: context.book.available,
    actual: marginOfSize(size, context, leverage).plus(size.times(context.unitFees)),
  }),
};
