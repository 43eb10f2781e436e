import type { PlopService } from '@perpdesk/agents';
import type { Clock, EventBus, Logger, MarketView, TradingSwitch, UserDirectory } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';
import type {
  OrderDesk,
  Portfolio,
  PositionCloser,
  PositionGuard,
  TradeService,
  VenueDirectory,
} from '@perpdesk/execution';
import type { LimitBook } from '@perpdesk/risk';
import type { DayRecorder } from '../parity/day-recorder.ts';
import { recordedActions } from '../parity/recorded-acts.ts';
import { instrumentMid } from './chat-orders.ts';
import type { createIntelligence } from './create-intelligence.ts';
import { DeskActions, timelyActions } from './desk-actions.ts';
import { DeskChat } from './desk-chat.ts';
import { deskStateView } from './desk-state.ts';
import { KnownRounds } from './known-rounds.ts';
import { ModelStack } from './model-stack.ts';

/** What a desk's chat is put together from. */
export interface CreateChatSetting {
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly eventBus: EventBus;
  readonly users: UserDirectory;
  readonly database: Database;
  readonly marketView: MarketView;
  readonly venues: VenueDirectory;
  readonly portfolio: Portfolio;
  readonly orderDesk: OrderDesk;
  readonly guard: PositionGuard;
  readonly closer: PositionCloser;
  readonly trades: TradeService;
  readonly tradingSwitch: TradingSwitch;
  readonly limitBook: LimitBook;
  readonly intelligence: ReturnType<typeof createIntelligence>;
  readonly plop?: PlopService;
  readonly redactor?: Redactor;
  /** Writes down what is done of what was approved. */
  readonly recorder?: DayRecorder;
  readonly logger: Logger;
}

/** The desk's side of chats: what it knows, what it may do, and the chat, whose services start after all that they read and act through. */
export function createChat(setting: CreateChatSetting) {
  const { clock, wallClock, eventBus, users, database, marketView, venues, portfolio, intelligence, logger } = setting;
  const { plop, redactor, recorder, trades, tradingSwitch, limitBook } = setting;
  const known = new KnownRounds({ eventBus });
  const state = deskStateView({
    ...{ marketView, known, calibration: intelligence.calibration, users, venues, trades, tradingSwitch, limitBook },
    accounts: portfolio,
    ...(plop === undefined ? {} : { plop }),
  });
  const actions = new DeskActions(setting);
  const { models } = intelligence;
  const model = models?.chatModel;
  const chat = new DeskChat({
    ...{ clock, wallClock, eventBus, database, state, logger },
    mid: (instrumentId) => instrumentMid(marketView, instrumentId),
    actions: timelyActions(recorder === undefined ? actions : recordedActions(actions, recorder), wallClock),
    ...(model === undefined ? {} : { model }),
    ...(models instanceof ModelStack ? { forgetAsked: (userId: string) => models.forgetChats(userId) } : {}),
    ...(plop === undefined ? {} : { plop }),
    ...(redactor === undefined ? {} : { redactor }),
  });
  return { services: [known, chat], chat, actions };
}
