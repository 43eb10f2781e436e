import { type ApprovalAuthority, type OrderIntent, type RiskGate, SeededRandom } from '@perpdesk/core';
import { OrderDesk, PositionGuard, type SendOutcome } from '@perpdesk/execution';

/** A defence that is switched off, to see that its absence is noticed. */
export type Sabotage = 'random-ids' | 'no-guard' | 'no-gate';

/** A control: nothing asks Brix, whatever wants to go gets its authorisation. */
export class OpenGate implements RiskGate {
  readonly filter: RiskGate['filter'];
  readonly release: RiskGate['release'];
  readonly #authority: ApprovalAuthority;

  constructor(gate: RiskGate, authority: ApprovalAuthority) {
    this.#authority = authority;
    this.filter = gate.filter.bind(gate);
    this.release = gate.release.bind(gate);
  }

  async authorize(intent: OrderIntent): ReturnType<RiskGate['authorize']> {
    const id = `decision:open:${intent.clientOrderId}`;
    return { outcome: 'approved', id, order: this.#authority.mint(intent, id), steps: [] };
  }
}

/**
 * A control: an entry that is tried again goes under an id of its own. Brix would stop most of them, as it counts what is on
 * its way: these do not ask.
 */
export class ForgetfulOrderDesk extends OrderDesk {
  readonly #random: SeededRandom;
  readonly #tried = new Set<string>();
  readonly #renamed: Set<string>;

  constructor(
    options: ConstructorParameters<typeof OrderDesk>[0],
    {
      authority,
      onApproved,
      seed,
    }: {
      readonly authority: ApprovalAuthority;
      readonly onApproved: (authorizationId: string) => void;
      readonly seed: string;
    },
  ) {
    const { riskGate } = options;
    const renamed = new Set<string>();
    const authorize: RiskGate['authorize'] = async (intent, options) => {
      if (!renamed.has(intent.clientOrderId)) return riskGate.authorize(intent, options);
      const id = `decision:again:${intent.clientOrderId}`;
      const order = authority.mint(intent, id);
      onApproved(order.authorization.id);
      return { outcome: 'approved', id, order, steps: [] };
    };
    super({ ...options, riskGate: { filter: riskGate.filter, release: riskGate.release, authorize } });
    this.#random = new SeededRandom(`forgetful:${seed}`);
    this.#renamed = renamed;
  }

  override send(intent: OrderIntent): Promise<SendOutcome> {
    const first = !this.#tried.has(intent.clientOrderId);
    this.#tried.add(intent.clientOrderId);
    if (intent.reduceOnly || first) return super.send(intent);
    const digits = Array.from({ length: 32 }, () => Math.floor(this.#random.next() * 16).toString(16)).join('');
    this.#renamed.add(digits);
    return super.send({ ...intent, clientOrderId: digits });
  }
}

/** A control: a guard that does nothing. */
export class SleepingGuard extends PositionGuard {
  override async protect(): Promise<void> {}
}
