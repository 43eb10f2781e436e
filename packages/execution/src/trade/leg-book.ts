import { Decimal, isFinal, type OrderStatus, type Size, toSize } from '@perpdesk/core';
import type { LegNews } from './trade-messages.ts';

interface Leg {
  readonly size: Decimal;
  status: OrderStatus;
  filled: Decimal;
}

/** How much of an entry order has filled, by what was told of the order. */
export type LegFill = Pick<LegNews, 'clientOrderId' | 'filledSize'>;

/** What is known of a trade's entry orders. Later news never takes back a fill or an end. */
export class LegBook {
  readonly #legs = new Map<string, Leg>();

  /** Opens a leg that is at the venue, or may be. */
  open(clientOrderId: string, size: Size): void {
    this.#legs.set(clientOrderId, { size: new Decimal(size), status: 'open', filled: new Decimal(0) });
  }

  /** Notes news of a leg; orders that are none are not its business. */
  note({ clientOrderId, status, filledSize }: LegNews): void {
    const leg = this.#legs.get(clientOrderId);
    if (leg === undefined) return;
    leg.filled = Decimal.max(leg.filled, filledSize);
    if (!isFinal(leg.status)) leg.status = status;
  }

  /** Orders that may still fill, in the order they were sent. */
  resting(): readonly string[] {
    return [...this.#legs].filter(([, leg]) => !isFinal(leg.status)).map(([id]) => id);
  }

  /** True while an order may still fill. */
  rests(clientOrderId: string): boolean {
    const leg = this.#legs.get(clientOrderId);
    return leg !== undefined && !isFinal(leg.status);
  }

  /** What an order has filled; "0" of one that never was. */
  filledOf(clientOrderId: string): Size {
    return toSize(this.#legs.get(clientOrderId)?.filled ?? 0);
  }

  filled(): Size {
    return toSize([...this.#legs.values()].reduce((sum, leg) => sum.plus(leg.filled), new Decimal(0)));
  }

  /** What has filled of each order. */
  fills(): readonly LegFill[] {
    return [...this.#legs].map(([clientOrderId, { filled }]) => ({ clientOrderId, filledSize: toSize(filled) }));
  }

  /** What may still fill. */
  unfilled(): Size {
    const resting = [...this.#legs.values()].filter((leg) => !isFinal(leg.status));
    return toSize(resting.reduce((sum, leg) => sum.plus(leg.size).minus(leg.filled), new Decimal(0)));
  }
}
