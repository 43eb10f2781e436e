import type { EventBus, MarketView, PredictionDiscovery } from '@perpdesk/core';
import type { AgentRecord, DecisionReview, ModelSpending, Status } from '@perpdesk/core/api';
import type { KillSwitch, Portfolio, PositionCloser, TradeService } from '@perpdesk/execution';
import type { DeskChat } from '../intelligence/desk-chat.ts';

/** The part of a running desk that its HTTP side reads and acts through. */
export interface ServedDesk {
  readonly venueNames: readonly string[];
  readonly eventBus: EventBus;
  readonly marketView: MarketView;
  readonly portfolio: Pick<Portfolio, 'positions' | 'openOrders' | 'account'>;
  readonly trades: Pick<TradeService, 'fetchApprovals' | 'approve' | 'decline'>;
  readonly closer: Pick<PositionCloser, 'close'>;
  readonly killSwitch: Pick<KillSwitch, 'trip' | 'flatten'>;
  readonly chat: Pick<
    DeskChat,
    'ask' | 'forget' | 'conversations' | 'conversation' | 'proposals' | 'approve' | 'decline'
  >;
  /** Makes a decision again, as far as it is everybody's or the user's. @throws ValidationError `trace.unknown`; StoreError */
  review(userId: string, traceId: string): Promise<DecisionReview>;
  status(): Status;
  /** The latest ranking of prediction markets, best first. */
  predictions(): readonly PredictionDiscovery[];
  /** Of the agents that were scored. */
  trackRecords(): readonly AgentRecord[];
  /** What models cost today. */
  modelSpend(): Promise<ModelSpending>;
}
