import type { CalibrationBook, PlopService } from '@perpdesk/agents';
import {
  type AccountView,
  type DeskStateView,
  type MarketView,
  type SharedDeskState,
  type TradingSwitch,
  type UserDeskState,
  type UserDirectory,
  ValidationError,
} from '@perpdesk/core';
import type { TradeService, VenueDirectory } from '@perpdesk/execution';
import { type LimitBook, limitsFor } from '@perpdesk/risk';
import type { KnownRounds } from './known-rounds.ts';

/** What the desk's state is read from. */
export interface DeskStateSetting {
  readonly marketView: MarketView;
  readonly known: KnownRounds;
  readonly calibration: CalibrationBook;
  readonly plop?: PlopService;
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly accounts: AccountView;
  readonly trades: Pick<TradeService, 'fetchApprovals'>;
  readonly tradingSwitch: TradingSwitch;
  readonly limitBook: Pick<LimitBook, 'overrides'>;
}

/** The desk as the Orchestrator sees it: what is the same for all, and of one user what is that user's. It only reads. */
export function deskStateView(setting: DeskStateSetting): DeskStateView {
  const { marketView, known, calibration, plop, users, venues, accounts, trades, tradingSwitch, limitBook } = setting;
  const shared: SharedDeskState = {
    markets: () => [...new Set(marketView.instruments().map(({ market }) => market))],
    reference: (market) => marketView.reference(market)?.id,
    ticker: (market) => {
      const reference = marketView.reference(market);
      return reference === undefined ? undefined : marketView.ticker(reference.id);
    },
    opinions: (market) => known.opinions(market),
    rounds: (market, limit) => known.rounds(market, limit),
    trackRecord: (agent) => calibration.record(agent),
    discoveries: (limit) => (plop?.ranking() ?? []).slice(0, limit),
    assessment: (contractId) => known.assessment(contractId),
  };
  return {
    shared,
    ofUser: async (userId, options): Promise<UserDeskState> => {
      const user = await users.get(userId, options);
      if (user === undefined) throw new ValidationError('user.unknown', 'There is no such user at this desk.');
      const pending = await trades.fetchApprovals(userId);
      const own = user.venues.length === 0 ? ['paper'] : user.venues;
      return {
        // Those that hold, not only those the user changed: what is higher is not drafted then, and what is asked for is told.
        user: { ...user, limits: limitsFor({ ...user, limits: limitBook.overrides(user) }) },
        tradingState: tradingSwitch.state([`user:${userId}`]),
        accounts: venues.all().flatMap(({ name }) => accounts.account(userId, name)?.value ?? []),
        positions: accounts.positions(userId),
        openOrders: accounts.openOrders(userId),
        listed: (market) =>
          own.flatMap((venue) =>
            (venues.get(venue)?.instruments() ?? [])
              .filter((instrument) => instrument.market === market && instrument.status === 'trading')
              .map(({ id }) => ({ venue, instrumentId: id })),
          ),
        pending: pending.map(({ signal, expiresAtMs }) => ({ signal, expiresAtMs })),
      };
    },
  };
}
