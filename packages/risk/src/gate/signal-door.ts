import type { OrderIntent, Rejection, Signal, SignalRevision } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { usdOf } from '../exact/branded.ts';
import { Exact, exact } from '../exact/exact.ts';
import { overLimit } from '../exposure/exposure-limit.ts';
import { tradeRiskLimit } from '../exposure/trade-risk.ts';
import { exposure, exposureOf } from '../order/exposure.ts';
import { type Judgement, judge, planControls } from '../order/judge.ts';
import type { EntryInput } from '../order/order-input.ts';
import { RecentOrders } from '../order/recent-orders.ts';
import { parseIntent } from '../order/validity.ts';
import { costOfSize, moneyOf } from '../recommendation/reservation.ts';
import { expired, isLive, type PendingEntry } from '../state/pending-entry.ts';
import type { BrixOptions } from './brix-options.ts';
import type { DeskInputs } from './desk-inputs.ts';
import { attempts, loadSnapshot } from './snapshot.ts';

/**
 * A signal that its user changed before anything of it was sent: judged as one order of the whole size that nobody signalled,
 * beside all that the user holds but what the signal itself holds back, and by the risk of one trade. A change that needs no
 * more of anything than is held back already is not held against limits that the account has come to since, as the signal
 * would not be. What it needs then takes the place of what was held.
 */
export class SignalDoor {
  readonly #options: BrixOptions;
  readonly #inputs: DeskInputs;
  /** Nothing is sent here: what was sent lately is judged with each leg. */
  readonly #recent = new RecentOrders(0);

  constructor(options: BrixOptions, inputs: DeskInputs) {
    this.#options = options;
    this.#inputs = inputs;
  }

  /** @throws StoreError */
  async revise(signal: Signal): Promise<SignalRevision> {
    const atMs = this.#options.clock.nowMs();
    const parsed = parseIntent(intentOf(signal));
    if (!parsed.ok) return rejected(parsed.rejection);
    const { store, users, controls = [] } = this.#options;
    const user = await users.get(signal.userId);
    if (user === undefined)
      return rejected(refusal('order.invalid', 'There is no such user.', 'a known user', signal.userId.slice(0, 80)));
    const limits = this.#inputs.limitsRefused(user);
    if (limits !== undefined) return rejected(limits);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const snapshot = await loadSnapshot(this.#options, this.#inputs, [user]);
      const [state] = snapshot.states;
      if (state === undefined) break;
      const own = state.pending.find(({ reservation }) => reservation.signalId === signal.id);
      const refused = ownRefused(signal, own, atMs);
      if (refused !== undefined || own === undefined) return rejected(refused ?? over(signal));
      // Done before, and asked again.
      if (isHeldFor(signal, own)) return { outcome: 'revised', signal: { ...signal, ...heldMoney(own) }, steps: [] };
      const others = { ...state, pending: state.pending.filter((entry) => entry !== own) };
      const usedNotional =
        snapshot.operatorVersion === undefined
          ? snapshot.usedNotional
          : usdOf(Exact.max(exact(snapshot.usedNotional).minus(own.reservation.notional), 0));
      const input = this.#inputs.entry(parsed.intent, user, others, { recent: this.#recent, usedNotional, atMs });
      const judgement = judge([...planControls, ...controls], input);
      if (judgement.rejection !== undefined) return rejected(judgement.rejection, judgement.steps);
      const put = revisedEntry(signal, own, input);
      if ('code' in put)
        return rejected(put, [...judgement.steps, riskStep('exposure', {}, { rejected: put.code }, put.message)]);
      const change = {
        userId: user.id,
        expectedVersion: state.version,
        put: [put],
        remove: expired(state.pending, atMs),
      };
      const { operatorVersion } = snapshot;
      const [committed] = await store.commit([change], operatorVersion === undefined ? {} : { operatorVersion });
      if (committed === true)
        return { outcome: 'revised', signal: { ...signal, ...heldMoney(put) }, steps: judgement.steps };
    }
    return rejected(refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts));
  }
}

/** The signal as one order. Its id stands for none that is sent. */
const intentOf = (signal: Signal): OrderIntent => ({
  clientOrderId: '0'.repeat(32),
  userId: signal.userId,
  venue: signal.venue,
  instrumentId: signal.instrumentId,
  side: signal.direction === 'long' ? 'buy' : 'sell',
  type: 'limit',
  size: signal.size,
  price: signal.entry,
  timeInForce: 'gtc',
  reduceOnly: false,
  purpose: 'entry',
  origin: 'agent',
  stopLoss: signal.stopLoss,
  leverage: signal.leverage,
  marginMode: signal.marginMode,
});

/** What a change may not touch, and when it is too late for one. */
function ownRefused(signal: Signal, own: PendingEntry | undefined, atMs: number): Rejection | undefined {
  if (own === undefined || !isLive(own, atMs)) return over(signal);
  const { reservation } = own;
  const isSame =
    reservation.venue === signal.venue &&
    reservation.instrumentId === signal.instrumentId &&
    reservation.direction === signal.direction &&
    own.leverage === signal.leverage;
  if (!isSame) {
    const wanted = `${reservation.direction} ${reservation.instrumentId} at ${reservation.venue}, ${own.leverage}×`;
    const found = `${signal.direction} ${signal.instrumentId} at ${signal.venue}, ${signal.leverage}×`;
    return refusal('order.invalid', 'The change is not of what the signal is for.', wanted, found);
  }
  return own.legs.length > 0 || own.remaining !== own.size
    ? refusal('approval.spent', 'The signal is being entered already.', own.size, own.remaining)
    : undefined;
}

const over = ({ id }: Signal): Rejection =>
  refusal('recommendation.expired', "The signal's reservation is over.", 'a live reservation', id);

const isHeldFor = (signal: Signal, own: PendingEntry): boolean =>
  own.size === signal.size && own.stopLoss === signal.stopLoss && own.entry === signal.entry;

const heldMoney = ({ reservation: { initialMargin, notional, riskAtStop } }: PendingEntry) => ({
  initialMargin,
  notional,
  riskAtStop,
});

/** What the changed signal holds back, or why the account does not bear it. */
function reckonedEntry(signal: Signal, own: PendingEntry, input: EntryInput): PendingEntry | Rejection {
  const measured = exposureOf(input);
  if ('code' in measured) return measured;
  const { context, leverage } = measured;
  const size = exact(signal.size);
  const cost = moneyOf(costOfSize(size, context, leverage));
  const held = own.reservation;
  const needsMore = (['notional', 'initialMargin', 'riskAtStop'] as const).some((part) =>
    exact(cost[part]).greaterThan(held[part]),
  );
  const refused = needsMore ? (exposure.check(input) ?? overLimit(tradeRiskLimit, size, context, leverage)) : undefined;
  if (refused !== undefined) return refused;
  return {
    ...own,
    reservation: { ...held, ...cost, fees: usdOf(context.unitFees.times(size)) },
    size: signal.size,
    remaining: signal.size,
    stopLoss: signal.stopLoss,
    entry: signal.entry,
  };
}

/** The same, an amount that can not be reckoned with refused: what a user asks for may be any number. */
function revisedEntry(signal: Signal, own: PendingEntry, input: EntryInput): PendingEntry | Rejection {
  try {
    return reckonedEntry(signal, own, input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refusal('order.invalid', `The change can not be reckoned: ${why}`, 'numbers to reckon with', 'error');
  }
}

const rejected = (rejection: Rejection, steps: Judgement['steps'] = []): SignalRevision => ({
  outcome: 'rejected',
  rejection,
  steps,
});
