import { Decimal, type Price, type Size, toPrice } from '@perpdesk/core';
import { firesOnFall } from '../../matching/trigger-side.ts';
import type { EngineFill, EngineOrder, EngineOrderState } from './exchange-engine.ts';

/** Where an open order waits; `ended` when nothing more can happen to it. */
export type OrderPlace = 'new' | 'book' | 'trigger' | 'parent' | 'ended';

/** Stops and take profits of which the first to be filled ends the others. */
export interface OrderGroup {
  readonly orders: ExchangeOrder[];
}

/** An order as the engine works with it: mutable, with its decimals read once. What leaves the engine is a {@link state}. */
export class ExchangeOrder {
  readonly orderId: number;
  readonly account: string;
  readonly given: EngineOrder;
  readonly price: Decimal;
  /** The price as a float, for comparing only: 5 significant figures are distinct in float64. */
  readonly key: number;
  readonly triggerPrice: Decimal | undefined;
  readonly placedAtMs: number;
  originalSize: Decimal;
  remaining: Decimal;
  filledSize = new Decimal(0);
  filledValue = new Decimal(0);
  isPositionTpsl = false;
  place: OrderPlace = 'new';
  status = 'open';
  statusAtMs: number;
  /** A position stood behind it at some time: when that is gone, so is a reduce-only order. */
  sawPosition = false;
  children: readonly ExchangeOrder[] = [];
  parent: ExchangeOrder | undefined;
  group: OrderGroup | undefined;
  /** Set on the orders by which the exchange itself closes a position. */
  liquidation: EngineFill['liquidation'];
  #state: EngineOrderState | undefined;

  constructor(orderId: number, account: string, given: EngineOrder, atMs: number) {
    this.orderId = orderId;
    this.account = account;
    this.given = given;
    this.price = new Decimal(given.limitPrice);
    this.key = this.price.toNumber();
    this.triggerPrice = given.trigger === undefined ? undefined : new Decimal(given.trigger.price);
    this.originalSize = new Decimal(given.size);
    this.remaining = this.originalSize;
    this.placedAtMs = atMs;
    this.statusAtMs = atMs;
  }

  get isOpen(): boolean {
    return this.place !== 'ended';
  }

  get buys(): boolean {
    return this.given.side === 'buy';
  }

  /** What was a stop or take profit is a plain order once it has fired. */
  get isPostOnly(): boolean {
    return this.given.timeInForce === 'post-only' && this.given.trigger === undefined;
  }

  get firesOnFall(): boolean {
    const { trigger, side } = this.given;
    return trigger !== undefined && firesOnFall(trigger.kind, side);
  }

  /** To be called after every change, so that the next {@link state} shows it. */
  changed(): void {
    this.#state = undefined;
  }

  /** Notes a fill of a part. */
  fill(size: Decimal, price: Decimal): void {
    this.remaining = this.remaining.minus(size);
    this.filledSize = this.filledSize.plus(size);
    this.filledValue = this.filledValue.plus(size.times(price));
    this.#state = undefined;
  }

  get averagePrice(): Price {
    return toPrice(this.filledValue.dividedBy(this.filledSize));
  }

  /** The order as it is told. */
  state(): EngineOrderState {
    this.#state ??= {
      ...this.given,
      account: this.account,
      orderId: this.orderId,
      originalSize: this.originalSize.toFixed() as Size,
      remainingSize: this.remaining.toFixed() as Size,
      status: this.status,
      isPositionTpsl: this.isPositionTpsl,
      children: this.children.map(({ orderId }) => orderId),
      placedAtMs: this.placedAtMs,
      statusAtMs: this.statusAtMs,
      ...(this.place === 'parent' ? { waitsFor: 'fill' as const } : {}),
      ...(this.place === 'trigger' ? { waitsFor: 'trigger' as const } : {}),
      ...(this.parent === undefined ? {} : { parent: this.parent.orderId }),
    };
    return this.#state;
  }
}
