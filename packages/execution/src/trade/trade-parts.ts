import {
  type AccountView,
  type Clock,
  Decimal,
  type EventBus,
  type Instrument,
  type MacroView,
  type MarketView,
  type RiskGate,
  type Signal,
  type Size,
  toUsd,
  type Usd,
  type UserDirectory,
} from '@perpdesk/core';
import type { PositionGuard } from '../guard/position-guard.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import type { ApprovalStore } from './approval-store.ts';
import type { EditOutcomes } from './edit-outcomes.ts';
import type { TradeInput } from './trade-acts-port.ts';

/** What the acts of a trade are done with. */
export interface TradeParts {
  readonly orderDesk: OrderDesk;
  readonly guard: PositionGuard;
  readonly accounts: AccountView;
  readonly approvals: ApprovalStore;
  readonly editOutcomes: EditOutcomes;
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly marketView: MarketView;
  /** The economic calendar. Without one a user's pause around its events asks before every entry. */
  readonly macroView?: MacroView;
  readonly riskGate: RiskGate;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly wallClock: Clock;
  /** How long a user has to answer, on the wall clock. */
  readonly approvalTimeoutMs: number;
  /** Starts the time to answer. */
  readonly armApproval: (signalId: string, expiresAtMs: number) => void;
}

/** The id of a signal's trade. */
export const tradeIdOf = (signal: Pick<Signal, 'id'>): string => `trade:${signal.id}`;

/** The initial margin of a part of a signal. */
export const marginOf = ({ initialMargin, size }: Pick<Signal, 'initialMargin' | 'size'>, part: Size): Usd =>
  toUsd(new Decimal(initialMargin).times(part).dividedBy(size));

/** Whom an event of a trade concerns and what it comes from. */
export const about = ({ signal, traceId, causationId }: TradeInput) => ({
  key: signal.userId,
  userId: signal.userId,
  traceId,
  causationId,
});

/** A signal's instrument as its venue lists it. */
export const instrumentOf = (
  { venues }: Pick<TradeParts, 'venues'>,
  { instrumentId, venue }: Pick<Signal, 'instrumentId' | 'venue'>,
): Instrument | undefined =>
  venues
    .get(venue)
    ?.instruments()
    .find(({ id }) => id === instrumentId);
