/** Info requests that cost 2; `userRole` costs 60, all others 20. */
const light = new Set([
  'l2Book',
  'allMids',
  'clearinghouseState',
  'orderStatus',
  'spotClearinghouseState',
  'exchangeStatus',
]);
/** Info requests that cost one more for every 20 items they answer with; candles one for every 60. */
const byItem: Readonly<Record<string, number>> = {
  recentTrades: 20,
  historicalOrders: 20,
  userFills: 20,
  userFillsByTime: 20,
  fundingHistory: 20,
  userFunding: 20,
  userNonFundingLedgerUpdates: 20,
  candleSnapshot: 60,
};

/** What an info request costs before it is answered. After the venue's "Rate limits and user limits". */
export const infoWeight = (type: string): number => (light.has(type) ? 2 : type === 'userRole' ? 60 : 20);

/** What its answer costs beside, by the items in it. */
export const answerWeight = (type: string, items: number): number => {
  const perItem = byItem[type];
  return perItem === undefined ? 0 : Math.floor(items / perItem);
};

/** What an action costs: 1 and one more for every 40 orders or cancellations in it. */
export const actionWeight = (batch: number): number => 1 + Math.floor(batch / 40);
