import type { PredictionContract } from '@perpdesk/core';

/** Ids of a Polymarket contract: condition, YES token, NO token. */
export const exampleIds = {
  condition: `0x${'ab'.repeat(32)}`,
  yes: '1'.repeat(77),
  no: '2'.repeat(77),
};

/** A market as Polymarket lists it, with the fields that are read. */
export const polymarketRow = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: '77',
  conditionId: exampleIds.condition,
  slug: 'will-it-rain-on-sunday',
  question: 'Will it rain on Sunday?',
  description: 'Yes if it rains.',
  endDate: '2026-12-06T12:00:00Z',
  active: true,
  closed: false,
  acceptingOrders: true,
  outcomes: '["Yes", "No"]',
  outcomePrices: '["0.5", "0.5"]',
  clobTokenIds: JSON.stringify([exampleIds.yes, exampleIds.no]),
  volumeNum: 250_000.5,
  volume24hr: 12_000,
  enableOrderBook: true,
  events: [{ slug: 'rain-on-sunday', title: 'Rain', series: [{ slug: 'sunday-weather' }] }],
  ...changes,
});

/** A market as Kalshi lists it, after the shape that ccxt 4.5.84 documents in its parser. */
export const kalshiRow = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  ticker: 'KXRAIN-26DEC06-T1',
  event_ticker: 'KXRAIN-26DEC06',
  market_type: 'binary',
  title: 'Will it rain on Sunday?',
  yes_sub_title: 'Above 1 mm',
  rules_primary: 'Yes if it rains.',
  close_time: '2026-12-06T12:00:00Z',
  status: 'active',
  result: '',
  volume_fp: '40208.00',
  volume_24h_fp: '12000.00',
  ...changes,
});

/** The contract that {@link polymarketRow} is read as. */
export const polymarketContract: PredictionContract = {
  id: `polymarket:${exampleIds.condition}`,
  venue: 'polymarket',
  slug: 'will-it-rain-on-sunday',
  question: 'Will it rain on Sunday?',
  closesAtMs: Date.UTC(2026, 11, 6, 12),
  tokens: { yes: exampleIds.yes, no: exampleIds.no },
};

/** The contract that {@link kalshiRow} is read as. */
export const kalshiContract: PredictionContract = {
  id: 'kalshi:KXRAIN-26DEC06-T1',
  venue: 'kalshi',
  slug: 'KXRAIN-26DEC06-T1',
  question: 'Will it rain on Sunday? (Above 1 mm)',
  closesAtMs: Date.UTC(2026, 11, 6, 12),
};

/** A whole book on Polymarket's socket: 0.48 and 0.49 against 0.51 and 0.52. */
export const bookFrame = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  event_type: 'book',
  market: exampleIds.condition,
  asset_id: exampleIds.yes,
  bids: [
    { price: '0.48', size: '100' },
    { price: '0.49', size: '200' },
  ],
  asks: [
    { price: '0.52', size: '300' },
    { price: '0.51', size: '150' },
  ],
  timestamp: '1790000000000',
  ...changes,
});

/** A changed level on Polymarket's socket. */
export const changeFrame = (
  side: 'BUY' | 'SELL',
  price: string,
  size: string,
  best: { readonly bid: string; readonly ask: string },
  timestamp = '1790000001000',
): Record<string, unknown> => ({
  event_type: 'price_change',
  market: exampleIds.condition,
  timestamp,
  price_changes: [
    { asset_id: exampleIds.yes, side, price, size, best_bid: best.bid, best_ask: best.ask },
    // The other side of the same change, as the venue tells it too.
    { asset_id: exampleIds.no, side, price: '0.5', size: '1', best_bid: '0.48', best_ask: '0.52' },
  ],
});

/** A trade on Polymarket's socket. */
export const tradeFrame = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  event_type: 'last_trade_price',
  market: exampleIds.condition,
  asset_id: exampleIds.yes,
  fee_rate_bps: '0',
  price: '0.51',
  side: 'BUY',
  size: '25',
  timestamp: '1790000002000',
  ...changes,
});
