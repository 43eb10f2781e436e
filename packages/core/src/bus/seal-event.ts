import type { Clock } from '../clock/clock.ts';
import type { DomainEvent, NewDomainEvent } from '../events/envelope.ts';
import type { DomainEventType } from '../events/event-map.ts';
import type { IdGenerator } from '../ids/id-generator.ts';

/** What a bus adds to what a publisher gives: an id and a trace where there is none, the version, the instant. */
export function sealEvent<Type extends DomainEventType>(
  event: NewDomainEvent<Type>,
  { clock, ids }: { readonly clock: Clock; readonly ids: IdGenerator },
): DomainEvent<Type> {
  const { id, type, key, userId, traceId, causationId, payload } = event;
  // Member by member: spreading what may be missing takes four times as long.
  const sealed: Record<string, unknown> = { id: id ?? ids.next('evt'), type, version: 1, atMs: clock.nowMs(), key };
  if (userId !== undefined) sealed.userId = userId;
  sealed.traceId = traceId ?? ids.next('trc');
  if (causationId !== undefined) sealed.causationId = causationId;
  sealed.payload = payload;
  return Object.freeze(sealed) as unknown as DomainEvent<Type>;
}
