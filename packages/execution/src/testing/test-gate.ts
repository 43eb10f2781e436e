import {
  type ApprovalAuthority,
  type Clock,
  Decimal,
  type KeepWithDecision,
  type OrderDecision,
  type OrderIntent,
  type Rejection,
  type RiskDecision,
  type RiskGate,
  type Signal,
  type SignalRevision,
  toUsd,
  type Usd,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';

/** The longest that an authorisation lives. */
const authorizationMs = 10_000;

/**
 * A gate for tests: lets everything pass that it was not told to refuse, and remembers what was asked of it. With a database
 * it keeps its decisions there, as Brix does, what the caller keeps among them.
 */
export class TestGate implements RiskGate {
  readonly #authority: ApprovalAuthority;
  readonly #desk: { readonly database: Database; readonly clock: Clock } | undefined;
  /** Told per test: the refusal of an intent, if any. */
  refuse: (intent: OrderIntent) => Rejection | undefined = () => undefined;
  /** Told per test: the refusal of an intent after its decision was kept, if any. */
  refuseLate: (intent: OrderIntent) => Rejection | undefined = () => undefined;
  /** Told per test: the refusal of a changed signal, if any. */
  refuseRevision: (signal: Signal) => Rejection | undefined = () => undefined;
  readonly asked: OrderIntent[] = [];
  readonly revised: Signal[] = [];
  /** In order: the signal and what is still needed; undefined: nothing. */
  readonly released: { readonly signalId: string; readonly remaining: Usd | undefined }[] = [];

  constructor(authority: ApprovalAuthority, desk?: { readonly database: Database; readonly clock: Clock }) {
    this.#authority = authority;
    this.#desk = desk;
  }

  async filter(): Promise<readonly RiskDecision[]> {
    return [];
  }

  async authorize(intent: OrderIntent, options: { readonly keep?: KeepWithDecision } = {}): Promise<OrderDecision> {
    this.asked.push(intent);
    const id = `decision:${intent.clientOrderId}:${this.asked.length}`;
    const rejected = (rejection: Rejection): OrderDecision => ({ outcome: 'rejected', id, rejection, steps: [] });
    const rejection = this.refuse(intent);
    if (rejection !== undefined) return rejected(rejection);
    const { keep } = options;
    if (keep === undefined || intent.reduceOnly || this.#desk === undefined)
      return { outcome: 'approved', id, order: this.#authority.mint(intent, id), steps: [] };
    const { database, clock } = this.#desk;
    const expiresAtMs = clock.nowMs() + authorizationMs;
    try {
      await database.transaction((transaction) => keep(transaction, expiresAtMs));
    } catch (error) {
      return rejected({ code: 'risk-state.unavailable', message: String(error) });
    }
    const late = this.refuseLate(intent);
    if (late !== undefined) return rejected(late);
    return { outcome: 'approved', id, order: this.#authority.mint(intent, id, { expiresAtMs }), steps: [] };
  }

  /** Lets every change of a signal pass that it was not told to refuse, at the margin its leverage needs. */
  async revise(signal: Signal): Promise<SignalRevision> {
    this.revised.push(signal);
    const rejection = this.refuseRevision(signal);
    if (rejection !== undefined) return { outcome: 'rejected', rejection, steps: [] };
    const notional = new Decimal(signal.size).times(signal.entry);
    const initialMargin = toUsd(notional.dividedBy(signal.leverage));
    return { outcome: 'revised', signal: { ...signal, notional: toUsd(notional), initialMargin }, steps: [] };
  }

  async release(signalId: string, options: { readonly remaining?: Usd } = {}): Promise<void> {
    this.released.push({ signalId, remaining: options.remaining });
  }
}
