import type { AccountView, Logger, TradingScope, TradingSwitch } from '@perpdesk/core';
import { silentLogger } from '@perpdesk/core';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { CloseOutcome, PositionCloser } from './position-closer.ts';

/** Options of {@link KillSwitch}. */
export interface KillSwitchOptions {
  readonly tradingSwitch: TradingSwitch;
  readonly accounts: AccountView;
  readonly orderDesk: OrderDesk;
  readonly closer: PositionCloser;
  readonly logger?: Logger;
}

/** Stops trading: nothing new goes out once `trip` has been called, resting entries are cancelled, protective stops stay. */
export class KillSwitch {
  readonly #options: KillSwitchOptions;

  constructor(options: KillSwitchOptions) {
    this.#options = options;
  }

  /** Halts the scope at once, then cancels the entries of the users given. Resolves with how many cancellations were accepted. Needs no database. */
  async trip(scope: TradingScope, reason: string, userIds: readonly string[]): Promise<number> {
    const { accounts, orderDesk, tradingSwitch, logger = silentLogger } = this.#options;
    const durable = tradingSwitch.set(scope, 'halted', reason).catch((error: unknown) => {
      logger.error({ error, scope }, 'the halt holds in memory but could not be kept');
    });
    const entries = userIds
      .flatMap((userId) => accounts.openOrders(userId))
      .filter((order) => order.purpose === 'entry');
    const outcomes = await Promise.allSettled(entries.map((order) => orderDesk.cancel(order)));
    await durable;
    return outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.outcome === 'accepted').length;
  }

  /**
   * Closes every position of a user at the market, at one venue or all; by what is known where a venue does not say what it holds.
   * One failing does not keep the others.
   */
  async flatten(userId: string, venue?: string): Promise<readonly PromiseSettledResult<CloseOutcome>[]> {
    const { accounts, closer } = this.#options;
    const open = accounts.positions(userId).filter((position) => venue === undefined || position.venue === venue);
    return Promise.allSettled(
      open.map((known) => closer.close(known, { origin: 'kill-switch', reason: 'kill-switch', known })),
    );
  }
}
