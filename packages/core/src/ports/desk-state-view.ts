import type { Account } from '../domain/account.ts';
import type { InstrumentId, MarketId } from '../domain/instrument.ts';
import type { Ticker } from '../domain/market-data.ts';
import type { Opinion } from '../domain/opinion.ts';
import type { Order } from '../domain/order.ts';
import type { Position, Protection } from '../domain/position.ts';
import type { PredictionAssessment, PredictionDiscovery } from '../domain/prediction-assessment.ts';
import type { Reading } from '../domain/reading.ts';
import type { Recommendation } from '../domain/recommendation.ts';
import type { Consensus, Round, StandAsideReason, Turn } from '../domain/round.ts';
import type { Signal } from '../domain/signal.ts';
import type { User } from '../domain/user.ts';
import type { TrackRecord } from './calibration-view.ts';
import type { TradingState } from './trading-switch.ts';

/** How a round ended, as people ask about it. */
export interface ConcludedRound {
  readonly round: Round;
  readonly outcome: 'published' | 'stood-aside';
  readonly reason?: StandAsideReason;
  readonly consensus?: Consensus;
  readonly recommendation?: Recommendation;
  /** What was said in it, in order, where that is kept. */
  readonly turns?: readonly Turn[];
}

/** What the desk knows that is nobody's own: the same for every user. */
export interface SharedDeskState {
  /** Markets that the desk follows, in a fixed order. */
  markets(): readonly MarketId[];
  reference(market: MarketId): InstrumentId | undefined;
  /** The price of a market's reference instrument, and how good it is. */
  ticker(market: MarketId): Reading<Ticker> | undefined;
  /** The latest opinion of each agent on a market. */
  opinions(market: MarketId): readonly Opinion[];
  /** The last concluded rounds of a market, newest first. */
  rounds(market: MarketId, limit: number): readonly ConcludedRound[];
  /** Of an agent that was scored. */
  trackRecord(agent: string): TrackRecord | undefined;
  /** The latest ranking of prediction markets, best first. */
  discoveries(limit: number): readonly PredictionDiscovery[];
  assessment(contractId: string): PredictionAssessment | undefined;
}

/** What one user may see of their own. Nothing of another user can be read through it. */
export interface UserDeskState {
  readonly user: User;
  readonly tradingState: TradingState;
  readonly accounts: readonly Account[];
  readonly positions: readonly (Position & { readonly protection: Protection })[];
  /** Orders that may still do something. */
  readonly openOrders: readonly Order[];
  /** Where the user's connected venues list a market, the user's first venue first. Absent: not known, and its reference instrument is taken. */
  readonly listed?: (market: MarketId) => readonly { readonly venue: string; readonly instrumentId: InstrumentId }[];
  /** Signals that wait for the user's approval. */
  readonly pending: readonly { readonly signal: Signal; readonly expiresAtMs: number }[];
}

/** What the Orchestrator answers from: the desk's state as of now. It never acts. */
export interface DeskStateView {
  readonly shared: SharedDeskState;
  /** @throws ValidationError `user.unknown`; StoreError when it can not be read. */
  ofUser(userId: string, options?: { readonly signal?: AbortSignal }): Promise<UserDeskState>;
}
