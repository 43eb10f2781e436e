import type { Account } from '../domain/account.ts';
import type { Order } from '../domain/order.ts';
import type { Position, Protection } from '../domain/position.ts';
import type { Reading } from '../domain/reading.ts';

/** What is known of users' accounts, held in memory and kept up by the venues' updates. */
export interface AccountView {
  /** Undefined: nothing is known, which is not the same as empty. */
  account(userId: string, venue: string): Reading<Account> | undefined;
  /** Over all venues. */
  positions(userId: string): readonly (Position & { readonly protection: Protection })[];
  openOrders(userId: string): readonly Order[];
  /** How many trades a user has had filled at venues of a kind. */
  filledTrades(userId: string, kind: 'paper' | 'live'): number;
  /** Equity at the start of the user's present day, transfers excluded, by venue. */
  dayOpenEquity(userId: string, venue: string): Account['equity'] | undefined;
}
