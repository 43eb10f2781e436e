import {
  type Instrument,
  type InstrumentId,
  marketOf,
  type OrderIntent,
  PerpDeskError,
  type Recommendation,
  type Rejection,
  type RiskLimits,
  type Tier,
  toUsd,
  type Usd,
  type User,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { usdOf } from '../exact/branded.ts';
import { exact } from '../exact/exact.ts';
import type { Correlation } from '../exposure/correlated-risk.ts';
import { grossNotional } from '../exposure/venue-book.ts';
import type { EntryInput, ExitInput } from '../order/order-input.ts';
import { type OrderLimits, orderLimitDefaults } from '../order/order-limits.ts';
import type { RecentOrders } from '../order/recent-orders.ts';
import type {
  NewRiskGuard,
  OperatorBudget,
  RecommendationInput,
  VenueCandidate,
} from '../recommendation/recommendation-input.ts';
import type { RiskState } from '../state/risk-state-store.ts';
import { limitsFor } from '../tiers/limits-for.ts';
import { tierDefaults } from '../tiers/tier-defaults.ts';
import type { BrixOptions } from './brix-options.ts';
import { PlanReadings, type SeenVenue } from './plan-readings.ts';

const onPaper: readonly string[] = ['paper'];
const defaultMaxOrderNotional = toUsd(1_000_000);

/** Reads the ports into the plain inputs that the two doors decide on. Reads memory only; nothing here waits. */
export class DeskInputs {
  readonly orderLimits: OrderLimits;
  readonly #options: BrixOptions;
  readonly #correlation: { readonly correlation?: Correlation };
  readonly #tiers: Readonly<Record<Tier, RiskLimits>>;
  readonly #tierLimits = new Map<Tier, RiskLimits>();
  readonly #listed = new WeakMap<readonly Instrument[], ReadonlyMap<InstrumentId, Instrument>>();

  constructor(options: BrixOptions) {
    this.#options = options;
    this.#correlation = options.correlation === undefined ? {} : { correlation: options.correlation };
    this.#tiers = { ...tierDefaults, ...options.tiers };
    this.orderLimits = { ...orderLimitDefaults, ...options.orderLimits };
  }

  /** @throws ValidationError `limits.invalid` */
  limits(user: User): RiskLimits {
    const limits = this.#options.limitBook?.overrides(user) ?? user.limits;
    for (const _ in limits) return limitsFor({ tier: user.tier, limits }, this.#tiers);
    // Most users set nothing: their tier's limits are read once.
    let known = this.#tierLimits.get(user.tier);
    if (known === undefined) {
      known = limitsFor(user, this.#tiers);
      this.#tierLimits.set(user.tier, known);
    }
    return known;
  }

  /** Why a user's limits can not be used, if so: such a user trades nothing. */
  limitsRefused(user: User): Rejection | undefined {
    const limits = this.usableLimits(user);
    return 'code' in limits ? limits : undefined;
  }

  /** A user's limits, or why they can not be used. */
  usableLimits(user: User): RiskLimits | Rejection {
    try {
      return this.limits(user);
    } catch (error) {
      if (!PerpDeskError.is(error)) throw error;
      return refusal('limits.invalid', error.message, 'limits above zero', error.code);
    }
  }

  /** What door 1 reads once for all users of a recommendation. */
  planReadings(recommendation: Recommendation): PlanReadings {
    return new PlanReadings(this.#options, recommendation, this.#listedAt);
  }

  /** Door 1's input for one user. */
  recommendation(
    user: User,
    readings: PlanReadings,
    own: { readonly state: RiskState; readonly limits: RiskLimits; readonly operator: OperatorBudget },
  ): RecommendationInput {
    const { accounts } = this.#options;
    const { recommendation } = readings;
    const ranking = this.#ranking(user, recommendation);
    const { tradingState, auditWritable, leased } = this.#guard([
      `user:${user.id}`,
      readings.marketScope,
      'agent:riven',
    ]);
    return {
      tradingState,
      auditWritable,
      leased,
      recommendation,
      plan: readings.plan,
      user,
      limits: own.limits,
      atMs: readings.atMs,
      referenceTicker: readings.referenceTicker,
      candidates: ranking.names.map((name) => this.#candidate(user, readings.venue(name))),
      venueReasons: ranking.reasons,
      positions: accounts.positions(user.id),
      openOrders: accounts.openOrders(user.id),
      pending: own.state.pending,
      memory: own.state.memory,
      opinions: readings.opinions,
      operator: own.operator,
      instrument: readings.instrument,
      correlation: this.#options.correlation,
    };
  }

  /** Door 2's input for an order that adds risk. */
  entry(
    intent: OrderIntent,
    user: User,
    state: RiskState,
    options: { readonly recent: RecentOrders; readonly usedNotional: Usd; readonly atMs: number },
  ): EntryInput {
    const { accounts, marketView, venues, permits } = this.#options;
    const { recent, atMs } = options;
    const market = marketOf(intent.instrumentId);
    const venue = venues(intent.venue);
    const instrument = this.instrument(intent.venue, intent.instrumentId);
    const reference = marketView.reference(market)?.id;
    return {
      ...this.exit(intent, recent, atMs),
      ...this.guard(intent),
      user,
      limits: this.limits(user),
      venue: venue && {
        name: venue.name,
        kind: venue.capabilities.kind,
        marginModes: venue.capabilities.marginModes,
        unhealthy: venue.unhealthy(),
      },
      instrument,
      permitted: instrument !== undefined && (permits?.(user, instrument) ?? true),
      ticker: marketView.ticker(intent.instrumentId),
      referenceTicker:
        reference === undefined || reference === intent.instrumentId ? undefined : marketView.ticker(reference),
      book: marketView.book(intent.instrumentId),
      account: accounts.account(user.id, intent.venue),
      dayOpenEquity: accounts.dayOpenEquity(user.id, intent.venue),
      filledTrades: venue === undefined ? 0 : accounts.filledTrades(user.id, venue.capabilities.kind),
      openOrders: accounts.openOrders(user.id),
      pending: state.pending,
      memory: state.memory,
      operator: this.operator(options.usedNotional),
      lookup: this.instrument,
      ...this.#correlation,
      entryMessages: recent.count('entries', user.id, atMs, this.orderLimits.messageWindowMs),
      duplicateOf: recent.duplicateOf(intent, atMs, this.orderLimits.duplicateWindowMs),
    };
  }

  /** Door 2's input for an order that lessens risk. */
  exit(intent: OrderIntent, recent: RecentOrders, atMs: number): ExitInput {
    return {
      intent,
      atMs,
      positions: this.#options.accounts.positions(intent.userId),
      orderLimits: this.orderLimits,
      exitMessages: recent.count('exits', intent.userId, atMs, this.orderLimits.messageWindowMs),
    };
  }

  /** A user's venues in the order a plan is tried on them. */
  #ranking(
    user: User,
    recommendation: Recommendation,
  ): { readonly names: readonly string[]; readonly reasons?: Readonly<Record<string, string>> } {
    const own = this.venueNames(user);
    const { rankVenues } = this.#options;
    if (rankVenues === undefined || own.length < 2) return { names: own };
    const ranked = rankVenues(user, recommendation).filter(({ venue }) => own.includes(venue));
    return {
      names: [...new Set([...ranked.map(({ venue }) => venue), ...own])],
      reasons: Object.fromEntries(ranked.map(({ venue, reason }) => [venue, reason])),
    };
  }

  /** A user's venues in order of preference; paper for who configured none. */
  venueNames(user: User): readonly string[] {
    return user.venues.length === 0 ? onPaper : user.venues;
  }

  /** A venue as one user could trade on it. */
  #candidate(user: User, { name, kind, marginModes, unhealthy, listings }: SeenVenue): VenueCandidate {
    const { accounts, permits } = this.#options;
    return {
      name,
      kind,
      marginModes,
      unhealthy,
      listings: permits === undefined ? listings : listings.filter(({ instrument }) => permits(user, instrument)),
      account: accounts.account(user.id, name),
      dayOpenEquity: accounts.dayOpenEquity(user.id, name),
      filledTrades: accounts.filledTrades(user.id, kind),
    };
  }

  /** An instrument as a venue lists it. */
  readonly instrument = (venue: string, id: InstrumentId): Instrument | undefined => this.#listedAt(venue)?.get(id);

  /** A venue's instruments by id. */
  readonly #listedAt = (venue: string): ReadonlyMap<InstrumentId, Instrument> | undefined => {
    const listed = this.#options.venues(venue)?.instruments();
    if (listed === undefined) return undefined;
    let known = this.#listed.get(listed);
    if (known === undefined) {
      known = new Map(listed.map((instrument) => [instrument.id, instrument]));
      this.#listed.set(listed, known);
    }
    return known;
  };

  /** What all users hold or may come to hold, in dollars. `states` are theirs, in their order. */
  usedNotional(users: readonly User[], states: readonly RiskState[], atMs: number, except?: string): Usd {
    const { accounts } = this.#options;
    let total = exact(0);
    for (const [index, user] of users.entries()) {
      const pending = states[index]?.pending ?? [];
      const held = { positions: accounts.positions(user.id), openOrders: accounts.openOrders(user.id), pending, atMs };
      total = total.plus(grossNotional(except === undefined ? held : { ...held, except }));
    }
    return usdOf(total);
  }

  /** Whether an entry may go out as of now. */
  guard(intent: Pick<OrderIntent, 'userId' | 'instrumentId' | 'origin'>): NewRiskGuard {
    const agents = intent.origin === 'agent' ? (['agent:riven'] as const) : [];
    return this.#guard([`user:${intent.userId}`, `market:${marketOf(intent.instrumentId)}`, ...agents]);
  }

  #guard(scopes: Parameters<BrixOptions['tradingSwitch']['state']>[0]): NewRiskGuard {
    const { tradingSwitch, auditLog, lease } = this.#options;
    return {
      tradingState: tradingSwitch.state(scopes),
      auditWritable: auditLog?.writable() ?? true,
      leased: lease?.() ?? true,
    };
  }

  /** What the operator allows, with what is used of it. */
  operator(usedNotional: Usd): OperatorBudget {
    const maxNotional = this.#options.operator?.maxNotional;
    const maxOrderNotional = this.#options.operator?.maxOrderNotional ?? defaultMaxOrderNotional;
    return maxNotional === undefined
      ? { usedNotional, maxOrderNotional }
      : { usedNotional, maxOrderNotional, maxNotional };
  }
}
