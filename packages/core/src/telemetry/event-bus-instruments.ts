import type { Attributes, Counter, Histogram } from '@opentelemetry/api';
import type { DomainEvent } from '../events/envelope.ts';
import { meter, type Stopwatch, systemStopwatch } from './telemetry.ts';

/** What event buses measure: events published, handled, failed (a try each) and given up, and how long handlers take. */
export class EventBusInstruments {
  readonly stopwatch: Stopwatch;
  readonly #published: Counter;
  readonly #handled: Counter;
  readonly #failed: Counter;
  readonly #givenUp: Counter;
  readonly #duration: Histogram;
  readonly #byType = new Map<string, Attributes>();
  readonly #byGroup = new Map<string, Map<string, Attributes>>();

  /** `stopwatch`: default the platform's monotonic time. */
  constructor(options: { readonly stopwatch?: Stopwatch } = {}) {
    const buses = meter('event-bus');
    this.stopwatch = options.stopwatch ?? systemStopwatch;
    this.#published = buses.createCounter('perpdesk.events.published', {
      description: 'Events accepted, duplicates apart',
    });
    this.#handled = buses.createCounter('perpdesk.events.handled', { description: 'Events handled, per group' });
    this.#failed = buses.createCounter('perpdesk.events.failed', { description: 'Tries of a handler that threw' });
    this.#givenUp = buses.createCounter('perpdesk.events.dead_lettered', { description: 'Events given up' });
    this.#duration = buses.createHistogram('perpdesk.events.handler.duration', {
      unit: 'ms',
      description: 'Time a handler took',
    });
  }

  published(event: DomainEvent): void {
    this.#published.add(
      1,
      attributesOf(this.#byType, event.type, () => ({ type: event.type })),
    );
  }

  handled(group: string, event: DomainEvent, durationMs: number): void {
    const attributes = this.#of(group, event);
    this.#handled.add(1, attributes);
    this.#duration.record(durationMs, attributes);
  }

  failed(group: string, event: DomainEvent): void {
    this.#failed.add(1, this.#of(group, event));
  }

  givenUp(group: string, event: DomainEvent): void {
    this.#givenUp.add(1, this.#of(group, event));
  }

  #of(group: string, event: DomainEvent): Attributes {
    let types = this.#byGroup.get(group);
    if (types === undefined) {
      types = new Map();
      this.#byGroup.set(group, types);
    }
    return attributesOf(types, event.type, () => ({ group, type: event.type }));
  }
}

function attributesOf(known: Map<string, Attributes>, type: string, make: () => Attributes): Attributes {
  const found = known.get(type);
  if (found !== undefined) return found;
  const made = make();
  known.set(type, made);
  return made;
}
