import { type PredictionContract, type PredictionLevel, type PredictionTrade, VenueError } from '@perpdesk/core';
import * as z from 'zod';
import { contractFromKalshi } from './kalshi-market.ts';
import type { PredictionDesk, PredictionVenue } from './prediction-venue.ts';
import { rounded, sortedBook } from './sorted-book.ts';
import { wireCents, wireInstant, wireNumber, wirePrice } from './wire-schemas.ts';

const marketsSchema = z.object({ markets: z.array(z.unknown()), cursor: z.string().max(2000).optional() });
const levelSchema = z.tuple([wirePrice, wireNumber]);
const centLevelSchema = z.tuple([wireCents, wireNumber]);
const sides = <Level extends z.ZodType>(level: Level) =>
  z
    .array(level)
    .nullish()
    .transform((list) => list ?? []);
const bookSchema = z.union([
  z.object({ orderbook_fp: z.object({ yes_dollars: sides(levelSchema), no_dollars: sides(levelSchema) }) }),
  z.object({ orderbook: z.object({ yes: sides(centLevelSchema), no: sides(centLevelSchema) }) }),
]);
const tradesSchema = z.object({ trades: z.array(z.unknown()) });
const tradeSchema = z.object({
  trade_id: z.string().max(80),
  ticker: z.string().max(200).optional(),
  created_time: wireInstant,
  taker_side: z.enum(['yes', 'no']),
  yes_price_dollars: wirePrice.optional(),
  /** Cents. */
  yes_price: wireCents.optional(),
  count_fp: wireNumber.optional(),
  count: wireNumber.optional(),
});
/** Pages asked for in one search by words, which the venue itself has not got. */
const mostPages = 5;

/** Kalshi's trade API v2, REST alone. docs.kalshi.com; endpoints as ccxt 4.5.84 names them. */
export const kalshiVenue: PredictionVenue = {
  venue: 'kalshi',

  async find(desk, reference) {
    if (reference.venue !== 'kalshi') return [];
    const { value } = reference;
    // A ticker may be of a contract, of a question with several, or of a series of questions: asked in this order.
    for (const params of [{ tickers: value }, { event_ticker: value }, { series_ticker: value, status: 'open' }]) {
      const answer = await desk.client.askEndpoint('kalshiPublicGetMarkets', { ...params, limit: 100 });
      const { contracts } = readMarkets(desk, answer);
      const exact = 'tickers' in params ? contracts.filter(({ slug }) => slug === value) : contracts;
      if (exact.length > 0) return exact;
    }
    return [];
  },

  async search(desk, query) {
    const { limit = 50, text = '' } = query;
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const contracts: PredictionContract[] = [];
    let { cursor } = query;
    let refused = 0;
    for (let page = 0; page < mostPages; page += 1) {
      const answer = await desk.client.askEndpoint('kalshiPublicGetMarkets', {
        status: 'open',
        limit: words.length === 0 ? limit : 1000,
        ...(cursor === undefined ? {} : { cursor }),
        ...(query.closesFromMs === undefined ? {} : { min_close_ts: Math.floor(query.closesFromMs / 1000) }),
        ...(query.closesBeforeMs === undefined ? {} : { max_close_ts: Math.floor(query.closesBeforeMs / 1000) }),
      });
      const read = readMarkets(desk, answer);
      refused += read.refused;
      contracts.push(
        ...read.contracts.filter(({ question, slug }) => {
          const said = `${question} ${slug}`.toLowerCase();
          return words.every((word) => said.includes(word));
        }),
      );
      cursor = read.cursor;
      if (cursor === undefined || contracts.length >= limit || words.length === 0) break;
    }
    return { contracts, refused, ...(cursor === undefined ? {} : { cursor }) };
  },

  async book(desk, contract) {
    const answer = await desk.client.askEndpoint('kalshiPublicGetMarketsTickerOrderbook', { ticker: contract.slug });
    const parsed = bookSchema.safeParse(answer);
    if (!parsed.success) {
      desk.refuse('book', answer);
      throw new VenueError('prediction.answer', `kalshi answered what is no book of ${contract.slug}.`);
    }
    const [yes, no] =
      'orderbook_fp' in parsed.data
        ? [parsed.data.orderbook_fp.yes_dollars, parsed.data.orderbook_fp.no_dollars]
        : [parsed.data.orderbook.yes, parsed.data.orderbook.no];
    // Both lists are bids: who bids for NO at p offers YES at 1 − p. The venue says no time of its own.
    const asks = no.map(([price, size]): PredictionLevel => [rounded(1 - price), size]);
    return sortedBook(desk, contract, yes, asks, desk.nowMs());
  },

  async trades(desk, contract, limit) {
    const answer = await desk.client.askEndpoint('kalshiPublicGetMarketsTrades', { ticker: contract.slug, limit });
    const parsed = tradesSchema.safeParse(answer);
    if (!parsed.success) throw new VenueError('prediction.answer', 'kalshi answered what is no list of trades.');
    const receivedAtMs = desk.nowMs();
    const trades: PredictionTrade[] = [];
    for (const row of parsed.data.trades) {
      const { data } = tradeSchema.safeParse(row);
      const price = data?.yes_price_dollars ?? data?.yes_price;
      const size = data?.count_fp ?? data?.count ?? 0;
      if (data === undefined || price === undefined || size <= 0 || (data.ticker ?? contract.slug) !== contract.slug) {
        desk.refuse('trade', row);
        continue;
      }
      trades.push({
        contractId: contract.id,
        id: data.trade_id,
        side: data.taker_side === 'yes' ? 'buy' : 'sell',
        price,
        size,
        exchangeAtMs: data.created_time,
        receivedAtMs,
      });
    }
    return trades.sort((a, b) => a.exchangeAtMs - b.exchangeAtMs).slice(-limit);
  },
};

function readMarkets(desk: PredictionDesk, answer: unknown) {
  const parsed = marketsSchema.safeParse(answer);
  if (!parsed.success) throw new VenueError('prediction.answer', 'kalshi answered what is no list of markets.');
  const contracts: PredictionContract[] = [];
  let refused = 0;
  for (const row of parsed.data.markets) {
    const contract = contractFromKalshi(row);
    if (typeof contract !== 'string') contracts.push(contract);
    else {
      refused += 1;
      desk.refuse(contract, row);
    }
  }
  const { cursor } = parsed.data;
  return { contracts, refused, cursor: cursor === '' ? undefined : cursor };
}
