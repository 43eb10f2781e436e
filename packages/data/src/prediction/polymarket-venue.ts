import {
  type PredictionContract,
  type PredictionLevel,
  type PredictionTrade,
  ValidationError,
  VenueError,
} from '@perpdesk/core';
import * as z from 'zod';
import { readPolymarketFrame } from './polymarket-frame.ts';
import { contractFromPolymarket } from './polymarket-market.ts';
import type { PredictionReference } from './prediction-reference.ts';
import type { PredictionDesk, PredictionVenue } from './prediction-venue.ts';
import { rounded, sortedBook } from './sorted-book.ts';
import { wireMs, wireNumber, wirePrice, wireSeconds } from './wire-schemas.ts';

const levelSchema = z.object({ price: wirePrice, size: wireNumber });
const bookSchema = z.object({
  asset_id: z.string(),
  timestamp: wireMs,
  bids: z.array(levelSchema),
  asks: z.array(levelSchema),
});
const tradeSchema = z.object({
  asset: z.string(),
  side: z.enum(['BUY', 'SELL']),
  price: wirePrice,
  size: wireNumber.refine((size) => size > 0),
  timestamp: wireSeconds,
  transactionHash: z.string().max(80),
});
const listSchema = z.array(z.unknown());
const eventSchema = z.object({ slug: z.string().optional(), markets: z.array(z.unknown()).default([]) });
const searchSchema = z.object({
  events: z.array(z.unknown()).default([]),
  pagination: z.object({ hasMore: z.boolean().optional() }).optional(),
});

/**
 * Polymarket: the lists of its gamma host, the books of its clob host, the trades of its data host.
 * docs.polymarket.com; endpoints as ccxt 4.5.84 names them.
 */
export const polymarketVenue: PredictionVenue = {
  venue: 'polymarket',

  async find(desk, reference) {
    if (reference.venue !== 'polymarket') return [];
    if (reference.by === 'event') return eventMarkets(desk, reference.value);
    const found = await markets(desk, paramsOf(reference));
    // A link often gives an event where a slug could be of either.
    return found.length === 0 && reference.by === 'slug' ? eventMarkets(desk, reference.value) : found;
  },

  async search(desk, query) {
    const { limit = 50, cursor } = query;
    const at = pageOf(cursor);
    if (query.text !== undefined && query.text.trim() !== '') {
      const answer = await desk.client.askEndpoint('gammaPublicGetPublicSearch', {
        q: query.text.slice(0, 200),
        limit_per_type: limit,
        page: at + 1,
        events_status: 'active',
      });
      const { events, pagination } = whole(searchSchema, answer, 'search');
      const { contracts, refused } = readMarkets(desk, events.flatMap(marketsOfEvent));
      return { contracts, refused, ...(pagination?.hasMore === true ? { cursor: String(at + 1) } : {}) };
    }
    const answer = await desk.client.askEndpoint('gammaPublicGetMarkets', {
      active: true,
      closed: false,
      order: 'volume24hr',
      ascending: false,
      limit,
      offset: at,
      ...(query.closesFromMs === undefined ? {} : { end_date_min: new Date(query.closesFromMs).toISOString() }),
      ...(query.closesBeforeMs === undefined ? {} : { end_date_max: new Date(query.closesBeforeMs).toISOString() }),
    });
    const rows = whole(listSchema, answer, 'markets');
    const { contracts, refused } = readMarkets(desk, rows);
    return { contracts, refused, ...(rows.length < limit ? {} : { cursor: String(at + rows.length) }) };
  },

  async book(desk, contract) {
    const { yes } = tokensOf(contract);
    const answer = await desk.client.askEndpoint('clobPublicGetBook', { token_id: yes });
    const book = bookSchema.safeParse(answer);
    if (!book.success || book.data.asset_id !== yes) {
      desk.refuse('book', answer);
      throw new VenueError('prediction.answer', `polymarket answered what is no book of ${contract.slug}.`);
    }
    const { bids, asks, timestamp } = book.data;
    return sortedBook(desk, contract, bids.map(toLevel), asks.map(toLevel), timestamp);
  },

  async trades(desk, contract, limit) {
    const { yes, no } = tokensOf(contract);
    const market = contract.id.slice('polymarket:'.length);
    const answer = await desk.client.askEndpoint('dataPublicGetTrades', { market, limit, takerOnly: true });
    const receivedAtMs = desk.nowMs();
    const trades: PredictionTrade[] = [];
    for (const row of whole(listSchema, answer, 'trades')) {
      const { data } = tradeSchema.safeParse(row);
      if (data === undefined || (data.asset !== yes && data.asset !== no)) {
        desk.refuse('trade', row);
        continue;
      }
      const buysYes = (data.asset === yes) === (data.side === 'BUY');
      trades.push({
        contractId: contract.id,
        id: `${data.transactionHash}:${data.asset === yes ? 'yes' : 'no'}:${data.price}:${data.size}`,
        side: buysYes ? 'buy' : 'sell',
        price: data.asset === yes ? data.price : rounded(1 - data.price),
        size: data.size,
        exchangeAtMs: data.timestamp,
        receivedAtMs,
      });
    }
    return trades.sort((a, b) => a.exchangeAtMs - b.exchangeAtMs).slice(-limit);
  },

  readFrame: readPolymarketFrame,
};

