import type { Price, Size, Usd } from '../decimal.ts';
import type { Account } from '../domain/account.ts';
import type { Candle, CandleGap } from '../domain/candle.ts';
import type { ChatMessage } from '../domain/chat.ts';
import type { Fill, FundingPayment } from '../domain/fill.ts';
import type { Guidance } from '../domain/guidance.ts';
import type { InstrumentId, MarketId } from '../domain/instrument.ts';
import type { MacroRelease } from '../domain/macro.ts';
import type {
  BookDelta,
  FundingRate,
  Liquidation,
  OpenInterest,
  OrderBookSnapshot,
  Ticker,
  Trade,
} from '../domain/market-data.ts';
import type { Opinion, TradeDirection } from '../domain/opinion.ts';
import type { CalibrationDrift, OpinionScore, UnscoredOpinion } from '../domain/opinion-score.ts';
import type { Order } from '../domain/order.ts';
import type { CloseReason, Position, Protection } from '../domain/position.ts';
import type { PredictionAssessment, PredictionDiscovery, PredictionScore } from '../domain/prediction-assessment.ts';
import type { Proposal } from '../domain/proposal.ts';
import type { Recommendation } from '../domain/recommendation.ts';
import type { Rejection } from '../domain/risk-decision.ts';
import type { Consensus, Degradation, Round, RoundCost, StandAsideReason, Turn } from '../domain/round.ts';
import type { RiskDecision, Signal } from '../domain/signal.ts';
import type { Timeframe } from '../domain/timeframe.ts';
import type { IndicatorSnapshot } from '../ports/market-view.ts';
import type { TradingScope, TradingState } from '../ports/trading-switch.ts';

/** What travels on the MarketBus. Key: the instrument id, with `:<timeframe>` for candles and indicators. */
export interface MarketEventMap {
  'ticker.updated': Ticker;
  'book.updated': OrderBookSnapshot;
  'funding.updated': FundingRate;
  'open-interest.updated': OpenInterest;
  /** The forming bar. */
  'candle.updated': Candle;
  /** After a bar closed. */
  'indicators.updated': IndicatorSnapshot;
  /** As if the forming bar closed now: for eyes, nothing is decided on it. */
  'indicators.previewed': IndicatorSnapshot;
  'trade.received': Trade;
  'book-delta.received': BookDelta;
  'liquidation.received': Liquidation;
  /** What an agent is saying in a round, as its model writes it: unchecked, for eyes alone. Key: `<market>:<agent>`. */
  'turn.drafted': TurnDraft;
}

/** How a market event is delivered: `state` is conflated to the newest per key, `stream` is ordered and lossless. */
export const marketDelivery: { readonly [Type in keyof MarketEventMap]: 'state' | 'stream' } = {
  'ticker.updated': 'state',
  'book.updated': 'state',
  'funding.updated': 'state',
  'open-interest.updated': 'state',
  'candle.updated': 'state',
  'indicators.updated': 'state',
  'indicators.previewed': 'state',
  'trade.received': 'stream',
  'book-delta.received': 'stream',
  'liquidation.received': 'stream',
  'turn.drafted': 'state',
};

/** A turn while it is being said: all words so far. */
export interface TurnDraft {
  readonly roundKey: string;
  readonly market: MarketId;
  readonly agent: string;
  /** The place the turn will have in the round. */
  readonly index: number;
  /** At most 4,000 characters. */
  readonly text: string;
}

interface SignalReference {
  readonly signalId: string;
  readonly userId: string;
}

/** What travels on the EventBus: durable, ordered per key, at least once. Payloads are JSON-safe. */
export interface DomainEventMap {
  /** Key: `<instrument>:<timeframe>`. */
  'candle.closed': Candle;
  'candle.skipped': {
    readonly instrumentId: InstrumentId;
    readonly timeframe: Timeframe;
    readonly openAtMs: number;
    readonly reason: 'partial';
    readonly missing: number;
  };
  'feed.gapped': CandleGap;
  'macro.released': MacroRelease;

