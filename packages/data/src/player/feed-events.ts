import { type MacroRelease, type NewDomainEvent, timeframeMs } from '@perpdesk/core';
import type { FeedEvent } from './instrument-feed.ts';

/** The durable event of what happened to a bar. Id and trace are derived from series and time: told again, it is known. */
export function toDomainEvent(event: FeedEvent): NewDomainEvent<FeedEvent['type']> {
  switch (event.type) {
    case 'candle.closed': {
      const { instrumentId, timeframe, openAtMs } = event.candle;
      const key = `${instrumentId}:${timeframe}`;
      const at = `${key}:${openAtMs + timeframeMs(timeframe)}`;
      return { id: `candle.closed:${at}`, type: 'candle.closed', key, traceId: `candle:${at}`, payload: event.candle };
    }
    case 'candle.skipped': {
      const { instrumentId, timeframe, openAtMs } = event.bar;
      const key = `${instrumentId}:${timeframe}`;
      const at = `${key}:${openAtMs + timeframeMs(timeframe)}`;
      return { id: `candle.skipped:${at}`, type: 'candle.skipped', key, traceId: `candle:${at}`, payload: event.bar };
    }
    case 'feed.gapped': {
      const { instrumentId, timeframe, toMs } = event.gap;
      const key = `${instrumentId}:${timeframe}`;
      return {
        id: `feed.gapped:${key}:${toMs}`,
        type: 'feed.gapped',
        key,
        traceId: `gap:${key}:${toMs}`,
        payload: event.gap,
      };
    }
  }
}

/** The durable event of a published figure. Key: its series. */
export function toReleaseEvent(release: MacroRelease): NewDomainEvent<'macro.released'> {
  const { id, series } = release.event;
  return { id: `macro.released:${id}`, type: 'macro.released', key: series, traceId: `macro:${id}`, payload: release };
}
