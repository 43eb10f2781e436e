import {
  candleSchema,
  fundingRateSchema,
  type IndicatorSnapshot,
  instrumentIdSchema,
  liquidationSchema,
  openInterestSchema,
  predictionQuoteSchema,
  type SeriesKind,
  type SeriesRows,
  tickerSchema,
  timeframeSchema,
  volumeBarSchema,
} from '@perpdesk/core';
import * as z from 'zod';
import { flag, float, integer, numbers, optional, word } from './column.ts';
import { type SeriesTable, seriesTable } from './series-table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Received rows: how the venue's clock may run ahead of ours before a row is held back until its own time. */
const received = { column: 'received_at_ms', aheadMs: hourMs } as const;
const heard = ['received_at_ms'] as const;

const indicatorSnapshotSchema: z.ZodType<IndicatorSnapshot> = z.object({
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  openAtMs: z.int(),
  values: z.record(z.string(), z.number()),
  bars: z.int().nonnegative(),
  missing: z.int().positive().exactOptional(),
});

/** Where each kind lies. Names of tables, columns and series are those of released databases: they never change. */
export const seriesTables: { readonly [Kind in SeriesKind]: SeriesTable<SeriesRows[Kind]> } = {
  candle: seriesTable<SeriesRows['candle']>({
    name: 'market_candles',
    subject: 'instrumentId',
    seriesKind: (timeframe) => String(timeframe),
    bars: true,
    columns: {
      openAtMs: integer('open_at_ms'),
      open: float('open'),
      high: float('high'),
      low: float('low'),
      close: float('close'),
      volume: float('volume'),
    },
    measured: ['open', 'high', 'low', 'close', 'volume'],
    schema: candleSchema,
  }),
  volume: seriesTable<SeriesRows['volume']>({
    name: 'market_volume',
    subject: 'instrumentId',
    seriesKind: (timeframe) => `volume ${timeframe}`,
    bars: true,
    columns: {
      openAtMs: integer('open_at_ms'),
      buyVolume: float('buy_volume'),
      sellVolume: float('sell_volume'),
      buyTrades: integer('buy_trades'),
      sellTrades: integer('sell_trades'),
    },
    measured: ['buyVolume', 'sellVolume', 'buyTrades', 'sellTrades'],
    schema: volumeBarSchema,
  }),
  indicators: seriesTable<SeriesRows['indicators']>({
    name: 'market_indicators',
    subject: 'instrumentId',
    seriesKind: (timeframe) => `indicators ${timeframe}`,
    bars: true,
    columns: {
      openAtMs: integer('open_at_ms'),
      values: numbers('readings'),
      bars: integer('bars'),
      missing: optional(integer('missing')),
    },
    measured: ['bars', 'missing'],
    schema: indicatorSnapshotSchema,
  }),
  quote: seriesTable<SeriesRows['quote']>({
    name: 'market_quotes',
    subject: 'instrumentId',
    seriesKind: () => 'quote',
    bars: false,
    columns: {
      exchangeAtMs: integer('exchange_at_ms'),
      last: float('last'),
      mark: float('mark'),
      index: optional(float('index_price')),
      bid: float('bid'),
      ask: float('ask'),
      receivedAtMs: integer('received_at_ms'),
    },
    receipt: received,
    hearing: heard,
    measured: ['last', 'mark', 'index', 'bid', 'ask'],
    schema: tickerSchema,
  }),
  funding: seriesTable<SeriesRows['funding']>({
    name: 'market_funding',
    subject: 'instrumentId',
    seriesKind: () => 'funding',
    bars: false,
    columns: {
      settlesAtMs: integer('settles_at_ms'),
      rate: float('rate'),
      intervalMs: integer('interval_ms'),
      predicted: flag('predicted'),
      exchangeAtMs: integer('exchange_at_ms'),
      receivedAtMs: integer('received_at_ms'),
    },
    receipt: { column: 'received_at_ms', aheadMs: 31 * dayMs },
    hearing: ['exchange_at_ms', 'received_at_ms'],
    neverRises: 'predicted',
    measured: ['rate', 'intervalMs'],
    schema: fundingRateSchema,
  }),
  'predicted-funding': seriesTable<SeriesRows['predicted-funding']>({
    name: 'market_predicted_funding',
    subject: 'instrumentId',
    seriesKind: () => 'predicted-funding',
    bars: false,
    columns: {
      exchangeAtMs: integer('exchange_at_ms'),
      settlesAtMs: integer('settles_at_ms'),
      rate: float('rate'),
      intervalMs: integer('interval_ms'),
      predicted: flag('predicted'),
      receivedAtMs: integer('received_at_ms'),
    },
    receipt: received,
    hearing: heard,
    measured: ['rate', 'intervalMs'],
    schema: fundingRateSchema,
  }),
  'open-interest': seriesTable<SeriesRows['open-interest']>({
    name: 'market_open_interest',
    subject: 'instrumentId',
    seriesKind: () => 'open-interest',
    bars: false,
    columns: {
      exchangeAtMs: integer('exchange_at_ms'),
      receivedAtMs: integer('received_at_ms'),
      size: float('size'),
      notionalUsd: float('notional_usd'),
    },
    receipt: received,
    hearing: heard,
    measured: ['size', 'notionalUsd'],
    schema: openInterestSchema,
  }),
  liquidation: seriesTable<SeriesRows['liquidation']>({
    name: 'market_liquidations',
    subject: 'instrumentId',
    seriesKind: () => 'liquidation',
    bars: false,
    columns: {
      exchangeAtMs: integer('exchange_at_ms'),
      side: word('side'),
      price: float('price'),
      size: float('size'),
      receivedAtMs: integer('received_at_ms'),
    },
    // A venue gives liquidations no id: what differs in nothing is the same one.
    keyColumns: 4,
    receipt: received,
    hearing: heard,
    measured: ['price', 'size'],
    schema: liquidationSchema,
  }),
  prediction: seriesTable<SeriesRows['prediction']>({
    name: 'market_predictions',
    subject: 'contractId',
    seriesKind: () => 'prediction',
    bars: false,
    columns: {
      exchangeAtMs: integer('exchange_at_ms'),
      bid: float('bid'),
      ask: float('ask'),
      depthUsd: float('depth_usd'),
      receivedAtMs: integer('received_at_ms'),
    },
    receipt: received,
    hearing: heard,
    measured: ['bid', 'ask', 'depthUsd'],
    schema: predictionQuoteSchema,
  }),
};
