import {
  canonicalJson,
  Decimal,
  type Guidance,
  type InstrumentId,
  isFresh,
  type Rejection,
  type Signal,
  type User,
  zeroSize,
} from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import { editedPlan } from './approval-edit.ts';
import { approvalDrift, approvalVerdict, heldBack } from './approval-policy.ts';
import { nextHoldMs, policyHolds, timedHolds } from './policy-holds.ts';
import type { TradeActs, TradePlan, Verdict } from './trade-acts-port.ts';
import { about, instrumentOf, type TradeParts } from './trade-parts.ts';
import { TradesToday } from './trades-today.ts';

type Acts = Pick<TradeActs, 'decide' | 'edit' | 'revise' | 'judge' | 'approved' | 'declined' | 'held'>;

/**
 * The hash an approval names: of the signal and all of the guidance that acts (entry legs, how they are paced, how long they
 * rest, how far a market leg may pay, when the position is left beside its stop and targets).
 */
export const approvalHash = (signal: Signal, guidance: Guidance): string => {
  const { exits, expiresAfterMs, legs, pacing, slippage } = guidance;
  const optional = { ...(exits === undefined ? {} : { exits }), ...(pacing === undefined ? {} : { pacing }) };
  return sha256Hex(canonicalJson({ signal, legs, slippage, expiresAfterMs, ...optional }));
};

