import { expectTypeOf } from 'vitest';
import type { Account } from '../domain/account.ts';
import type { Candle } from '../domain/candle.ts';
import type { Position, Protection } from '../domain/position.ts';
import { type ActResult, DeskClient, type JournalEvent, type RoundRecord } from './index.ts';

const desk = new DeskClient();

// The answer's type follows from the route.
expectTypeOf(desk.get('/accounts')).resolves.toEqualTypeOf<Account[]>();
expectTypeOf(desk.get('/positions')).resolves.items.toExtend<Position & { protection: Protection }>();
expectTypeOf(desk.get('/rounds', { limit: 5 })).resolves.toEqualTypeOf<RoundRecord[]>();
expectTypeOf(desk.get('/events', { after: 3 })).resolves.toEqualTypeOf<JournalEvent[]>();
expectTypeOf(desk.candles({ instrumentId: 'BTC-PERP@hyperliquid', timeframe: '15m' })).resolves.toEqualTypeOf<
  Candle[]
>();
expectTypeOf(desk.flatten()).resolves.toEqualTypeOf<ActResult>();

// Money stays a decimal string: no arithmetic by accident.
void desk.get('/accounts').then(([account]) => {
  // @ts-expect-error a Usd is no number
  return account === undefined ? 0 : account.equity * 2;
});

// @ts-expect-error there is no such route
void desk.get('/wallets');
// @ts-expect-error a trace needs its id
void desk.get('/trace');
// @ts-expect-error a series needs its timeframe
void desk.get('/candles', { instrumentId: 'BTC-PERP@hyperliquid' });
// @ts-expect-error 3m is no timeframe
void desk.candles({ instrumentId: 'BTC-PERP@hyperliquid', timeframe: '3m' });
// @ts-expect-error an instrument names its venue
void desk.closePosition({ venue: 'paper', instrumentId: 'BTC-PERP' });
// @ts-expect-error positions take no query
void desk.get('/positions', { venue: 'paper' });
// @ts-expect-error a limit is a number
void desk.get('/rounds', { limit: '5' });
