import { Decimal, isFinal, type OrderStatus, type Size, toSize } from '@perpdesk/core';

interface Leg {
  status: OrderStatus;
  filled: Decimal;
}

/** What is known of a trade's entry orders. Later news never takes back a fill or an end. */
export class LegBook {
  readonly #legs = new Map<string, Leg>();

  /** Notes news of a leg; the first opens it. */
  note(clientOrderId: string, status: OrderStatus, filledSize: Size): void {
    const leg = this.#legs.get(clientOrderId);
    const filled = new Decimal(filledSize);
    if (leg === undefined) {
      this.#legs.set(clientOrderId, { status, filled });
      return;
    }
    leg.filled = Decimal.max(leg.filled, filled);
    if (!isFinal(leg.status)) leg.status = status;
  }

  has(clientOrderId: string): boolean {
    return this.#legs.has(clientOrderId);
  }

  /** Orders that may still fill, in the order they were sent. */
  open(): readonly string[] {
    return [...this.#legs].filter(([, leg]) => !isFinal(leg.status)).map(([id]) => id);
  }

  filled(): Size {
    return toSize([...this.#legs.values()].reduce((sum, leg) => sum.plus(leg.filled), new Decimal(0)));
  }
}