/** Makes the acts by which a signal is decided, asked for, edited and answered. */
export function createApprovalActs(parts: TradeParts): Acts {
  const { approvals, clock, editOutcomes, eventBus, macroView, marketView, riskGate, users } = parts;
  const today = new TradesToday(parts);

  /** The verdict, and what an automatic entry is held to from then on. */
  const verdictOn = async (
    user: User,
    plan: TradePlan,
  ): Promise<Exclude<Verdict, { verdict: 'ask' }> | { verdict: 'ask'; reason: string }> => {
    const { guidance, signal } = plan;
    const nowMs = clock.nowMs();
    const verdict = await today.judge(
      user,
      signal.id,
      (tradesToday) =>
        approvalVerdict(user, signal, tradesToday, policyHolds(user, { atMs: nowMs, tradesToday, macroView })),
      (judged) => judged.verdict === 'approved',
    );
    if (verdict.verdict !== 'approved') return verdict;
    const isPoliced = user.policies?.pauseAroundCatalysts !== undefined || user.policies?.quietHours !== undefined;
    if (!isPoliced) return { ...verdict, guidance };
    const endsAtMs = nextHoldMs(user, { nowMs, untilMs: nowMs + guidance.expiresAfterMs }, macroView);
    return { ...verdict, guidance, policed: true, ...(endsAtMs === undefined ? {} : { endsAtMs }) };
  };

  return {
    async decide(input) {
      const { signal } = input;
      const user = await users.get(signal.userId);
      if (user === undefined || !user.active)
        return { verdict: 'declined', rejection: declined('The user is not active any more.') };
      if (clock.nowMs() > signal.expiresAtMs) return { verdict: 'declined', rejection: tooLate(signal) };
      // What acts is decided on, shown and bound: the user's own exits where the guidance has none.
      const exits = input.guidance.exits ?? user.exits;
      const guidance = { ...input.guidance, ...(exits === undefined ? {} : { exits }) };
      const verdict = await verdictOn(user, { ...input, guidance });
      if (verdict.verdict !== 'ask') return verdict;
      const contentHash = approvalHash(signal, guidance);
      // Asked again after a crash, the time to answer is the one that was set first.
      const kept = await approvals.put({
        signal,
        guidance,
        contentHash,
        expiresAtMs: parts.wallClock.nowMs() + parts.approvalTimeoutMs,
      });
      await eventBus.publish({
        id: `approval.requested:${signal.id}`,
        type: 'approval.requested',
        ...about(input),
        payload: { signalId: signal.id, userId: signal.userId, contentHash: kept.contentHash, reason: verdict.reason },
      });
      parts.armApproval(signal.id, kept.expiresAtMs);
      return { verdict: 'ask', guidance: kept.guidance };
    },

    async edit(plan, { contentHash, edit, requestId }) {
      const refused = (rejection: Rejection) => {
        editOutcomes.tell(requestId, { outcome: 'refused', rejection });
        return { rejection };
      };
      const { guidance, signal } = plan;
      if (contentHash !== approvalHash(signal, guidance))
        return refused({ code: 'approval.altered', message: 'What was edited is not what waits by now.' });
      if (clock.nowMs() > signal.expiresAtMs) return refused(tooLate(signal));
      const instrument = instrumentOf(parts, signal);
      if (instrument === undefined)
        return refused({ code: 'instrument.unknown', message: `${signal.venue} does not list the instrument.` });
      const edited = editedPlan({ signal, guidance }, edit, instrument);
      if ('code' in edited) return refused(edited);
      const mid = midOf(signal.instrumentId);
      return 'code' in mid ? refused(mid) : { ...edited, editedAt: mid.price };
    },

    async revise(plan, { requestId }) {
      const refused = (rejection: Rejection) => {
        editOutcomes.tell(requestId, { outcome: 'refused', rejection });
        return { rejection };
      };
      const { editedAt = 0, guidance } = plan;
      if (riskGate.revise === undefined)
        return refused({
          code: 'order.invalid',
          message: 'The risk gate of this desk judges no edits: decline the signal.',
        });
      const revision = await riskGate.revise(plan.signal);
      if (revision.outcome === 'rejected') return refused(revision.rejection);
      const { signal } = revision;
      const contentHash = approvalHash(signal, guidance);
      await approvals.replace({ signal, guidance, contentHash });
      await eventBus.publish({
        id: `approval.requested:${signal.id}:${contentHash}`,
        type: 'approval.requested',
        ...about(plan),
        payload: { signalId: signal.id, userId: signal.userId, contentHash, reason: 'Edited by the user.' },
      });
      const approval = await approvals.get(signal.id);
      editOutcomes.tell(requestId, approval === undefined ? { outcome: 'unknown' } : { outcome: 'edited', approval });
      return { signal, guidance, editedAt };
    },

    async judge(plan, answer) {
      const { editedAt, guidance, signal } = plan;
      await approvals.remove(signal.id);
      editOutcomes.answered(signal.id);
      if (answer.answer === 'expired')
        return { rejection: { code: 'approval.expired', message: 'Nobody answered in time.' } };
      if (answer.answer === 'declined') return { rejection: declined(answer.reason) };
      if (answer.contentHash !== approvalHash(signal, guidance)) {
        return { rejection: { code: 'approval.altered', message: 'What was approved is not what would be sent.' } };
      }
      if (clock.nowMs() > signal.expiresAtMs) return { rejection: tooLate(signal) };
      const mid = midOf(signal.instrumentId);
      if ('code' in mid) return { rejection: mid };
      const levels = { entry: new Decimal(signal.entry), stopLoss: new Decimal(signal.stopLoss) };
      const drift = approvalDrift(
        editedAt === undefined ? levels : { ...levels, from: new Decimal(editedAt) },
        mid.price,
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

    async held(input, { intent }, clientOrderId) {
      const atMs = clock.nowMs();
      const user = await users.get(input.signal.userId);
      const [hold] = user === undefined ? [] : timedHolds(user, { atMs, macroView });
      if (hold === undefined) return {};
      const rejection = heldBack(hold);
      const order = { ...intent, clientOrderId, status: 'rejected', filledSize: zeroSize, rejection } as const;
      await eventBus.publish({
        id: `order.refused:${clientOrderId}:policy`,
        type: 'order.refused',
        ...about(input),
        payload: { order: { ...order, createdAtMs: atMs, updatedAtMs: atMs }, rejection },
      });
      return { rejection };
    },
  };

  function midOf(instrumentId: InstrumentId): { readonly price: number } | Rejection {
    const ticker = marketView.ticker(instrumentId);
    return isFresh(ticker)
      ? { price: (ticker.value.bid + ticker.value.ask) / 2 }
      : { code: 'market-data.stale', message: `${instrumentId} has no fresh price.` };
  }
}

const declined = (message: string): Rejection => ({ code: 'approval.declined', message });

const tooLate = ({ expiresAtMs }: Signal): Rejection => ({
  code: 'recommendation.expired',
  message: 'The signal was too old to be entered.',
  limit: String(expiresAtMs),
});
