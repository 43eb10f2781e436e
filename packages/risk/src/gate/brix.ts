import {
  type Logger,
  type MarketId,
  type OrderDecision,
  type OrderIntent,
  PerpDeskError,
  type Recommendation,
  type Rejection,
  type RiskDecision,
  type RiskGate,
  type RiskStep,
  silentLogger,
  plus,
  type Usd,
  type User,
  ValidationError,
  zeroUsd,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { riskStep } from '../decision/step-result.ts';
import { entryControls, exitControls, judge } from '../order/judge.ts';
import type { EntryInput } from '../order/order-input.ts';
import { RecentOrders } from '../order/recent-orders.ts';
import { trips } from '../order/repeated-entries.ts';
import { parseIntent } from '../order/validity.ts';
import { type Evaluation, evaluate, rejected } from '../recommendation/evaluate.ts';
import { releasePending } from '../state/release-pending.ts';
import { operatorStateId, type RiskChange, type RiskState } from '../state/risk-state-store.ts';
import { SerialQueue } from '../state/serial-queue.ts';
import { requireReauthentication } from '../switch/reauthenticate.ts';
import type { BrixOptions } from './brix-options.ts';
import { DeskInputs } from './desk-inputs.ts';
import { drawnEntry } from './drawn-entry.ts';
import { type LimitNotice, lookAtLimits } from './limit-watch.ts';

/** How often a decision is made anew when another process changed what it rests on. */
const attempts = 5;

/** Users with their states, and what all of them use of the operator's cap. */
interface Snapshot {
  readonly states: ReadonlyMap<string, RiskState>;
  readonly usedNotional: Usd;
  /** Present where the operator has a cap: the commit must find this version. */
  readonly operatorVersion?: number;
}

/**
 * The risk gate: two doors, one rule book. It loads what a decision rests on, runs the pure rules, and commits what they
 * reserve by compare-and-set; decisions of one Brix are made one after another, those of several on one store meet there.
 * Exits touch nothing but memory.
 */
export class Brix implements RiskGate {
  readonly #options: BrixOptions;
  readonly #logger: Logger;
  readonly #inputs: DeskInputs;
  readonly #recent: RecentOrders;
  readonly #queue = new SerialQueue();

  constructor(options: BrixOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#inputs = new DeskInputs(options);
    const { messageWindowMs, duplicateWindowMs } = this.#inputs.orderLimits;
    this.#recent = new RecentOrders(Math.max(messageWindowMs, duplicateWindowMs));
  }

  /**
   * Door 1. Asked again for the same recommendation, it gives the decisions it gave before.
   * @throws StoreError when decisions can not be kept: ask again. ValidationError for a recommendation without an id.
   */
  filter(recommendation: Recommendation, options: { readonly signal?: AbortSignal } = {}): Promise<readonly RiskDecision[]> {
    return this.#held(() => this.#filter(recommendation, options.signal));
  }

  /** Door 2. Never throws: what can not be known or kept is a rejection. */
  async authorize(value: OrderIntent): Promise<OrderDecision> {
    const atMs = this.#options.clock.nowMs();
    const parsed = parseIntent(value);
    if (!parsed.ok) return refusedOrder(`decision:order:${atMs}`, parsed.rejection, [riskStep('validity', {}, { rejected: parsed.rejection.code }, parsed.rejection.message)]);
    const { intent } = parsed;
    const id = `decision:${intent.clientOrderId}:${atMs}`;
    if (intent.reduceOnly) return this.#authorizeExit(intent, id, atMs);
    const release = this.#options.clock.hold();
    try {
      const judged = await this.#queue.run(() => this.#authorizeEntry(intent, atMs));
      if (judged.rejection !== undefined) return refusedOrder(id, judged.rejection, judged.steps);
      await this.#options.auditLog?.append(auditRecord(intent, id));
      return { outcome: 'approved', id, order: this.#options.authority.mint(intent, id), steps: judged.steps };
    } catch (error) {
      this.#logger.error({ error, clientOrderId: intent.clientOrderId }, 'an order could not be judged');
      const audit = this.#options.auditLog?.writable() === false;
      const code = audit ? 'audit.unavailable' : 'risk-state.unavailable';
      const rejection = refusal(code, 'What the decision rests on can not be read or kept.', 'available', PerpDeskError.is(error) ? error.code : 'error');
      return refusedOrder(id, rejection, []);
    } finally {
      release();
    }
  }

  async release(signalId: string, options: { readonly remaining?: Usd; readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#held(async () => {
      const { store } = this.#options;
      const userId = await store.ownerOf(signalId);
      if (userId === undefined) return;
      await this.#change([userId], ([state]) => {
        const entry = state?.pending.find((pending) => pending.reservation.signalId === signalId);
        if (state === undefined || entry === undefined) return [];
        const left = releasePending(entry, options.remaining);
        return [{ userId, expectedVersion: state.version, ...(left === undefined ? { remove: [signalId] } : { put: [left] }) }];
      });
    });
  }

  /**
   * Lets automated entries of a user in a market go on after their hourly limit stopped them.
   * @throws ValidationError `reauthentication.required`. StoreError.
   */
  async rearm(request: { readonly userId: string; readonly market: MarketId; readonly reason: string; readonly token?: string }): Promise<void> {
    const { userId, market, reason, token } = request;
    const asked = { scope: `entries:${userId}:${market}`, reason, ...(token === undefined ? {} : { token }) };
    await requireReauthentication(this.#options.reauthenticate, asked);
    await this.#held(() =>
      this.#change([userId], ([state]) => {
        if (state === undefined) return [];
        const { memory } = state;
        const tripped = memory.tripped.filter((name) => name !== market);
        const entries = memory.entries.filter((entry) => entry.market !== market);
        return [{ userId, expectedVersion: state.version, memory: { ...memory, tripped, entries } }];
      }),
    );
  }

  /** Looks at every active user's use of the limits and tells what was newly reached: 50, 75, 90, 100 %. @throws StoreError */
  checkLimits(): Promise<readonly LimitNotice[]> {
    return this.#held(async () => {
      const users = await this.#options.users.active();
      const notices = new Map<string, readonly LimitNotice[]>();
      await this.#change(users.map(({ id }) => id), (states) =>
        states.flatMap((state, index) => {
          const user = users[index];
          if (user === undefined || notices.has(user.id)) return [];
          const look = this.#lookAt(user, state);
          if (look.memory === undefined) return [];
          notices.set(user.id, look.notices);
          return [{ userId: user.id, expectedVersion: state.version, memory: look.memory }];
        }),
        (userId) => notices.delete(userId),
      );
      return users.flatMap(({ id }) => notices.get(id) ?? []);
    });
  }

  /** Forgets reservations that are over and decisions older than a day. @throws StoreError */
  async prune(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    await this.#held(() => this.#options.store.prune({ reservationsMs: nowMs, decisionsMs: nowMs - 86_400_000 }));
  }

  async #filter(recommendation: Recommendation, signal: AbortSignal | undefined): Promise<readonly RiskDecision[]> {
    if (typeof recommendation?.id !== 'string') throw new ValidationError('recommendation.invalid', 'A recommendation has an id.');
    const { store, users: directory } = this.#options;
    const users = await directory.active(signal === undefined ? {} : { signal });
    const decided = new Map<string, RiskDecision>();
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      for (const decision of await store.decisions(recommendation.id)) decided.set(decision.userId, decision);
      const undecided = users.filter(({ id }) => !decided.has(id));
      if (undecided.length === 0) break;
      const snapshot = await this.#snapshot(users, undecided);
      const evaluations = this.#evaluateAll(recommendation, undecided, snapshot);
      const { operatorVersion } = snapshot;
      const changes = evaluations.map(({ decision, pending }) => ({
        userId: decision.userId,
        expectedVersion: snapshot.states.get(decision.userId)?.version ?? 0,
        decision,
        ...(pending === undefined ? {} : { put: [pending] }),
      }));
      const reserves = changes.some((change) => change.put !== undefined);
      const committed = await store.commit(changes, reserves && operatorVersion !== undefined ? { operatorVersion } : {});
      for (const [index, { decision }] of evaluations.entries()) if (committed[index] === true) decided.set(decision.userId, decision);
    }
    const atMs = this.#options.clock.nowMs();
    for (const user of users) {
      if (decided.has(user.id)) continue;
      const rejection = refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts);
      decided.set(user.id, rejected({ recommendation, user, atMs }, [], { rejection }).decision);
    }
    const order = new Map(users.map(({ id }, index) => [id, index]));
    const place = (userId: string): number => order.get(userId) ?? users.length;
    return [...decided.values()].sort((a, b) => place(a.userId) - place(b.userId) || (a.userId < b.userId ? -1 : 1));
  }

  #evaluateAll(recommendation: Recommendation, users: readonly User[], snapshot: Snapshot): readonly Evaluation[] {
    const atMs = this.#options.clock.nowMs();
    const listings = this.#inputs.listingsOf(recommendation.market);
    let { usedNotional } = snapshot;
    return users.map((user) => {
      const state = snapshot.states.get(user.id);
      if (state === undefined) throw new ValidationError('risk-state.missing', `The store gave no state of user ${user.id}.`);
      const limits = this.#usableLimits(user);
      if (limits !== undefined) return rejected({ recommendation, user, atMs }, [riskStep('limits', {}, { rejected: limits.code }, limits.message)], { rejection: limits });
      const evaluation = evaluate(this.#inputs.recommendation(recommendation, user, { state, listings, usedNotional, atMs }));
      if (evaluation.pending !== undefined) usedNotional = plus(usedNotional, evaluation.pending.reservation.notional);
      return evaluation;
    });
  }

  async #authorizeEntry(intent: OrderIntent, atMs: number): Promise<{ readonly rejection?: Rejection; readonly steps: readonly RiskStep[] }> {
    const { store, users: directory, controls = [] } = this.#options;
    const user = await directory.get(intent.userId);
    if (user === undefined) return { rejection: refusal('order.invalid', 'There is no such user.', 'a known user', intent.userId.slice(0, 80)), steps: [] };
    const unusable = this.#usableLimits(user);
    if (unusable !== undefined) return { rejection: unusable, steps: [] };
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const snapshot = await this.#snapshot(undefined, [user], intent.clientOrderId);
      const state = snapshot.states.get(user.id);
      if (state === undefined) break;
      const input = this.#inputs.entry(intent, user, state, { recent: this.#recent, usedNotional: snapshot.usedNotional, atMs });
      const judgement = judge([...entryControls, ...controls], input);
      if (judgement.rejection !== undefined) {
        if (judgement.rejection.code === 'entries.throttled') await this.#trip(input, state);
        return judgement;
      }
      const drawn = drawnEntry(input);
      if ('code' in drawn) return { rejection: drawn, steps: judgement.steps };
      const change: RiskChange = { userId: user.id, expectedVersion: state.version, ...drawn };
      const { operatorVersion } = snapshot;
      const [committed] = await store.commit([change], operatorVersion === undefined ? {} : { operatorVersion });
      if (committed !== true) continue;
      this.#recent.add(intent, atMs);
      return { steps: judgement.steps };
    }
    return { rejection: refusal('risk-version.conflict', 'The account changed at every try.', attempts, attempts), steps: [] };
  }

  #authorizeExit(intent: OrderIntent, id: string, atMs: number): OrderDecision {
    const { rejection, steps } = judge(exitControls, this.#inputs.exit(intent, this.#recent, atMs));
    if (rejection !== undefined) return refusedOrder(id, rejection, steps);
    this.#recent.add(intent, atMs);
    const order = this.#options.authority.mint(intent, id);
    void this.#auditExit(intent, id);
    return { outcome: 'approved', id, order, steps };
  }

  /** Written down beside the act, which does not wait for it. */
  async #auditExit(intent: OrderIntent, id: string): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      await this.#options.auditLog?.append(auditRecord(intent, id));
    } catch (error) {
      this.#logger.error({ error, clientOrderId: intent.clientOrderId }, 'an exit went on without an audit entry');
    } finally {
      release();
    }
  }

  /** Remembers that a market's automated entries wait for a human. The order is refused whether or not this can be kept. */
  async #trip(input: EntryInput, state: RiskState): Promise<void> {
    const market = input.instrument?.market;
    if (market === undefined || !trips(input) || state.memory.tripped.includes(market)) return;
    const memory = { ...state.memory, tripped: [...state.memory.tripped, market] };
    await this.#options.store.commit([{ userId: state.userId, expectedVersion: state.version, memory }]);
  }

  #usableLimits(user: User): Rejection | undefined {
    try {
      this.#inputs.limits(user);
      return undefined;
    } catch (error) {
      if (!PerpDeskError.is(error)) throw error;
      return refusal('limits.invalid', error.message, 'limits above zero', error.code);
    }
  }

  #lookAt(user: User, state: RiskState): ReturnType<typeof lookAtLimits> {
    if (this.#usableLimits(user) !== undefined) return { notices: [] };
    const { accounts, clock } = this.#options;
    return lookAtLimits(user, state, { accounts, inputs: this.#inputs, atMs: clock.nowMs() });
  }

  /** Loads what decisions rest on, in one batch; all users' states only where the operator has a cap over them. */
  async #snapshot(active: readonly User[] | undefined, wanted: readonly User[], except?: string): Promise<Snapshot> {
    const { store, users: directory, operator, clock } = this.#options;
    if (operator?.maxNotional === undefined) {
      const states = await store.load(wanted.map(({ id }) => id));
      return { states: new Map(states.map((state) => [state.userId, state])), usedNotional: zeroUsd };
    }
    const everybody = [...(active ?? (await directory.active()))];
    for (const user of wanted) if (!everybody.some(({ id }) => id === user.id)) everybody.push(user);
    const [first, ...states] = await store.load([operatorStateId, ...everybody.map(({ id }) => id)]);
    return {
      states: new Map(states.map((state) => [state.userId, state])),
      usedNotional: this.#inputs.usedNotional(everybody, states, clock.nowMs(), except),
      operatorVersion: first?.version ?? 0,
    };
  }

  /** Changes states, again for those that another process changed meanwhile. */
  async #change(
    userIds: readonly string[],
    change: (states: readonly RiskState[]) => readonly RiskChange[],
    onConflict: (userId: string) => void = () => {},
  ): Promise<void> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const changes = change(await store.load(userIds));
      if (changes.length === 0) return;
      const committed = await store.commit(changes);
      const conflicts = changes.filter((_, index) => committed[index] !== true);
      for (const { userId } of conflicts) onConflict(userId);
      if (conflicts.length === 0) return;
    }
  }

  async #held<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = this.#options.clock.hold();
    try {
      return await this.#queue.run(work);
    } finally {
      release();
    }
  }
}

const refusedOrder = (id: string, rejection: Rejection, steps: readonly RiskStep[]): OrderDecision => ({ outcome: 'rejected', id, rejection, steps });

const auditRecord = (intent: OrderIntent, decisionId: string) => ({
  action: 'order.authorized',
  actor: intent.origin === 'agent' ? 'agent:riven' : `user:${intent.userId}`,
  subject: intent.clientOrderId,
  details: {
    decisionId,
    userId: intent.userId,
    venue: intent.venue,
    instrumentId: intent.instrumentId,
    side: intent.side,
    type: intent.type,
    size: intent.size,
    purpose: intent.purpose,
    reduceOnly: intent.reduceOnly,
  },
});
