import {
  type ApprovalAuthority,
  marketOf,
  type Order,
  type OrderDecision,
  type OrderIntent,
  type RiskDecision,
  type RiskGate,
} from '@perpdesk/core';

/** Options of {@link BlockingGate}. */
export interface BlockingGateOptions {
  readonly authority: ApprovalAuthority;
  readonly openOrders: (userId: string) => readonly Order[];
}

/**
 * The part of Brix that a run over lost answers needs, with its rule: an order whose outcome is not known blocks new risk on
 * its market, and may itself be asked for again. Everything else passes, authorised by a real authority.
 */
export class BlockingGate implements RiskGate {
  readonly #options: BlockingGateOptions;
  #decisions = 0;

  constructor(options: BlockingGateOptions) {
    this.#options = options;
  }

  async filter(): Promise<readonly RiskDecision[]> {
    return [];
  }

  async authorize(intent: OrderIntent): Promise<OrderDecision> {
    this.#decisions += 1;
    const id = `decision:${this.#decisions}`;
    const open = intent.reduceOnly ? undefined : this.#unresolved(intent);
    if (open === undefined)
      return { outcome: 'approved', id, order: this.#options.authority.mint(intent, id), steps: [] };
    const rejection = {
      code: 'order.unresolved' as const,
      message: 'What became of an earlier order is not known yet.',
      actual: open.clientOrderId,
    };
    return { outcome: 'rejected', id, rejection, steps: [] };
  }

  async release(): Promise<void> {}

  #unresolved(intent: OrderIntent): Order | undefined {
    const market = marketOf(intent.instrumentId);
    return this.#options
      .openOrders(intent.userId)
      .find(
        (order) =>
          order.status === 'unresolved' &&
          order.clientOrderId !== intent.clientOrderId &&
          marketOf(order.instrumentId) === market,
      );
  }
}
