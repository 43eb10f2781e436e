import {
  type AccountView,
  type Clock,
  canonicalJson,
  compare,
  Decimal,
  type EventBus,
  type Guidance,
  isFresh,
  type MarketView,
  priceFromNumber,
  type Rejection,
  type RiskGate,
  roundLimitPrice,
  type Signal,
  type User,
  type UserDirectory,
  zeroSize,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import type { PositionGuard } from '../guard/position-guard.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import { calendarDay } from '../portfolio/calendar-day.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { approvalDrift, approvalVerdict } from './approval-policy.ts';
import type { ApprovalStore } from './approval-store.ts';
import { closingsOf } from './closings.ts';
import { entryIntents, entrySide, movedAgainst } from './entry-intents.ts';
import type { TradeActs, TradeInput } from './trade-acts-port.ts';

/** What the acts of a trade are done with. */
export interface TradeParts {
  readonly orderDesk: OrderDesk;
  readonly guard: PositionGuard;
  readonly accounts: AccountView;
  readonly approvals: ApprovalStore;
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly marketView: MarketView;
  readonly riskGate: RiskGate;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly wallClock: Clock;
  /** How long a user has to answer, on the wall clock. */
  readonly approvalTimeoutMs: number;
  /** Starts the time to answer. */
  readonly armApproval: (signalId: string, expiresAtMs: number) => void;
}

/** The hash an approval names: of the signal and the orders it will be entered with. */
export const approvalHash = (signal: Signal, guidance: Guidance): string =>
  sha256Hex(canonicalJson({ signal, legs: guidance.legs }));

/** The id of a signal's trade. */
export const tradeIdOf = (signal: Pick<Signal, 'id'>): string => `trade:${signal.id}`;

/** Makes the acts of trades out of the desk's parts. */
export function createTradeActs(parts: TradeParts): TradeActs {
  const { approvals, clock, eventBus, guard, marketView, orderDesk, riskGate, users, venues } = parts;
  const about = ({ signal, traceId, causationId }: TradeInput) => ({
    key: signal.userId,
    userId: signal.userId,
    traceId,
    causationId,
  });

  return {
    async decide(input) {
      const { signal, guidance } = input;
      const user = await users.get(signal.userId);
      if (user === undefined || !user.active)
        return { verdict: 'declined', rejection: declined('The user is not active any more.') };
      if (clock.nowMs() > signal.expiresAtMs) return { verdict: 'declined', rejection: tooLate(signal) };
      const tradesToday = await countTradesToday(parts, user);
      const verdict = approvalVerdict(user, signal, tradesToday);
      if (verdict.verdict !== 'ask') return verdict;
      const contentHash = approvalHash(signal, guidance);
      // Asked again after a crash, the time to answer is the one that was set first.
      const { expiresAtMs } = await approvals.put({
        signal,
        guidance,
        contentHash,
        expiresAtMs: parts.wallClock.nowMs() + parts.approvalTimeoutMs,
      });
      await eventBus.publish({
        id: `approval.requested:${signal.id}`,
        type: 'approval.requested',
        ...about(input),
        payload: { signalId: signal.id, userId: signal.userId, contentHash, reason: verdict.reason },
      });
      parts.armApproval(signal.id, expiresAtMs);
      return { verdict: 'ask' };
    },

    async judge({ signal, guidance }, answer) {
      await approvals.remove(signal.id);
      if (answer.answer === 'expired')
        return { rejection: { code: 'approval.expired', message: 'Nobody answered in time.' } };
      if (answer.answer === 'declined') return { rejection: declined(answer.reason) };
      if (answer.contentHash !== approvalHash(signal, guidance)) {
        return { rejection: { code: 'approval.altered', message: 'What was approved is not what would be sent.' } };
      }
      if (clock.nowMs() > signal.expiresAtMs) return { rejection: tooLate(signal) };
      const ticker = marketView.ticker(signal.instrumentId);
      if (!isFresh(ticker))
        return { rejection: { code: 'market-data.stale', message: `${signal.instrumentId} has no fresh price.` } };
      const drift = approvalDrift(
        { entry: new Decimal(signal.entry), stopLoss: new Decimal(signal.stopLoss) },
        (ticker.value.bid + ticker.value.ask) / 2,
      );
      return drift === undefined ? {} : { rejection: drift };
    },

    async approved(input, by) {
      const { signal, guidance } = input;
      await eventBus.publish({
        id: `signal.approved:${signal.id}`,
        type: 'signal.approved',
        ...about(input),
        payload: { signalId: signal.id, userId: signal.userId, contentHash: approvalHash(signal, guidance), by },
      });
    },

    async declined(input, rejection) {
      const { signal } = input;
      await eventBus.publish({
        id: `signal.declined:${signal.id}`,
        type: 'signal.declined',
        ...about(input),
        payload: { signalId: signal.id, userId: signal.userId, rejection },
      });
    },

    async prepare({ signal, guidance, traceId }) {
      const instrument = venues
        .get(signal.venue)
        ?.instruments()
        .find((candidate) => candidate.id === signal.instrumentId);
      if (instrument === undefined || clock.nowMs() > signal.expiresAtMs) return [];
      const tradeId = tradeIdOf(signal);
      const exits = guidance.exits ?? (await users.get(signal.userId))?.exits;
      await guard.plan({
        userId: signal.userId,
        venue: signal.venue,
        instrumentId: signal.instrumentId,
        tradeId,
        traceId,
        stopLoss: signal.stopLoss,
        takeProfits: signal.takeProfits,
        leverage: signal.leverage,
        ...(exits === undefined ? {} : { exits }),
      });
      return entryIntents(signal, guidance, instrument, { tradeId, traceId });
    },

    send: (leg, clientOrderId) => orderDesk.send({ ...leg.intent, clientOrderId }),

    async touch({ signal, guidance }) {
      const { pacing } = guidance;
      const side = entrySide(signal);
      const furthest = movedAgainst(signal, pacing?.kind === 'chase' ? pacing.maxDistance : guidance.slippage);
      const rule = venues
        .get(signal.venue)
        ?.instruments()
        .find(({ id }) => id === signal.instrumentId)?.priceRule;
      const worst = rule === undefined ? furthest : roundLimitPrice(rule, side, furthest);
      const ticker = marketView.ticker(signal.instrumentId);
      if (rule === undefined || !isFresh(ticker)) return { price: null, worst };
      const touch = side === 'buy' ? ticker.value.bid : ticker.value.ask;
      const price = priceFromNumber(rule, touch, side === 'buy' ? 'down' : 'up');
      const isBeyond = side === 'buy' ? compare(price, worst) > 0 : compare(price, worst) < 0;
      return { price: isBeyond ? worst : price, worst };
    },

    async cancel({ signal }, clientOrderId) {
      const ref = { userId: signal.userId, venue: signal.venue, clientOrderId };
      const canceled = await orderDesk.cancel(ref);
      if (canceled.outcome !== 'rejected') return null;
      const fate = await orderDesk.fetchFate(ref);
      if (fate.outcome === 'never-landed') return { clientOrderId, status: 'expired', filledSize: zeroSize };
      if (fate.outcome !== 'accepted') return null;
      const { filledSize, status } = fate.order;
      return { clientOrderId, status, filledSize };
    },

    release: (signalId, remaining) => riskGate.release(signalId, remaining === undefined ? {} : { remaining }),

    async recheck({ signal }) {
      const { instrumentId, userId, venue } = signal;
      const tradeId = tradeIdOf(signal);
      const closed = await eventBus.read({ types: ['position.closed'], userId, order: 'descending', limit: 200 });
      const account = parts.accounts.account(userId, venue);
      return {
        // Nothing seen of an account that can not be trusted is not flat.
        held:
          account?.quality !== 'fresh' ||
          parts.accounts
            .positions(userId)
            .some((position) => position.venue === venue && position.instrumentId === instrumentId),
        closings: closed.flatMap(({ event }) =>
          event.type === 'position.closed' && event.payload.trades?.some((trade) => trade.tradeId === tradeId)
            ? closingsOf(event.id, event.payload)
                .filter((closing) => closing.tradeId === tradeId)
                .map(({ tradeId: _, ...closing }) => closing)
            : [],
        ),
      };
    },

    async settle(input, result) {
      const { signal } = input;
      await guard.forget(signal, tradeIdOf(signal));
      await eventBus.publish({
        id: `trade.settled:${signal.id}`,
        type: 'trade.settled',
        ...about(input),
        payload: {
          tradeId: tradeIdOf(signal),
          userId: signal.userId,
          signalId: signal.id,
          instrumentId: signal.instrumentId,
          direction: signal.direction,
          ...result,
        },
      });
    },
  };
}

const declined = (message: string): Rejection => ({ code: 'approval.declined', message });

const tooLate = ({ expiresAtMs }: Signal): Rejection => ({
  code: 'recommendation.expired',
  message: 'The signal was too old to be entered.',
  limit: String(expiresAtMs),
});

const longestDayMs = 25 * 3_600_000;

/** Trades approved since the user's day began, by the journal. */
async function countTradesToday({ clock, eventBus }: TradeParts, { id, timeZone }: User): Promise<number> {
  const today = calendarDay(clock.nowMs(), timeZone);
  const approvals = await eventBus.read({ types: ['signal.approved'], userId: id, order: 'descending', limit: 500 });
  // No day is longer than 25 hours: what is older need not be put on the calendar.
  const sinceMs = clock.nowMs() - longestDayMs;
  return approvals.filter(({ event }) => event.atMs > sinceMs && calendarDay(event.atMs, timeZone) === today).length;
}
