import type { CalibrationBook } from '@perpdesk/agents';
import type { OpinionSource, TrackRecord } from '@perpdesk/core';
import type { AgentRecord } from '@perpdesk/core/api';

const sources: readonly OpinionSource[] = ['rules', 'model'];

/** The records of agents that were scored, and of each what its rules and its models did apart. */
export function trackRecords(book: Pick<CalibrationBook, 'record'>, agents: readonly string[]): readonly AgentRecord[] {
  return agents.flatMap((agent) => {
    const record = book.record(agent);
    if (record === undefined) return [];
    const bySource = sources.flatMap((source): readonly (readonly [OpinionSource, TrackRecord])[] => {
      const own = book.record(agent, source);
      return own === undefined ? [] : [[source, own]];
    });
    return [{ agent, ...record, bySource: Object.fromEntries(bySource) }];
  });
}
