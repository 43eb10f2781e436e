import type { EventBus } from '@perpdesk/core';
import type { Snapshot } from '@perpdesk/core/api';

/** The latest opinion of each agent on each market, newest first, out of the journal's last ones. */
export async function latestOpinions(eventBus: EventBus, markets: number): Promise<Snapshot<'/opinions'>> {
  // Between two opinions of the slowest agent (hourly) the fastest speaks twelve times: thirty a market hold all of them.
  const limit = Math.max(300, 30 * markets);
  const published = await eventBus.read({ types: ['opinion.published'], order: 'descending', limit });
  const latest = new Map<string, Snapshot<'/opinions'>[number]>();
  for (const { event } of published) {
    if (event.type !== 'opinion.published') continue;
    const key = `${event.payload.agent}:${event.payload.market}`;
    if (!latest.has(key)) latest.set(key, event.payload);
  }
  return [...latest.values()];
}
