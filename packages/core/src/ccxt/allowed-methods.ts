/** What a client may be asked: to read, to watch and to say what it knows. */
export const readMethods = [
  'loadMarkets',
  'market',
  'fetchTime',
  'fetchStatus',
  'fetchMarkets',
  'fetchTrades',
  'fetchOHLCV',
  'fetchOrderBook',
  'fetchTicker',
  'fetchTickers',
  'fetchFundingRate',
  'fetchFundingRates',
  'fetchFundingRateHistory',
  'fetchOpenInterest',
  'fetchOpenInterests',
  'fetchOpenInterestHistory',
  'fetchLeverageTiers',
  'fetchMarketLeverageTiers',
  'watchTrades',
  'watchOrderBook',
  'watchOHLCV',
  'watchTicker',
  'watchBidsAsks',
  'watchMarkPrice',
  'watchFundingRate',
  'watchLiquidations',
] as const;

/** What reads an account. */
export const accountMethods = [
  'fetchBalance',
  'fetchPositions',
  'fetchPosition',
  'fetchOpenOrders',
  'fetchClosedOrders',
  'fetchOrder',
  'fetchOrders',
  'fetchCanceledOrders',
  'fetchMyTrades',
  'fetchFundingHistory',
  'fetchTradingFee',
  'fetchTradingFees',
  'fetchLeverage',
  'fetchMarginMode',
  'fetchPositionMode',
  'watchOrders',
  'watchMyTrades',
  'watchPositions',
  'watchBalance',
] as const;

/** What acts on a venue. Nothing here moves money out of an account. */
export const orderMethods = [
  'createOrder',
  'createOrders',
  'editOrder',
  'cancelOrder',
  'cancelOrders',
  'cancelAllOrders',
  'cancelAllOrdersAfter',
  'cancelOrdersForSymbols',
  'setLeverage',
  'setMarginMode',
  'setPositionMode',
] as const;

/** What a prediction market's client may be asked beside {@link readMethods}. */
export const predictionMethods = [
  'fetchEvents',
  'fetchEvent',
  'fetchMarket',
  'fetchOutcomes',
  'fetchSettlements',
  'watchOrderBookForSymbols',
  'watchTradesForSymbols',
  'loadOutcomes',
  'loadEvents',
  'outcome',
] as const;

/** Plain facts that may be read off a client. */
export const readableFacts = [
  'id',
  'has',
  'markets',
  'markets_by_id',
  'symbols',
  'timeframes',
  'events',
  'outcomes',
] as const;

/**
 * True for an endpoint of the venue by ccxt's name that only reads public data: `fapiPublicGetAggTrades`. Hyperliquid reads
 * by POST: its `publicPostInfo` is one.
 */
export const isPublicEndpoint = (name: string): boolean =>
  name === 'publicPostInfo' || (/^([a-zA-Z0-9]*P|p)ublicV?\d*Get[A-Z]/.test(name) && !/private/i.test(name));
