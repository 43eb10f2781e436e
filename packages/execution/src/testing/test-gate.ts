import type {
  ApprovalAuthority,
  OrderDecision,
  OrderIntent,
  Rejection,
  RiskDecision,
  RiskGate,
  Usd,
} from '@perpdesk/core';

/** A gate for tests: lets everything pass that it was not told to refuse, and remembers what was asked of it. */
export class TestGate implements RiskGate {
  readonly #authority: ApprovalAuthority;
  /** Told per test: the refusal of an intent, if any. */
  refuse: (intent: OrderIntent) => Rejection | undefined = () => undefined;
  readonly asked: OrderIntent[] = [];
  /** In order: the signal and what is still needed; undefined: nothing. */
  readonly released: { readonly signalId: string; readonly remaining: Usd | undefined }[] = [];

  constructor(authority: ApprovalAuthority) {
    this.#authority = authority;
  }

  async filter(): Promise<readonly RiskDecision[]> {
    return [];
  }

  async authorize(intent: OrderIntent): Promise<OrderDecision> {
    this.asked.push(intent);
    const id = `decision:${intent.clientOrderId}:${this.asked.length}`;
    const rejection = this.refuse(intent);
    if (rejection !== undefined) return { outcome: 'rejected', id, rejection, steps: [] };
    return { outcome: 'approved', id, order: this.#authority.mint(intent, id), steps: [] };
  }

  async release(signalId: string, options: { readonly remaining?: Usd } = {}): Promise<void> {
    this.released.push({ signalId, remaining: options.remaining });
  }
}
