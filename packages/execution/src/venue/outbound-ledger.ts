import { type Authorization, type OrderIntent, PerpDeskError } from '@perpdesk/core';

/** How an authorised leg leaves. */
export type OutboundAct = 'place' | 'amend';

/** What is about to go over the wire, as the adapter has put it together. */
export type OutboundOrder = Pick<
  OrderIntent,
  | 'clientOrderId'
  | 'userId'
  | 'instrumentId'
  | 'side'
  | 'type'
  | 'size'
  | 'price'
  | 'triggerPrice'
  | 'timeInForce'
  | 'reduceOnly'
>;

/** One order that left: which authorisation it left under, as which leg. */
export interface Departure {
  readonly act: OutboundAct;
  readonly clientOrderId: string;
  readonly userId: string;
  readonly authorizationId: string;
  readonly decisionId: string;
  readonly contentHash: string;
  readonly atMs: number;
}

/**
 * What left, or was about to, without its authorisation. `unauthorised`: nobody cleared it. `sent-twice`: it had left
 * already. `altered`: it is not what was cleared. `unrecorded`: the adapter told of an order it never reported as leaving.
 */
export interface OutboundMismatch {
  readonly kind: 'unauthorised' | 'sent-twice' | 'altered' | 'unrecorded';
  readonly clientOrderId: string;
  readonly userId: string;
  readonly message: string;
}

/** Thrown inside an adapter at the last hop: the order must not leave. */
export class OutboundMismatchError extends PerpDeskError {
  override readonly name: string = 'OutboundMismatchError';
}

interface Clearance {
  readonly act: OutboundAct;
  readonly intent: OrderIntent;
  readonly authorization: Authorization;
  departed: boolean;
}

const compared = [
  'instrumentId',
  'side',
  'type',
  'size',
  'price',
  'triggerPrice',
  'timeInForce',
  'reduceOnly',
] as const;
/** Departures kept for inspection: the newest. */
const keptDepartures = 10_000;

/**
 * The book at the last hop: every outbound order belongs to one authorisation and one leg, once. It knows what was cleared
 * to leave and not sent yet; anything else is a mismatch, told and thrown.
 */
export class OutboundLedger {
  readonly #cleared = new Map<string, Clearance>();
  readonly #departures: Departure[] = [];
  readonly #nowMs: () => number;
  readonly #onMismatch: (mismatch: OutboundMismatch) => void;

  constructor(options: { readonly nowMs: () => number; readonly onMismatch: (mismatch: OutboundMismatch) => void }) {
    this.#nowMs = options.nowMs;
    this.#onMismatch = options.onMismatch;
  }

  /** Lets one order leave. False when one of the same id is on its way. */
  clear(act: OutboundAct, intent: OrderIntent, authorization: Authorization): boolean {
    const key = keyOf(intent);
    if (this.#cleared.has(key)) return false;
    this.#cleared.set(key, { act, intent, authorization, departed: false });
    return true;
  }

  /** Writes down that an order leaves now. @throws OutboundMismatchError `outbound.mismatch`: then it must not. */
  depart(order: OutboundOrder): void {
    const clearance = this.#cleared.get(keyOf(order));
    if (clearance === undefined)
      throw this.#mismatch('unauthorised', order, 'An order was about to leave without an authorisation.');
    if (clearance.departed) throw this.#mismatch('sent-twice', order, 'An order was about to leave a second time.');
    const altered = compared.find((name) => order[name] !== clearance.intent[name]);
    if (altered !== undefined)
      throw this.#mismatch('altered', order, `An order was about to leave with another ${altered} than authorised.`);
    clearance.departed = true;
    const { authorization, act } = clearance;
    this.#departures.push({
      act,
      clientOrderId: order.clientOrderId,
      userId: order.userId,
      authorizationId: authorization.id,
      decisionId: authorization.decisionId,
      contentHash: authorization.contentHash,
      atMs: this.#nowMs(),
    });
    if (this.#departures.length > keptDepartures) this.#departures.splice(0, this.#departures.length - keptDepartures);
  }

  /** True when a cleared order has left. */
  left(intent: OrderIntent): boolean {
    return this.#cleared.get(keyOf(intent))?.departed ?? false;
  }

  /** What is cleared to leave and has not; undefined when there is no such. */
  cleared(order: Pick<OutboundOrder, 'userId' | 'clientOrderId'>): OrderIntent | undefined {
    return this.#cleared.get(keyOf(order))?.intent;
  }

  /** Ends a clearance; true when the order left. */
  close(intent: OrderIntent): boolean {
    const key = keyOf(intent);
    const departed = this.#cleared.get(key)?.departed ?? false;
    this.#cleared.delete(key);
    return departed;
  }

  /** Tells that an adapter reported an order which never left here. */
  reportUnrecorded(intent: OrderIntent): void {
    this.#mismatch('unrecorded', intent, 'The adapter reported an order that it did not record as leaving.');
  }

  /** The newest departures, oldest first. */
  departures(): readonly Departure[] {
    return [...this.#departures];
  }

  #mismatch(
    kind: OutboundMismatch['kind'],
    { clientOrderId, userId }: OutboundOrder,
    message: string,
  ): OutboundMismatchError {
    this.#onMismatch({ kind, clientOrderId, userId, message });
    return new OutboundMismatchError('outbound.mismatch', message);
  }
}

const keyOf = ({ userId, clientOrderId }: Pick<OutboundOrder, 'userId' | 'clientOrderId'>): string =>
  `${userId}\n${clientOrderId}`;
