import { compare, isFinal, type Order, type OrderStatus } from '@perpdesk/core';

/** True while only the venue can say whether an order exists. */
export const isUnsettled = (status: OrderStatus): boolean => status === 'intended' || status === 'unresolved';

/** How far an open order has come, for news of one instant. */
const progress: Partial<Record<OrderStatus, number>> = { open: 0, triggered: 1, 'partially-filled': 2 };

/**
 * What is known of an order after news of it. News arrive by several ways (the answer to the sending, the venue's updates,
 * a query) and late: nothing takes back a fill or an end, and what we meant by the order stays what we meant.
 */
export function mergeOrder(known: Order | undefined, news: Order): Order {
  if (known === undefined) return news;
  const ours: Order = { ...news, ...meaningOf(known) };
  if (isUnsettled(known.status)) return ours;
  if (isUnsettled(news.status)) return known;
  const filledMore = compare(news.filledSize, known.filledSize);
  if (isFinal(known.status)) return isFinal(news.status) && filledMore > 0 ? ours : known;
  if (isFinal(news.status)) return filledMore < 0 ? { ...ours, ...fillOf(known) } : ours;
  return filledMore < 0 || isOlder(news, known) ? known : ours;
}

function isOlder(news: Order, known: Order): boolean {
  if (news.updatedAtMs !== known.updatedAtMs) return news.updatedAtMs < known.updatedAtMs;
  return (progress[news.status] ?? 0) < (progress[known.status] ?? 0);
}

/** What a venue that was asked for the order may not give back. */
function meaningOf({ purpose, origin, stopLoss, traceId, tradeId, signalId }: Order): Partial<Order> {
  return {
    purpose,
    origin,
    ...(stopLoss === undefined ? {} : { stopLoss }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(tradeId === undefined ? {} : { tradeId }),
    ...(signalId === undefined ? {} : { signalId }),
  };
}

const fillOf = ({ filledSize, averagePrice }: Order): Partial<Order> => ({
  filledSize,
  ...(averagePrice === undefined ? {} : { averagePrice }),
});
