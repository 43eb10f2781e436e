import type { DomainEvent, EventBus, StoredEvent } from '@perpdesk/core';

/** One step of a decision with what it led to, in the order of the journal. */
export interface DecisionStep {
  readonly event: DomainEvent;
  readonly position: number;
  readonly led: readonly DecisionStep[];
}

/** A decision from the candle or command it was born with to its last fill. */
export interface DecisionTrace {
  readonly traceId: string;
  /** What nothing in the trace caused: usually one, the candle's first event. */
  readonly roots: readonly DecisionStep[];
  /** How many events there are. */
  readonly length: number;
}

const pageSize = 1000;

/**
 * Reads a decision off the journal: every event of a trace, each under the one that caused it. What was caused by an event of
 * another trace, or by one the journal no longer has, is a root. Live and replay read the same way.
 * @throws StoreError when the journal can not be read.
 */
export async function traceDecision(eventBus: EventBus, traceId: string): Promise<DecisionTrace> {
  const steps = new Map<string, { event: DomainEvent; position: number; led: DecisionStep[] }>();
  for (const { event, position } of await readTrace(eventBus, traceId))
    steps.set(event.id, { event, position, led: [] });
  const roots: DecisionStep[] = [];
  for (const step of steps.values()) {
    const cause = step.event.causationId === undefined ? undefined : steps.get(step.event.causationId);
    // A cause comes before its effect: what claims otherwise would make a circle.
    if (cause === undefined || cause.position >= step.position) roots.push(step);
    else cause.led.push(step);
  }
  return { traceId, roots, length: steps.size };
}

/** Every event of a trace, in the order of the journal. @throws StoreError when it can not be read. */
export async function readTrace(eventBus: Pick<EventBus, 'read'>, traceId: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let afterPosition = 0; ; ) {
    const page = await eventBus.read({ traceId, afterPosition, limit: pageSize });
    events.push(...page);
    const last = page[page.length - 1];
    if (last === undefined || page.length < pageSize) return events;
    afterPosition = last.position;
  }
}
