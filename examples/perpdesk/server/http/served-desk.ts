import type { EventBus, MarketView } from '@perpdesk/core';
import type { Status } from '@perpdesk/core/api';
import type { KillSwitch, Portfolio, PositionCloser, TradeService } from '@perpdesk/execution';

/** The part of a running desk that its HTTP side reads and acts through. */
export interface ServedDesk {
  readonly venueNames: readonly string[];
  readonly eventBus: EventBus;
  readonly marketView: MarketView;
  readonly portfolio: Pick<Portfolio, 'positions' | 'openOrders' | 'account'>;
  readonly trades: Pick<TradeService, 'fetchApprovals' | 'approve' | 'decline'>;
  readonly closer: Pick<PositionCloser, 'close'>;
  readonly killSwitch: Pick<KillSwitch, 'trip' | 'flatten'>;
  status(): Status;
}