const toLevel = ({ price, size }: { price: number; size: number }): PredictionLevel => [price, size];

function tokensOf(contract: PredictionContract): { readonly yes: string; readonly no: string } {
  if (contract.tokens !== undefined && contract.venue === 'polymarket') return contract.tokens;
  throw new ValidationError('prediction.contract', `${contract.id} has no tokens; resolve it by polymarket first.`);
}

function paramsOf(reference: PredictionReference): Record<string, unknown> {
  if (reference.by === 'condition') return { condition_ids: reference.value };
  if (reference.by === 'token') return { clob_token_ids: reference.value };
  return reference.by === 'market' ? { id: reference.value } : { slug: reference.value };
}

/** Open ones first asked for, then closed ones, which are not given unless they are asked for. */
async function markets(desk: PredictionDesk, params: Record<string, unknown>): Promise<readonly PredictionContract[]> {
  for (const closed of [false, true]) {
    const answer = await desk.client.askEndpoint('gammaPublicGetMarkets', { ...params, closed });
    const { contracts } = readMarkets(desk, whole(listSchema, answer, 'markets'));
    if (contracts.length > 0) return contracts;
  }
  return [];
}

async function eventMarkets(desk: PredictionDesk, slug: string): Promise<readonly PredictionContract[]> {
  const answer = await desk.client.askEndpoint('gammaPublicGetEvents', { slug });
  return readMarkets(desk, whole(listSchema, answer, 'events').flatMap(marketsOfEvent)).contracts;
}

function marketsOfEvent(event: unknown): readonly unknown[] {
  const { data } = eventSchema.safeParse(event);
  return data?.markets.map((market) => ({ events: [event], ...Object(market) })) ?? [];
}

function readMarkets(desk: PredictionDesk, rows: readonly unknown[]) {
  const contracts: PredictionContract[] = [];
  let refused = 0;
  for (const row of rows) {
    const contract = contractFromPolymarket(row);
    if (typeof contract !== 'string') contracts.push(contract);
    else {
      refused += 1;
      desk.refuse(contract, row);
    }
  }
  return { contracts, refused };
}

const pageOf = (cursor: string | undefined): number => {
  const page = Number(cursor ?? 0);
  if (Number.isSafeInteger(page) && page >= 0) return page;
  throw new ValidationError('prediction.cursor', `"${cursor}" is no cursor of a page before.`);
};

function whole<Schema extends z.ZodType>(schema: Schema, answer: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new VenueError('prediction.answer', `polymarket answered what is no list of ${what}.`);
}
