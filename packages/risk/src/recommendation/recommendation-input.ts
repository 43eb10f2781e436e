import type {
  Account,
  Instrument,
  MarginMode,
  Opinion,
  Order,
  Reading,
  Recommendation,
  RiskLimits,
  Ticker,
  TradingState,
  Usd,
  User,
} from '@perpdesk/core';
import type { Correlation } from '../exposure/correlated-risk.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { InstrumentLookup } from '../exposure/venue-book.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import type { RiskMemory } from '../state/risk-memory.ts';
import type { PreparedPlan } from './prepared-plan.ts';

/** An instrument of the plan's market at a venue, with its present prices. */
export interface Listing {
  readonly instrument: Instrument;
  readonly ticker: Reading<Ticker> | undefined;
}

/** A venue that a user could trade on, in the user's order of preference. */
export interface VenueCandidate {
  readonly name: string;
  readonly kind: 'paper' | 'live';
  readonly marginModes: readonly MarginMode[];
  /** Why no order can be sent, if so. */
  readonly unhealthy: string | undefined;
  readonly listings: readonly Listing[];
  readonly account: Reading<Account> | undefined;
  readonly dayOpenEquity: Usd | undefined;
  readonly filledTrades: number;
}

/** What the operator allows all users together, and what they use of it. */
export interface OperatorBudget {
  /** Over all users and venues; absent: no cap. */
  readonly maxNotional?: Usd;
  readonly usedNotional: Usd;
  /** Of one order of anybody. */
  readonly maxOrderNotional?: Usd;
}

/** Whether the process may send new risk at all. */
export interface NewRiskGuard {
  readonly tradingState: TradingState;
  readonly auditWritable: boolean;
  /** The lease by which a halt reaches every process. */
  readonly leased: boolean;
}

/** Everything that door 1 decides on, for one user. Equal inputs give equal decisions. */
export interface RecommendationInput extends NewRiskGuard {
  readonly recommendation: Recommendation;
  /** What of it is the same for all users, when it was reckoned already: for this instant and these prices. */
  readonly plan?: PreparedPlan;
  readonly user: User;
  readonly limits: RiskLimits;
  readonly atMs: number;
  /** Present prices of the plan's reference instrument. */
  readonly referenceTicker: Reading<Ticker> | undefined;
  readonly candidates: readonly VenueCandidate[];
  /** What speaks for or against each, where they were ranked. */
  readonly venueReasons?: Readonly<Record<string, string>> | undefined;
  readonly positions: readonly HeldPosition[];
  readonly openOrders: readonly Order[];
  readonly pending: readonly PendingEntry[];
  readonly memory: RiskMemory;
  /** The latest opinions on the market; none: personal scoring is skipped. */
  readonly opinions: readonly Opinion[];
  readonly operator: OperatorBudget;
  readonly instrument: InstrumentLookup;
  /** Of markets' returns, for portfolio risk. Default: every loss counts in full beside every other. */
  readonly correlation?: Correlation | undefined;
}
