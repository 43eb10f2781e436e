'use client';
import type { Candle, InstrumentId, Timeframe } from '@perpdesk/core';
import { useCallback, useEffect, useState } from 'react';
import { useDeskStore } from '../provider.tsx';
import type { DeskState, Resource, ResourceResult } from '../store/desk-state.ts';
import { useDesk } from './use-desk.ts';
import { useResult } from './use-resource.ts';

/** A series: closed bars as fetched, and a subscription past React to what comes after, for charts. */
export type CandleSeries = ResourceResult<readonly Candle[]> & {
  /**
   * Calls back at once with the newest bars that the stream told, which may overlap `data`, then with each newer state of
   * the forming bar, oldest first, at most 20 times a second; a bar with a later open has begun. Returns the unsubscribe.
   */
  readonly watch: (listener: (candle: Candle) => void) => () => void;
};

const loading: Resource<readonly Candle[]> = { status: 'loading' };

/** The last bars of a series; fetched again, and shown meanwhile, whenever some may have been missed. `limit`: 1 to 1,500, default 500. */
export function useCandles(instrumentId: InstrumentId | undefined, timeframe: Timeframe, limit = 500): CandleSeries {
  const store = useDeskStore();
  const epoch = useDesk(epochOf);
  const series = `${instrumentId}:${timeframe}:${limit}`;
  const [fetched, setFetched] = useState({ series, resource: loading });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new epoch is the reason to fetch again
  useEffect(() => {
    if (instrumentId === undefined) return;
    const abort = new AbortController();
    const keep = (next: (before: Resource<readonly Candle[]>) => Resource<readonly Candle[]>): void => {
      if (abort.signal.aborted) return;
      setFetched((before) => ({ series, resource: next(before.series === series ? before.resource : loading) }));
    };
    store.client.candles({ instrumentId, timeframe, limit }, { signal: abort.signal }).then(
      (data) => keep(() => ({ status: 'ready', data })),
      (error: Error) => keep((before) => ({ ...before, status: 'failed', error })),
    );
    return () => abort.abort();
  }, [store, series, epoch]);
  const watch = useCallback(
    (listener: (candle: Candle) => void) =>
      instrumentId === undefined ? nothing : store.watchBars(instrumentId, timeframe, listener),
    [store, instrumentId, timeframe],
  );
  return { ...useResult(fetched.series === series ? fetched.resource : loading), watch };
}

const epochOf = (state: DeskState): number => state.epoch;
const nothing = (): void => {};
