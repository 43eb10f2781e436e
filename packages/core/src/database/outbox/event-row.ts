import type { Insertable } from 'kysely';
import { ValidationError } from '../../errors/validation-error.ts';
import type { DomainEvent } from '../../events/envelope.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import type { EventRow, OutboxTables } from './outbox-tables.ts';

/** What is written of an event; the database adds its position. */
export type NewEventRow = Insertable<OutboxTables['perpdesk_events']>;

/** @throws ValidationError `event.unsafe` when the payload can not be written as JSON. */
export function rowOf(event: DomainEvent): NewEventRow {
  return {
    id: event.id,
    type: event.type,
    version: event.version,
    at_ms: event.atMs,
    key: event.key,
    user_id: event.userId ?? null,
    trace_id: event.traceId,
    causation_id: event.causationId ?? null,
    payload: jsonOf(event),
  };
}

/** The event of a row. */
export function storedEvent(row: EventRow): StoredEvent {
  return {
    position: row.position,
    event: Object.freeze({
      id: row.id,
      type: row.type,
      version: row.version,
      atMs: row.at_ms,
      key: row.key,
      ...(row.user_id === null ? {} : { userId: row.user_id }),
      traceId: row.trace_id,
      ...(row.causation_id === null ? {} : { causationId: row.causation_id }),
      payload: JSON.parse(row.payload),
    }) as DomainEvent,
  };
}

function jsonOf({ type, payload }: DomainEvent): string {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    throw new ValidationError('event.unsafe', `The payload of ${type} can not be written as JSON.`, { cause });
  }
}
