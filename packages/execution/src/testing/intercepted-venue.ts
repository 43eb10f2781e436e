import type {
  Account,
  ApprovedOrder,
  CancelOutcome,
  ExecutionVenue,
  Fill,
  FundingPayment,
  Instrument,
  InstrumentId,
  Order,
  PlaceOutcome,
  Position,
  Unsubscribe,
  VenueCapabilities,
  VenueUpdate,
} from '@perpdesk/core';

type Acts = Pick<
  ExecutionVenue,
  'place' | 'amend' | 'cancel' | 'fetchOrder' | 'fetchOpenOrders' | 'fetchPositions' | 'fetchFills' | 'fetchAccount'
>;

/** What stands between a venue and who uses it: each act may be answered here instead, or after a word with the venue. */
export type Interceptions = {
  -readonly [Act in keyof Acts]?: (venue: ExecutionVenue, ...given: Parameters<Acts[Act]>) => ReturnType<Acts[Act]>;
} & {
  capabilities?: Partial<VenueCapabilities>;
  unhealthy?: string;
  /** Stands between the venue's updates and who hears them. */
  tell?: (update: VenueUpdate, next: (update: VenueUpdate) => void) => void;
};

/** A venue of whose answers a test disposes: lost answers, refusals, failing queries, other capabilities. */
export class InterceptedVenue implements ExecutionVenue {
  readonly #venue: ExecutionVenue;
  /** What is intercepted at present. */
  on: Interceptions = {};

  constructor(venue: ExecutionVenue) {
    this.#venue = venue;
  }

  get name(): string {
    return this.#venue.name;
  }

  get capabilities(): VenueCapabilities {
    return { ...this.#venue.capabilities, ...this.on.capabilities };
  }

  instruments(): readonly Instrument[] {
    return this.#venue.instruments();
  }

  unhealthy(): string | undefined {
    return this.on.unhealthy ?? this.#venue.unhealthy();
  }

  async place(order: ApprovedOrder): Promise<PlaceOutcome> {
    return this.on.place === undefined ? this.#venue.place(order) : this.on.place(this.#venue, order);
  }

  async amend(order: ApprovedOrder): Promise<PlaceOutcome> {
    return this.on.amend === undefined ? this.#venue.amend(order) : this.on.amend(this.#venue, order);
  }

  async placeAll(orders: readonly ApprovedOrder[]): Promise<readonly PlaceOutcome[]> {
    const outcomes: PlaceOutcome[] = [];
    for (const order of orders) outcomes.push(await this.place(order));
    return outcomes;
  }

  async cancelAll(userId: string, instrumentId?: InstrumentId): Promise<CancelOutcome> {
    return this.#venue.cancelAll(userId, instrumentId);
  }

  async cancel(userId: string, id: string): Promise<CancelOutcome> {
    return this.on.cancel === undefined ? this.#venue.cancel(userId, id) : this.on.cancel(this.#venue, userId, id);
  }

  async fetchOrder(...given: Parameters<Acts['fetchOrder']>): Promise<Order | undefined> {
    const { fetchOrder } = this.on;
    return fetchOrder === undefined ? this.#venue.fetchOrder(...given) : fetchOrder(this.#venue, ...given);
  }

  async fetchOpenOrders(userId: string): Promise<readonly Order[]> {
    const { fetchOpenOrders } = this.on;
    return fetchOpenOrders === undefined ? this.#venue.fetchOpenOrders(userId) : fetchOpenOrders(this.#venue, userId);
  }

  async fetchPositions(userId: string): Promise<readonly Position[]> {
    const { fetchPositions } = this.on;
    return fetchPositions === undefined ? this.#venue.fetchPositions(userId) : fetchPositions(this.#venue, userId);
  }

  async fetchFills(userId: string, sinceMs: number): Promise<readonly Fill[]> {
    const { fetchFills } = this.on;
    return fetchFills === undefined
      ? this.#venue.fetchFills(userId, sinceMs)
      : fetchFills(this.#venue, userId, sinceMs);
  }

  async fetchAccount(userId: string): Promise<Account> {
    const { fetchAccount } = this.on;
    return fetchAccount === undefined ? this.#venue.fetchAccount(userId) : fetchAccount(this.#venue, userId);
  }

  async fetchFunding(userId: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    return (await this.#venue.fetchFunding?.(userId, sinceMs)) ?? [];
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    return this.#venue.watch(userId, (update) => {
      if (this.on.tell === undefined) listener(update);
      else this.on.tell(update, listener);
    });
  }
}
