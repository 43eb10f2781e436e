import type { EventBus } from '@perpdesk/core';
import type { RoundRecord } from '@perpdesk/core/api';

/** The newest rounds of the journal with their turns, newest first. */
export async function readRounds(eventBus: EventBus, limit: number): Promise<RoundRecord[]> {
  // A round leaves at most eight events: opened, six turns, concluded.
  const events = await eventBus.read({
    types: ['round.opened', 'turn.completed', 'round.concluded'],
    order: 'descending',
    limit: limit * 8,
  });
  const rounds = new Map<string, RoundRecord>();
  for (const { event } of [...events].reverse()) {
    if (event.type === 'round.opened') {
      rounds.set(event.payload.key, { round: event.payload, traceId: event.traceId, atMs: event.atMs, turns: [] });
    } else if (event.type === 'turn.completed') {
      rounds.get(event.payload.roundKey)?.turns.push(event.payload.turn);
    } else if (event.type === 'round.concluded') {
      const record = rounds.get(event.payload.round.key);
      if (record === undefined) continue;
      const { outcome, reason, consensus, recommendationId, degraded } = event.payload;
      record.outcome = outcome;
      if (reason !== undefined) record.reason = reason;
      if (consensus !== undefined) record.consensus = consensus;
      if (recommendationId !== undefined) record.recommendationId = recommendationId;
      if (degraded !== undefined) record.degraded = [...degraded];
    }
  }
  return [...rounds.values()].reverse().slice(0, limit);
}
