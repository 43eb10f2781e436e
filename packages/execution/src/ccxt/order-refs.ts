import type { OrderIntent } from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { NativeOrder } from './native-order.ts';
import type { TradedMarket } from './traded-markets.ts';
import type { OrderRef, PlacedLeg, VenueAdapter } from './venue-adapter.ts';

/** Where an order is, and what we meant by it where it was sent from here. */
interface Known extends OrderRef {
  readonly intent: OrderIntent | undefined;
}

const mostOrders = 20_000;

/** The orders of one account by our ids and the venue's: what was sent from here and what was read. */
export class OrderRefs {
  readonly #adapter: VenueAdapter;
  readonly #known = new Map<string, Known>();
  readonly #byClientId = new Map<string, string>();
  readonly #byVenueOrderId = new Map<string, string>();

  constructor(adapter: VenueAdapter) {
    this.#adapter = adapter;
  }

  /** Remembers what is about to be sent. */
  send(intent: OrderIntent, market: TradedMarket): void {
    const clientId = this.#adapter.clientId(intent.clientOrderId);
    const conditional = intent.triggerPrice !== undefined;
    this.#put(intent.clientOrderId, { clientId, venueOrderId: undefined, market, conditional, intent });
  }

  /** Remembers what the venue calls an order that was sent. */
  placed({ intent, clientId, market }: PlacedLeg, venueOrderId: string): void {
    this.#put(intent.clientOrderId, {
      ...{ clientId, venueOrderId, market, intent },
      conditional: intent.triggerPrice !== undefined,
    });
  }

  /** Remembers an order that was read; our id of it. One that is none of ours gets an id from the venue's. */
  read(native: NativeOrder, market: TradedMarket): string {
    const id = this.idOf(native.clientId, native.venueOrderId);
    const before = this.#known.get(id);
    const { clientId, venueOrderId, conditional } = native;
    this.#put(id, { clientId, venueOrderId, market, conditional, intent: before?.intent });
    return id;
  }

  /** Our id of an order of the venue. */
  idOf(clientId: string | undefined, venueOrderId: string): string {
    const known = clientId === undefined ? undefined : this.#byClientId.get(clientId);
    const own = clientId === undefined ? undefined : this.#adapter.clientOrderId(clientId);
    return (
      known ??
      own ??
      this.#byVenueOrderId.get(venueOrderId) ??
      deriveClientOrderId(`external@${this.#adapter.venue}`, venueOrderId)
    );
  }

  /** Tells that a venue's form of an id is this one of ours. */
  learn(clientId: string, clientOrderId: string): void {
    this.#byClientId.set(clientId, clientOrderId);
  }

  /** True when it is known whose an id of the venue is. */
  knows(clientId: string): boolean {
    return this.#byClientId.has(clientId) || this.#adapter.clientOrderId(clientId) !== undefined;
  }

  intent(clientOrderId: string): OrderIntent | undefined {
    return this.#known.get(clientOrderId)?.intent;
  }

  /** What the venue finds an order by. `market`: where it is, if known elsewhere. */
  ref(clientOrderId: string, market?: TradedMarket): OrderRef {
    const known = this.#known.get(clientOrderId);
    if (known !== undefined) return market === undefined || known.market !== undefined ? known : { ...known, market };
    return { clientId: this.#adapter.clientId(clientOrderId), venueOrderId: undefined, market, conditional: undefined };
  }

  #put(id: string, known: Known): void {
    const before = this.#known.get(id);
    const venueOrderId = known.venueOrderId ?? before?.venueOrderId;
    this.#known.delete(id);
    this.#known.set(id, { ...known, venueOrderId, intent: known.intent ?? before?.intent });
    if (known.clientId !== undefined) this.#byClientId.set(known.clientId, id);
    if (venueOrderId !== undefined) this.#byVenueOrderId.set(venueOrderId, id);
    if (this.#known.size <= mostOrders) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
