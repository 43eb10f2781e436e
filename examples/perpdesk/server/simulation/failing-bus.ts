import {
  type DomainEvent,
  type DomainEventType,
  type EventBus,
  type EventQuery,
  type NewDomainEvent,
  StoreError,
} from '@perpdesk/core';

/** A bus that takes and gives nothing while it is cut. What is delivered goes on: it was handed out before. */
export class FailingBus implements EventBus {
  readonly #bus: EventBus;
  readonly #failing: () => boolean;
  readonly subscribe: EventBus['subscribe'];
  readonly deadLetters: EventBus['deadLetters'];
  readonly redeliver: EventBus['redeliver'];

  constructor(bus: EventBus, failing: () => boolean) {
    this.#bus = bus;
    this.#failing = failing;
    this.subscribe = bus.subscribe.bind(bus);
    this.deadLetters = bus.deadLetters.bind(bus);
    this.redeliver = bus.redeliver.bind(bus);
  }

  async publish<Type extends DomainEventType>(
    event: NewDomainEvent<Type>,
    options?: Parameters<EventBus['publish']>[1],
  ): Promise<DomainEvent<Type>> {
    this.#check();
    return this.#bus.publish(event, options);
  }

  async read(query: EventQuery, options?: Parameters<EventBus['read']>[1]): ReturnType<EventBus['read']> {
    this.#check();
    return this.#bus.read(query, options);
  }

  #check(): void {
    if (this.#failing()) throw new StoreError('bus.unreachable', 'The bus does not answer.', { retryable: true });
  }
}
