import type { ExposureLimit } from './exposure-limit.ts';

/** Notional of one order: the user's and the operator's limit, the smaller. */
export const orderNotionalLimit: ExposureLimit = {
  step: 'order-notional',
  code: 'order-notional.limit',
  message: 'One order would be larger than allowed.',
  allows: ({ maxOrderSize, maxOrderNotional, entry }) => maxOrderSize ?? maxOrderNotional?.buys(entry),
  measure: (size, { maxOrderNotional, entry }) =>
    maxOrderNotional === undefined ? undefined : { limit: maxOrderNotional, actual: size.times(entry) },
};
