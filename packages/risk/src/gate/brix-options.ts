import type {
  AccountView,
  ApprovalAuthority,
  AuditLog,
  Clock,
  Instrument,
  Logger,
  MarketId,
  MarketView,
  Opinion,
  Recommendation,
  RiskLimits,
  Tier,
  TradingSwitch,
  Usd,
  User,
  UserDirectory,
  VenueCapabilities,
} from '@perpdesk/core';
import type { Correlation } from '../exposure/correlated-risk.ts';
import type { EntryInput, OrderControl } from '../order/order-input.ts';
import type { OrderLimits } from '../order/order-limits.ts';
import type { RiskStateStore } from '../state/risk-state-store.ts';
import type { Reauthenticate } from '../switch/reauthenticate.ts';
import type { LimitBook } from '../tiers/limit-book.ts';

/** What Brix asks of a venue. Every ExecutionVenue is one. */
export interface TradableVenue {
  readonly name: string;
  readonly capabilities: Pick<VenueCapabilities, 'kind' | 'marginModes'>;
  instruments(): readonly Instrument[];
  unhealthy(): string | undefined;
}

/** What the operator allows all users together. */
export interface OperatorLimits {
  /** Notional over all users and venues: open, resting and pending. Default: no cap. */
  readonly maxNotional?: Usd;
  /** Notional of one order of anybody. Default 1,000,000. */
  readonly maxOrderNotional?: Usd;
}

/** A user's venue and what speaks for or against it now. */
export interface RankedVenue {
  readonly venue: string;
  /** In words, for the record. */
  readonly reason: string;
}

/** Options of {@link Brix}. */
export interface BrixOptions {
  readonly clock: Clock;
  readonly users: UserDirectory;
  readonly accounts: AccountView;
  readonly marketView: MarketView;
  /** A venue by name; `paper` serves users who configured none. */
  readonly venues: (name: string) => TradableVenue | undefined;
  readonly authority: ApprovalAuthority;
  readonly tradingSwitch: TradingSwitch;
  readonly store: RiskStateStore;
  /** Where approvals are written down. When it can't be written, new risk is refused and exits go on. Default: none. */
  readonly auditLog?: AuditLog;
  /** True while this process may send new risk: a lease of at most 2 s shared by several. Default: one process, always. */
  readonly lease?: () => boolean;
  /** The latest opinions on a market, for personal scoring. Default: none, the step is skipped. */
  readonly opinions?: (market: MarketId) => readonly Opinion[];
  /** Of markets' returns, for portfolio risk. Default: every loss at a stop counts in full beside every other. */
  readonly correlation?: Correlation;
  readonly operator?: OperatorLimits;
  /**
   * Puts a user's venues in the order a plan is tried on them, best first: by price with depth, fees, funding. One it leaves out
   * is tried last. Asked of users with more than one venue. Default: the user's own order.
   */
  readonly rankVenues?: (user: User, recommendation: Recommendation) => readonly RankedVenue[];
  /** Replaces tier defaults, whole tiers at a time. */
  readonly tiers?: Partial<Readonly<Record<Tier, RiskLimits>>>;
  readonly orderLimits?: Partial<OrderLimits>;
  /** Which instruments a user may open. Default: all that the venue lists. */
  readonly permits?: (user: User, instrument: Instrument) => boolean;
  /** More controls for orders that add risk, after the built-in ones. */
  readonly controls?: readonly OrderControl<EntryInput>[];
  /** What users changed of their limits. Default: the directory's limits alone. */
  readonly limitBook?: Pick<LimitBook, 'overrides'>;
  /** Asked before automated entries are re-armed. Default: they can not be. */
  readonly reauthenticate?: Reauthenticate;
  readonly logger?: Logger;
}
