import type {
  Account,
  Instrument,
  MarginMode,
  Order,
  OrderBookSnapshot,
  OrderIntent,
  Reading,
  Rejection,
  RiskLimits,
  Ticker,
  Usd,
  User,
} from '@perpdesk/core';
import type { Correlation } from '../exposure/correlated-risk.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { InstrumentLookup } from '../exposure/venue-book.ts';
import type { NewRiskGuard, OperatorBudget } from '../recommendation/recommendation-input.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import type { OrderLimits } from './order-limits.ts';

/** What a leg that only lessens risk is judged on: all of it in memory. */
export interface ExitInput {
  readonly intent: OrderIntent;
  readonly atMs: number;
  readonly positions: readonly HeldPosition[];
  readonly orderLimits: OrderLimits;
  /** Exits of this user let pass in the window. */
  readonly exitMessages: number;
}

/** The venue an order is for. */
export interface OrderVenue {
  readonly name: string;
  readonly kind: 'paper' | 'live';
  readonly marginModes: readonly MarginMode[];
  readonly unhealthy: string | undefined;
}

/** Everything that door 2 decides on for a leg that adds risk. What is undefined is not known, and refused. */
export interface EntryInput extends ExitInput, NewRiskGuard {
  readonly user: User;
  readonly limits: RiskLimits;
  readonly venue: OrderVenue | undefined;
  readonly instrument: Instrument | undefined;
  readonly permitted: boolean;
  readonly ticker: Reading<Ticker> | undefined;
  /** Mark of the market at another venue (its reference), where there is one. */
  readonly referenceTicker: Reading<Ticker> | undefined;
  readonly book: Reading<OrderBookSnapshot> | undefined;
  readonly account: Reading<Account> | undefined;
  readonly dayOpenEquity: Usd | undefined;
  readonly filledTrades: number;
  readonly openOrders: readonly Order[];
  readonly pending: readonly PendingEntry[];
  readonly memory: RiskMemory;
  readonly operator: OperatorBudget;
  readonly lookup: InstrumentLookup;
  /** Of markets' returns, for portfolio risk. Default: every loss counts in full beside every other. */
  readonly correlation?: Correlation;
  /** New-risk orders of this user let pass in the window. */
  readonly entryMessages: number;
  /** An order of equal content and another id that was let pass in the duplicate window. */
  readonly duplicateOf: string | undefined;
}

/** One rule about orders: undefined lets pass. A control never throws and changes nothing. */
export interface OrderControl<Input> {
  readonly name: string;
  readonly check: (input: Input) => Rejection | undefined;
}
