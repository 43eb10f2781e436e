import {
  type ActionOutcome,
  type ActionPort,
  type Clock,
  type Proposal,
  type RiskLimits,
  type TradingSwitch,
  type User,
  type UserDirectory,
  ValidationError,
} from '@perpdesk/core';
import { type LimitBook, limitChange, limitsFor } from '@perpdesk/risk';
import { done, late, refused } from './action-outcomes.ts';
import { type ApprovedAction, type ChatOrderSetting, ChatOrders } from './chat-orders.ts';

/** What approved proposals are done with. */
export interface DeskActionsSetting extends ChatOrderSetting {
  readonly users: UserDirectory;
  readonly tradingSwitch: TradingSwitch;
  readonly limitBook: LimitBook;
  readonly clock: Clock;
}

/**
 * Does what a user approved in a chat, the way any other of the desk's acts is done: orders through Brix, limits through the limit book.
 * Asked again for the same proposal it says what became of it, and does nothing twice.
 */
export class DeskActions {
  readonly #setting: DeskActionsSetting;
  readonly #orders: ChatOrders;

  constructor(setting: DeskActionsSetting) {
    this.#setting = setting;
    this.#orders = new ChatOrders(setting);
  }

  /**
   * `mayBegin`: whether what was not begun yet may be; else it is only said what became of it.
   * @throws StoreError, VenueError when it can not be known: to be asked again.
   */
  async carryOut(proposal: Proposal, { mayBegin }: { readonly mayBegin: boolean }): Promise<ActionOutcome> {
    if (proposal.status !== 'approved') return refused('proposal.not-approved', 'The proposal is not approved.');
    const user = await this.#setting.users.get(proposal.userId);
    if (user?.active !== true) return refused('user.unknown', 'There is no such active user at this desk.');
    try {
      return await this.#do(proposal, user, mayBegin);
    } catch (error) {
      if (ValidationError.is(error)) return refused(error.code, error.message);
      throw error;
    }
  }

  #do(proposal: Proposal, user: User, mayBegin: boolean): Promise<ActionOutcome> | ActionOutcome {
    const { action } = proposal;
    const about = { proposal, user, mayBegin };
    switch (action.kind) {
      case 'place-order':
        return this.#orders.place({ ...about, action });
      case 'close-position':
        return this.#orders.close({ ...about, action });
      case 'cancel-order':
        return this.#orders.cancel({ ...about, action });
      case 'pause-entries':
        return this.#pause({ ...about, action });
      case 'set-limits':
        return this.#limit({ ...about, action });
      case 'resume-entries':
        return refused(
          'reauthentication.required',
          'Taking new risk again needs whoever operates the desk: start it with --rearm.',
        );
      case 'set-autonomy':
        return refused(
          'setting.fixed',
          action.agent === undefined
            ? `This desk takes autonomy from its command line: start it with --autonomy ${action.autonomy}.`
            : 'This desk has one autonomy for all its agents, and takes it from its command line: see --autonomy.',
        );
      case 'set-preferences':
        return refused('setting.fixed', 'Entry style and aggression of the user of this desk can not be changed.');
    }
  }

  /** Never loosens: what is halted stays so. */
  async #pause({ proposal, user, mayBegin }: ApprovedAction<'pause-entries'>): Promise<ActionOutcome> {
    const { portfolio, tradingSwitch } = this.#setting;
    const scope = `user:${user.id}` as const;
    const state = tradingSwitch.state([scope]);
    if (state === 'halted') return done('Trading is halted already: nothing new is entered.');
    if (state === 'active') {
      if (!mayBegin) return late();
      await tradingSwitch.set(scope, 'reducing', `asked for in a chat (${proposal.id})`);
    }
    const resting = portfolio.openOrders(user.id).filter(({ purpose }) => purpose === 'entry').length;
    const left = resting === 0 ? '' : ` ${resting} resting ${resting === 1 ? 'entry' : 'entries'} may still fill.`;
    return done(`No new risk is taken; stops, targets and exits go on.${left}`);
  }

  /** All or nothing: where one of them is raised, none is changed. */
  async #limit({ proposal, action, user, mayBegin }: ApprovedAction<'set-limits'>): Promise<ActionOutcome> {
    const { clock, limitBook } = this.#setting;
    const current = limitsFor({ ...user, limits: limitBook.overrides(user) });
    const wanted: Partial<RiskLimits> = Object.fromEntries(
      Object.entries(action.limits).filter(([, limit]) => limit !== undefined),
    );
    const { needsReauthentication } = limitChange(current, wanted, clock.nowMs());
    if (needsReauthentication)
      return refused(
        'reauthentication.required',
        'No chat raises a limit: that needs whoever operates the desk. Start it with --reset-limits to have those of the tier again.',
      );
    if (!mayBegin) return late();
    const reason = `asked for in a chat (${proposal.id})`;
    await limitBook.change({ user, wanted, actor: `user:${user.id}`, reason });
    return done('The new limits hold.');
  }
}

/** Has a desk's actions begun only while their proposals have not expired: what a crash held up is not done hours later. */
export const timelyActions = (actions: Pick<DeskActions, 'carryOut'>, wallClock: Clock): ActionPort => ({
  act: (proposal) => actions.carryOut(proposal, { mayBegin: wallClock.nowMs() < proposal.expiresAtMs }),
});
