import type { DomainEvent, DomainEventType } from '@perpdesk/core';

/** Market data is of the venue that it came from, wherever orders go. */
const ofMarket: readonly DomainEventType[] = ['candle.closed', 'candle.skipped', 'feed.gapped'];

/**
 * A journal in which venues have other names: what a desk did at one venue, to be compared with what it did at another. Of each
 * event the members `venue` and `venues` are renamed; instruments keep their names.
 */
export function* renameVenues(
  journal: Iterable<DomainEvent>,
  names: Readonly<Record<string, string>>,
): Generator<DomainEvent> {
  for (const event of journal)
    yield ofMarket.includes(event.type) ? event : ({ ...event, payload: renamed(event.payload, names) } as DomainEvent);
}

function renamed(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, held]): [string, unknown] => {
      if (member === 'venue') return [member, nameOf(held, names)];
      if (member === 'venues' && Array.isArray(held)) return [member, held.map((venue) => nameOf(venue, names))];
      return [member, renamed(held, names)];
    }),
  );
}

const nameOf = (venue: unknown, names: Readonly<Record<string, string>>): unknown =>
  typeof venue === 'string' && Object.hasOwn(names, venue) ? names[venue] : renamed(venue, names);
