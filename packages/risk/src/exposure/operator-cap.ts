import type { ExposureLimit } from './exposure-limit.ts';

/** Notional of all users over all venues, open, resting and pending: what the operator's cap leaves for this one. */
export const operatorCapLimit: ExposureLimit = {
  step: 'operator-cap',
  code: 'operator.limit',
  message: "The operator's cap over all users would be passed.",
  allows: ({ operatorRoom, entry }) => operatorRoom?.buys(entry),
  measure: (size, { operatorRoom, entry }) =>
    operatorRoom === undefined ? undefined : { limit: operatorRoom, actual: size.times(entry) },
};
