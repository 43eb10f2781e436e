import { ValidationError } from '../errors/validation-error.ts';
import type { DomainEventType } from '../events/event-map.ts';

/** What {@link Consumers} needs to know of a consumer. */
export interface ConsumerIdentity {
  readonly group: string;
  readonly types: readonly DomainEventType[];
}

/** Who takes which type of event, in the order of subscribing. */
export class Consumers<Consumer extends ConsumerIdentity> {
  #all: readonly Consumer[] = [];
  readonly #byType = new Map<DomainEventType, readonly Consumer[]>();

  /** @throws ValidationError `subscription.duplicate` when the group takes one of the types already, `subscription.empty` */
  add(consumer: Consumer): void {
    const { group, types } = consumer;
    if (group === '' || types.length === 0)
      throw new ValidationError(
        'subscription.empty',
        `A subscription names a group and a type; "${group}" has ${types.length} types.`,
      );
    const taken = types.find((type) => this.find(group, type) !== undefined);
    if (taken !== undefined)
      throw new ValidationError('subscription.duplicate', `The group "${group}" takes ${taken} already.`);
    this.#all = [...this.#all, consumer];
    for (const type of new Set(types)) this.#byType.set(type, [...this.of(type), consumer]);
  }

  /** False when it was not there. */
  remove(consumer: Consumer): boolean {
    if (!this.#all.includes(consumer)) return false;
    this.#all = this.#all.filter((other) => other !== consumer);
    for (const type of consumer.types)
      this.#byType.set(
        type,
        this.of(type).filter((other) => other !== consumer),
      );
    return true;
  }

  /** A snapshot: those who come or go later do not change it. */
  of(type: DomainEventType): readonly Consumer[] {
    return this.#byType.get(type) ?? [];
  }

  all(): readonly Consumer[] {
    return this.#all;
  }

  find(group: string, type: DomainEventType): Consumer | undefined {
    return this.of(type).find((consumer) => consumer.group === group);
  }
}
