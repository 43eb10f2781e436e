import { toPrice, toSize } from '../decimal.ts';
import type { OrderIntent } from '../domain/order.ts';

/** An entry that fits its schema, with what a test changes. Default: user-1 buys 0.01 BTC on paper at 61,250. */
export const exampleOrderIntent = (changes: Partial<OrderIntent> = {}): OrderIntent => ({
  clientOrderId: '00112233445566778899aabbccddeeff',
  userId: 'user-1',
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid',
  side: 'buy',
  type: 'limit',
  size: toSize('0.01'),
  price: toPrice('61250'),
  timeInForce: 'gtc',
  reduceOnly: false,
  purpose: 'entry',
  origin: 'agent',
  stopLoss: toPrice('60000'),
  leverage: 3,
  ...changes,
});
