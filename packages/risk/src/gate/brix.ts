import type {
  KeepWithDecision,
  MarketId,
  OrderDecision,
  OrderIntent,
  Recommendation,
  Rejection,
  RiskDecision,
  RiskGate,
  Signal,
  SignalRevision,
  Usd,
} from '@perpdesk/core';
import { newRiskRefused } from '../decision/new-risk.ts';
import { type ClosedTrade, withResult } from '../exposure/losses-in-row.ts';
import { releasePending } from '../state/release-pending.ts';
import type { RiskChange, RiskState } from '../state/risk-state-store.ts';
import { SerialQueue } from '../state/serial-queue.ts';
import { requireReauthentication } from '../switch/reauthenticate.ts';
import type { BrixOptions } from './brix-options.ts';
import { DeskInputs } from './desk-inputs.ts';
import { type LimitNotice, lookAtLimits } from './limit-watch.ts';
import { OrderDoor } from './order-door.ts';
import { RecommendationDoor } from './recommendation-door.ts';
import { SignalDoor } from './signal-door.ts';
import { attempts } from './snapshot.ts';

const dayMs = 86_400_000;

/**
 * The risk gate: two doors, one rule book. It loads what a decision rests on, runs the pure rules, and commits what they
 * reserve by compare-and-set; decisions of one Brix are made one after another, those of several on one store meet there.
 * Exits touch nothing but memory. The store must be open before the first call (`BrixService` opens it).
 */
export class Brix implements RiskGate {
  readonly #options: BrixOptions;
  readonly #inputs: DeskInputs;
  readonly #queue = new SerialQueue();
  readonly #recommendations: RecommendationDoor;
  readonly #orders: OrderDoor;
  readonly #signals: SignalDoor;

  constructor(options: BrixOptions) {
    this.#options = options;
    this.#inputs = new DeskInputs(options);
    this.#recommendations = new RecommendationDoor(options, this.#inputs);
    this.#orders = new OrderDoor(options, this.#inputs, this.#queue);
    this.#signals = new SignalDoor(options, this.#inputs);
  }

  /** Opens the store. @throws StoreError. ConfigError `database.newer`. */
  open(): Promise<void> {
    return this.#options.store.open();
  }

  /**
   * Door 1. Asked again for the same recommendation, it gives the decisions it gave before.
   * @throws StoreError when decisions can not be kept: ask again. ValidationError for a recommendation without an id.
   */
  filter(
    recommendation: Recommendation,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly RiskDecision[]> {
    return this.#inTurn(() => this.#recommendations.filter(recommendation, options.signal));
  }

  /** Door 2. Never throws: what can not be known or kept is a rejection. */
  authorize(intent: OrderIntent, options: { readonly keep?: KeepWithDecision } = {}): Promise<OrderDecision> {
    return this.#orders.authorize(intent, options);
  }

  /** A signal as its user changed it before it was approved; see {@link RiskGate.revise}. @throws StoreError */
  revise(signal: Signal): Promise<SignalRevision> {
    return this.#inTurn(() => this.#signals.revise(signal));
  }

  /**
   * Why new risk must not leave any more, though it was authorised: a halt, a lapsed lease, an audit log that can not be
   * written. From memory; for a venue to ask at the wire (`VenueBaseOptions.mayLeave`).
   */
  mayLeave(intent: Pick<OrderIntent, 'userId' | 'instrumentId' | 'origin'>): Rejection | undefined {
    return newRiskRefused(this.#inputs.guard(intent));
  }

  async release(
    signalId: string,
    options: { readonly remaining?: Usd; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    await this.#inTurn(async () => {
      const userId = await this.#options.store.ownerOf(signalId);
      if (userId === undefined) return;
      await this.#change([userId], ([state]) => {
        const entry = state?.pending.find((pending) => pending.reservation.signalId === signalId);
        if (state === undefined || entry === undefined) return [];
        const left = releasePending(entry, options.remaining);
        return [
          {
            userId,
            expectedVersion: state.version,
            ...(left === undefined ? { remove: [signalId] } : { put: [left] }),
          },
        ];
      });
    });
  }

  /** Remembers how a trade ended, for cooling off after losses. Told again, it changes nothing. @throws StoreError */
  async noteResult(result: ClosedTrade): Promise<void> {
    await this.#inTurn(() =>
      this.#change([result.userId], ([state]) => {
        const memory = state && withResult(state.memory, result);
        return state === undefined || memory === undefined
          ? []
          : [{ userId: result.userId, expectedVersion: state.version, memory }];
      }),
    );
  }

  /**
   * Lets automated entries of a user in a market go on after their hourly limit stopped them.
   * @throws ValidationError `reauthentication.required`. StoreError.
   */
  async rearm(request: {
    readonly userId: string;
    readonly market: MarketId;
    readonly reason: string;
    readonly token?: string;
  }): Promise<void> {
    const { userId, market, reason, token } = request;
    const asked = { scope: `entries:${userId}:${market}`, reason, ...(token === undefined ? {} : { token }) };
    await requireReauthentication(this.#options.reauthenticate, asked);
    await this.#inTurn(() =>
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
    return this.#inTurn(async () => {
      const { users: directory, accounts, clock, correlation } = this.#options;
      const users = (await directory.active()).filter((user) => this.#inputs.limitsRefused(user) === undefined);
      const told = new Map<string, readonly LimitNotice[]>();
      const look = (states: readonly RiskState[]): readonly RiskChange[] =>
        states.flatMap((state, index) => {
          const user = users[index];
          if (user === undefined || told.has(user.id)) return [];
          const { notices, memory } = lookAtLimits(user, state, {
            accounts,
            ...(correlation === undefined ? {} : { correlation }),
            inputs: this.#inputs,
            atMs: clock.nowMs(),
          });
          if (memory === undefined) return [];
          told.set(user.id, notices);
          return [{ userId: user.id, expectedVersion: state.version, memory }];
        });
      await this.#change(
        users.map(({ id }) => id),
        look,
        (userId) => told.delete(userId),
      );
      return users.flatMap(({ id }) => told.get(id) ?? []);
    });
  }

  /** Forgets reservations that are over and decisions older than a day. @throws StoreError */
  prune(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    return this.#inTurn(() => this.#options.store.prune({ reservationsMs: nowMs, decisionsMs: nowMs - dayMs }));
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

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = this.#options.clock.hold();
    try {
      return await this.#queue.run(work);
    } finally {
      release();
    }
  }
}
