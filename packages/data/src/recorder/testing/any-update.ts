import { type FeedChannel, type FeedUpdate, type InstrumentId, timeframes } from '@perpdesk/core';
import fc from 'fast-check';

const instrumentId = fc.constantFrom<InstrumentId>('BTC-PERP@scripted', 'ETH-PERP@scripted');
const channel = fc.constantFrom<FeedChannel>(
  ...(['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'] as const),
);
const instant = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
const moments = { exchangeAtMs: instant, receivedAtMs: instant };
/** Any number at all: what a feed should never say is recorded too. */
const number = fc.double();
const side = fc.constantFrom('buy', 'sell' as const);
const levels = fc.array(fc.tuple(number, number), { maxLength: 8 });
const series = { instrumentId, timeframe: fc.constantFrom(...timeframes), openAtMs: instant };
const bar = { open: number, high: number, low: number, close: number, volume: number };

const record = <Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }): fc.Arbitrary<Model> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<Model>;

/** Anything a feed can say. */
export const anyUpdate: fc.Arbitrary<FeedUpdate> = fc.oneof(
  record({
    kind: fc.constant('trade' as const),
    trade: record({
      instrumentId,
      id: fc.string({ unit: 'binary' }),
      side,
      price: number,
      size: number,
      ...moments,
    }),
  }),
  record({
    kind: fc.constant('book' as const),
    book: fc.record(
      { instrumentId, bids: levels, asks: levels, sequence: fc.maxSafeInteger(), ...moments },
      { requiredKeys: ['instrumentId', 'bids', 'asks', 'exchangeAtMs', 'receivedAtMs'], noNullPrototype: true },
    ),
  }),
  record({
    kind: fc.constant('book-delta' as const),
    delta: record({ instrumentId, bids: levels, asks: levels, sequence: fc.maxSafeInteger(), ...moments }),
  }),
  record({
    kind: fc.constant('candle' as const),
    candle: record({ ...series, ...bar }),
    closed: fc.boolean(),
    receivedAtMs: instant,
  }),
  record({
    kind: fc.constant('ticker' as const),
    ticker: record({ instrumentId, last: number, mark: number, bid: number, ask: number, ...moments }),
  }),
  record({
    kind: fc.constant('funding' as const),
    funding: record({
      ...{ instrumentId, rate: number, intervalMs: fc.nat(), settlesAtMs: instant, predicted: fc.boolean() },
      ...moments,
    }),
  }),
  record({
    kind: fc.constant('open-interest' as const),
    openInterest: record({ instrumentId, size: number, notionalUsd: number, ...moments }),
  }),
  record({
    kind: fc.constant('liquidation' as const),
    liquidation: record({ instrumentId, side, price: number, size: number, ...moments }),
  }),
  record({
    kind: fc.constant('gap' as const),
    gap: record({
      ...{ instrumentId, channel, reason: fc.constantFrom('silent', 'sequence' as const) },
      ...{ fromMs: instant, toMs: instant, filled: fc.boolean() },
    }),
  }),
  record({
    kind: fc.constant('status' as const),
    status: record({
      ...{ instrumentId, channel, status: fc.constantFrom('live', 'down' as const) },
      ...{ lastUpdateAtMs: fc.option(instant, { nil: undefined }), updates: fc.nat(), invalid: fc.nat() },
      reconnects: fc.nat(),
    }),
  }),
);
