import * as z from 'zod';
import type { PredictionDesk, TokenFact } from './prediction-venue.ts';
import { wireMs, wireNumber, wirePrice } from './wire-schemas.ts';

const levelSchema = z.object({ price: wirePrice, size: wireNumber });
const common = { asset_id: z.string().max(80), timestamp: wireMs };
const side = z.enum(['BUY', 'SELL']).transform((value) => (value === 'BUY' ? ('buy' as const) : ('sell' as const)));
/** 0 and 1 are what an empty side is told as. */
const best = wirePrice.optional().catch(undefined);

const bookSchema = z.object({ ...common, bids: z.array(levelSchema).max(2000), asks: z.array(levelSchema).max(2000) });
const changeSchema = levelSchema.extend({ asset_id: z.string().max(80), side, best_bid: best, best_ask: best });
const tradeSchema = z.object({ ...common, side, price: wirePrice, size: wireNumber.refine((size) => size > 0) });
const resolvedSchema = z.object({ assets_ids: z.array(z.string().max(80)).max(10) });
const changesSchema = z.object({ timestamp: wireMs, price_changes: z.array(z.unknown()).max(2000) });
/** As the socket spoke before the autumn of 2025: one token a message. */
const oldChangesSchema = z.object({ ...common, changes: z.array(z.unknown()).max(2000) });

/**
 * What a message of Polymarket's market channel tells: a whole book, changed levels, a trade, a resolution. Kinds that are not
 * listed are passed over; what should be one of them and can not is refused.
 */
export function readPolymarketFrame(desk: Pick<PredictionDesk, 'refuse'>, frame: unknown): readonly TokenFact[] {
  if (typeof frame === 'string') {
    if (frame !== 'PONG') desk.refuse('frame', frame);
    return [];
  }
  return (Array.isArray(frame) ? frame : [frame]).flatMap((event: unknown) => {
    const facts = readEvent(desk, event);
    if (facts !== undefined) return facts;
    desk.refuse('frame', event);
    return [];
  });
}

function readEvent(desk: Pick<PredictionDesk, 'refuse'>, event: unknown): readonly TokenFact[] | undefined {
  if (typeof event !== 'object' || event === null) return undefined;
  const kind: unknown = Reflect.get(event, 'event_type');
  if (kind === 'book' || (kind === undefined && 'bids' in event)) return readBook(event);
  if (kind === 'price_change' || 'price_changes' in event) return readChanges(desk, event);
  if (kind === 'last_trade_price' || (kind === undefined && 'fee_rate_bps' in event)) return readTrade(event);
  if (kind === 'market_resolved') {
    const { data } = resolvedSchema.safeParse(event);
    return data && [{ kind: 'resolved', tokens: data.assets_ids }];
  }
  return typeof kind === 'string' ? [] : undefined;
}

function readBook(event: object): readonly TokenFact[] | undefined {
  const { data } = bookSchema.safeParse(event);
  if (data === undefined) return undefined;
  const bids = data.bids.filter(({ size }) => size > 0).map(({ price, size }): [number, number] => [price, size]);
  const asks = data.asks.filter(({ size }) => size > 0).map(({ price, size }): [number, number] => [price, size]);
  if (Math.max(0, ...bids.map(([price]) => price)) >= Math.min(1, ...asks.map(([price]) => price))) return undefined;
  return [{ kind: 'book', token: data.asset_id, book: { bids, asks, exchangeAtMs: data.timestamp } }];
}

function readChanges(desk: Pick<PredictionDesk, 'refuse'>, event: object): readonly TokenFact[] | undefined {
  const now = changesSchema.safeParse(event).data;
  const before = now === undefined ? oldChangesSchema.safeParse(event).data : undefined;
  const rows = now?.price_changes ?? before?.changes.map((row) => ({ asset_id: before.asset_id, ...Object(row) }));
  if (rows === undefined) return undefined;
  const exchangeAtMs = now?.timestamp ?? before?.timestamp ?? 0;
  return rows.flatMap((row): readonly TokenFact[] => {
    const { data } = changeSchema.safeParse(row);
    if (data === undefined) {
      desk.refuse('level', row);
      return [];
    }
    const { asset_id: token, price, size, best_bid: bid, best_ask: ask } = data;
    return [{ kind: 'level', token, side: data.side, price, size, exchangeAtMs, best: { bid, ask } }];
  });
}

function readTrade(event: object): readonly TokenFact[] | undefined {
  const { data } = tradeSchema.safeParse(event);
  if (data === undefined) return undefined;
  const { asset_id: token, side: taker, price, size, timestamp } = data;
  return [{ kind: 'trade', token, trade: { side: taker, price, size, exchangeAtMs: timestamp } }];
}
