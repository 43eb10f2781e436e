import type { Clock, DomainEvent, DomainEventType, EventBus, MarketBus, NewDomainEvent } from '@perpdesk/core';

/** Everything that was published on either bus, in order: what a test looks at. */
export interface Told {
  readonly bus: 'market' | 'event';
  readonly type: string;
  readonly key: string;
  readonly id?: string;
  readonly atMs: number;
  readonly payload: unknown;
}

/** A market bus that writes down what it is told. */
export class RecordingMarketBus implements Pick<MarketBus, 'publish'> {
  readonly #clock: Clock;
  readonly #told: Told[];
  onPublish: (told: Told) => void | Promise<void> = () => {};

  constructor(options: { readonly clock: Clock; readonly told: Told[] }) {
    this.#clock = options.clock;
    this.#told = options.told;
  }

  publish(type: string, key: string, payload: unknown): void | Promise<void> {
    const told: Told = { bus: 'market', type, key, atMs: this.#clock.nowMs(), payload };
    this.#told.push(told);
    return this.onPublish(told);
  }
}

/** An event bus with one handler, run after the publisher in held work, as real ones do. */
export class RecordingEventBus implements Pick<EventBus, 'publish'> {
  readonly #clock: Clock;
  readonly #told: Told[];
  handler: (event: Told) => Promise<void> | void = () => {};

  constructor(options: { readonly clock: Clock; readonly told: Told[] }) {
    this.#clock = options.clock;
    this.#told = options.told;
  }

  async publish<Type extends DomainEventType>(event: NewDomainEvent<Type>): Promise<DomainEvent<Type>> {
    const { id = 'none', type, key, payload } = event;
    const atMs = this.#clock.nowMs();
    const told: Told = { bus: 'event', type, key, id, atMs, payload };
    this.#told.push(told);
    const release = this.#clock.hold();
    queueMicrotask(() => {
      void Promise.resolve(this.handler(told)).finally(release);
    });
    return { ...event, id, version: 1, atMs, traceId: event.traceId ?? id } as DomainEvent<Type>;
  }
}
