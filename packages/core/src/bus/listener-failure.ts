import { causedBy, type DomainEvent, type NewDomainEvent } from '../events/envelope.ts';

/** What an error says, in a line. */
export const failureMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `listener.failed` of an event that a group gave up; undefined for a `listener.failed`, which would not end. */
export function listenerFailure(
  group: string,
  event: DomainEvent,
  attempts: number,
  error: unknown,
): NewDomainEvent<'listener.failed'> | undefined {
  if (event.type === 'listener.failed') return undefined;
  return {
    id: `listener-failed:${group}:${event.id}`,
    type: 'listener.failed',
    key: group,
    ...causedBy(event),
    payload: { group, eventId: event.id, eventType: event.type, message: failureMessage(error), attempts },
  };
}
