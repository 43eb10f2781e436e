import type * as z from 'zod';
import { priceSchema } from '../../decimal.ts';
import { candleSchema } from '../../domain/candle.ts';
import { instrumentIdSchema, marketIdSchema } from '../../domain/instrument.ts';
import {
  bookDeltaSchema,
  bookLevelSchema,
  fundingRateSchema,
  liquidationSchema,
  openInterestSchema,
  orderBookSchema,
  tickerSchema,
  tradeSchema,
} from '../../domain/market-data.ts';
import { evidenceSchema, keyLevelSchema, opinionSchema, ruledSchema } from '../../domain/opinion.ts';
import { orderIntentSchema } from '../../domain/order.ts';

/** A schema that a check is generated from. */
export interface CheckedSchema {
  /** The check is `is<type>`. */
  readonly type: string;
  /** The domain file that the type is of, from `validation/`. Left out for parts that others are made of. */
  readonly from?: string;
  readonly schemaName: string;
  readonly schema: z.core.$ZodType;
}

const marketData = '../domain/market-data.ts';

/** What the checks are generated from, parts before what is made of them. */
export const checkedSchemas: readonly CheckedSchema[] = [
  {
    type: 'InstrumentId',
    from: '../domain/instrument.ts',
    schemaName: 'instrumentIdSchema',
    schema: instrumentIdSchema,
  },
  // All branded decimals are one schema.
  { type: 'Decimal', schemaName: 'priceSchema', schema: priceSchema },
  { type: 'BookLevel', schemaName: 'bookLevelSchema', schema: bookLevelSchema },
  { type: 'Trade', from: marketData, schemaName: 'tradeSchema', schema: tradeSchema },
  { type: 'Candle', from: '../domain/candle.ts', schemaName: 'candleSchema', schema: candleSchema },
  { type: 'Ticker', from: marketData, schemaName: 'tickerSchema', schema: tickerSchema },
  { type: 'OrderBookSnapshot', from: marketData, schemaName: 'orderBookSchema', schema: orderBookSchema },
  { type: 'BookDelta', from: marketData, schemaName: 'bookDeltaSchema', schema: bookDeltaSchema },
  { type: 'FundingRate', from: marketData, schemaName: 'fundingRateSchema', schema: fundingRateSchema },
  { type: 'OpenInterest', from: marketData, schemaName: 'openInterestSchema', schema: openInterestSchema },
  { type: 'Liquidation', from: marketData, schemaName: 'liquidationSchema', schema: liquidationSchema },
  { type: 'OrderIntent', from: '../domain/order.ts', schemaName: 'orderIntentSchema', schema: orderIntentSchema },
  { type: 'MarketId', schemaName: 'marketIdSchema', schema: marketIdSchema },
  { type: 'KeyLevel', schemaName: 'keyLevelSchema', schema: keyLevelSchema },
  { type: 'Evidence', schemaName: 'evidenceSchema', schema: evidenceSchema },
  { type: 'Ruled', schemaName: 'ruledSchema', schema: ruledSchema },
  { type: 'Opinion', from: '../domain/opinion.ts', schemaName: 'opinionSchema', schema: opinionSchema },
];
