import { figure } from '../../exact/figure.ts';
import type { ExposureLimit } from '../../exposure/exposure-limit.ts';

/** Notional over equity of the first filled trade per user and venue kind. */
export const firstTradeCap: ExposureLimit = {
  step: 'first-trade-cap',
  code: 'first-trade.limit',
  message: 'The first trade would be over its cap.',
  allows: ({ firstTrade, limits, book, entry }) =>
    firstTrade && limits.firstTradeNotional !== undefined
      ? book.equity.times(figure(limits.firstTradeNotional)).buys(entry)
      : undefined,
  measure: (size, { firstTrade, limits, book, entry }) =>
    firstTrade && limits.firstTradeNotional !== undefined
      ? { limit: book.equity.times(figure(limits.firstTradeNotional)), actual: size.times(entry) }
      : undefined,
};
