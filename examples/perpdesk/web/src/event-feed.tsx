import type { JournalEvent } from '@perpdesk/core/api';
import { useEvents } from '@perpdesk/react';
import { showClock } from './format.ts';
import { Empty, Panel } from './panel.tsx';

/** What the desk did, newest first, from its journal. */
export function EventFeed() {
  const events = (useEvents().data ?? []).filter(
    ({ event }) => event.type !== 'turn.completed' && event.type !== 'protection.changed',
  );
  return (
    <Panel title="Events" className="scroll feed">
      {events.length === 0 && <Empty>Nothing has happened yet.</Empty>}
      <ol>
        {events.slice(0, 120).map((entry) => (
          <li key={entry.position} data-testid="event">
            <time>{showClock(entry.event.atMs)}</time>
            <code>{entry.event.type}</code>
            <span>{describe(entry)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** A short text from the members that most payloads have. Payloads are shown as text, never as markup. */
function describe({ event }: JournalEvent): string {
  const payload = asObject(event.payload);
  const order = asObject(payload.order);
  const inner =
    Object.keys(order).length > 0
      ? order
      : Object.keys(asObject(payload.position)).length > 0
        ? asObject(payload.position)
        : payload;
  const words = [
    payload.agent,
    inner.market ?? inner.instrumentId ?? event.key,
    inner.side ?? inner.direction,
    inner.size,
    payload.reason,
    asObject(payload.rejection).code,
    payload.outcome,
  ];
  return words.filter((word) => typeof word === 'string' || typeof word === 'number').join(' ');
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