  /** Key of agent and round events: the market. */
  'opinion.published': Opinion;
  /** Of Koda, whose guidance is a user's own: the user's, by the user's id. */
  'agent.failed': {
    readonly agent: string;
    readonly market: MarketId;
    readonly code: string;
    readonly message: string;
    readonly fellBack: boolean;
  };
  /** An agent had none of its data at a trigger: it counts as missing. */
  'agent.abstained': {
    readonly agent: string;
    readonly market: MarketId;
    readonly atMs: number;
    readonly reason: string;
  };
  'round.opened': Round;
  'turn.completed': { readonly roundKey: string; readonly turn: Turn };
  'round.concluded': {
    readonly round: Round;
    readonly outcome: 'published' | 'stood-aside';
    readonly reason?: StandAsideReason;
    readonly consensus?: Consensus;
    readonly recommendationId?: string;
    /** Who fell back or was spoken for; left out where all worked as meant. */
    readonly degraded?: readonly Degradation[];
    /** What its models cost; left out where nothing was counted. */
    readonly cost?: RoundCost;
  };
  'recommendation.published': Recommendation;
  /** Key: the market. A view whose horizon has passed, once for each horizon; the trace is the view's own. */
  'opinion.scored': OpinionScore;
  'opinion.unscored': UnscoredOpinion;
  /** Key: the agent. */
  'calibration.drifted': CalibrationDrift;

  /** Key of what concerns a prediction market's contract: the contract id. Nothing of the perps chain listens to these. */
  'prediction.assessed': PredictionAssessment;
  'prediction.discovered': PredictionDiscovery;
  'prediction.scored': PredictionScore;

  /** Key of what concerns one user: the user id. */
  'risk.decided': RiskDecision;
  'signal.issued': Signal;
  'guidance.published': { readonly signal: Signal; readonly guidance: Guidance };
  'approval.requested': SignalReference & { readonly contentHash: string; readonly reason: string };
  'signal.approved': SignalReference & { readonly contentHash: string; readonly by: 'user' | 'autonomy' };
  'signal.declined': SignalReference & { readonly rejection: Rejection };
  /** A user's question and the desk's answer. */
  'chat.asked': ChatMessage;
  'chat.answered': ChatMessage;
  /** Each change of a proposal's status: waiting, then what the user said, then what became of it. */
  'proposal.changed': Proposal;
  'order.refused': { readonly order: Order; readonly rejection: Rejection };
  'order.submitted': Order;
  'order.accepted': Order;
  'order.rejected': Order;
  'order.unresolved': Order;
  'order.canceled': Order;
  'order.filled': {
    readonly order: Order;
    readonly fill: Fill;
    /** How much of an entry's fill lessened a position of the other direction and entered none; left out where nothing did. */
    readonly netted?: Size;
  };
  'position.opened': Position;
  'position.changed': Position;
  'position.closed': {
    /** As it last stood. */
    readonly position: Position;
    readonly reason: CloseReason;
    /** Average of the fills that closed it. */
    readonly exitPrice: Price;
    /** Since it was opened: before fees and funding, fees of both sides, funding received minus paid. */
    readonly realizedPnl: Usd;
    readonly fees: Usd;
    readonly funding: Usd;
    /** The trade that opened it. */
    readonly tradeId?: string;
    /** Every trade that entered it, with what each entered; more than one where it was added to. */
    readonly trades?: readonly { readonly tradeId: string; readonly size: Size }[];
  };
  'protection.changed': {
    readonly userId: string;
    readonly venue: string;
    readonly instrumentId: InstrumentId;
    readonly protection: Protection;
  };
  'protection.missing': {
    readonly userId: string;
    readonly venue: string;
    readonly instrumentId: InstrumentId;
    readonly uncovered: Size;
  };
  'funding.paid': FundingPayment;
  'account.changed': Account;
  'trade.settled': {
    readonly tradeId: string;
    readonly userId: string;
    readonly signalId: string;
    readonly instrumentId: InstrumentId;
    readonly direction: TradeDirection;
    readonly outcome: 'not-entered' | 'closed';
    readonly realizedPnl: Usd;
    readonly fees: Usd;
    readonly funding: Usd;
  };
  /** `actual`: the share of the limit in use, 1 is all of it. */
  'limit.warned': {
    readonly userId: string;
    readonly venue?: string;
    readonly limit: string;
    readonly percent: 50 | 75 | 90 | 100;
    readonly actual: string;
  };
  /** A user who asked for it reached the daily loss limit: execution closes what is open at the venue. */
  'flatten.requested': { readonly userId: string; readonly venue: string; readonly reason: 'daily-loss' };

  /** Key: the scope. */
  'trading-state.changed': { readonly scope: TradingScope; readonly state: TradingState; readonly reason: string };
  /** Key: the service. */
  'service.failed': { readonly service: string; readonly message: string };
  'listener.failed': {
    readonly group: string;
    readonly eventId: string;
    readonly eventType: string;
    readonly message: string;
    readonly attempts: number;
  };
}

export type MarketEventType = keyof MarketEventMap;
export type DomainEventType = keyof DomainEventMap;
