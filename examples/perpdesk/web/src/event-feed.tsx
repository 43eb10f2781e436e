import { useEvents } from '@perpdesk/react';
import { describeEvent } from './describe-event.ts';
import { showClock } from './format.ts';
import { Condition, Empty, Panel } from './panel.tsx';

/** Told elsewhere on the page, or many times a trade. */
const unshown = new Set(['turn.completed', 'protection.changed', 'position.changed']);

/** What the desk did, newest first, from its journal. */
export function EventFeed() {
  const events = useEvents();
  const shown = (events.data ?? []).filter(({ event }) => !unshown.has(event.type)).slice(0, 120);
  return (
    <Panel title="Events" className="feed" scroll stale={events.stale}>
      <Condition of={events} name="Events" />
      {events.data && shown.length === 0 && <Empty>Nothing has happened yet.</Empty>}
      <ol>
        {shown.map(({ position, event }) => (
          <li key={position} data-testid="event">
            <code>{event.type}</code>
            <time dateTime={new Date(event.atMs).toISOString()}>{showClock(event.atMs)}</time>
            <span>{describeEvent(event)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
