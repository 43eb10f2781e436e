/**
 * The exchange's words for what it refuses, as Hyperliquid says them ("Error responses"); those marked * it is not known
 * to use, and say the same in its manner.
 */
export const refusals = {
  tick: 'Price must be divisible by tick size.',
  price: 'Order has invalid price.',
  size: 'Order has invalid size.',
  zeroSize: 'Order has zero size.',
  minimumValue: 'Order must have minimum value of $10.',
  margin: 'Insufficient margin to place order.',
  reduceOnly: 'Reduce only order would increase position.',
  postOnly: (bid: string, ask: string) => `Post only order would have immediately matched, bbo was ${bid}@${ask}.`,
  immediate: 'Order could not immediately match against any resting orders.',
  trigger: 'Invalid TP/SL price.',
  far: 'Order price cannot be more than 80% away from the reference price',
  tierLimit: 'Order would cause position to exceed margin tier limit at current leverage',
  missing: 'Order was never placed, already canceled, or filled.',
  modify: 'Cannot modify canceled or filled order',
  leverageType: 'Cannot switch leverage type with open position.',
  /** * */
  leverage: 'Invalid leverage value.',
  /** * */
  crossNotAllowed: 'Cross margin is not allowed for this asset.',
  /** * */
  leverageMargin: 'Insufficient margin to update leverage.',
  /** * */
  isolatedMargin: 'Insufficient margin to update isolated margin.',
  /** * */
  noIsolatedPosition: 'No isolated position to update.',
  scheduleEarly: 'Scheduled cancel time too early, must be at least 5 seconds from now.',
  scheduleVolume: (required: string, traded: string) =>
    `Cannot set scheduled cancel time until enough volume traded. Required: $${required}. Traded: $${traded}.`,
  /** * */
  scheduleUsedUp: 'Scheduled cancel cannot be set: it was triggered 10 times today.',
  /** * */
  duplicateClientId: 'Duplicate client order id.',
  unknownAccount: (account: string) => `User or API Wallet ${account} does not exist.`,
  /** * */
  unknownCoin: 'Invalid asset.',
  /** * */
  noPrice: 'Trading is halted.',
  /** * */
  group: 'Invalid TP/SL grouping.',
} as const;
