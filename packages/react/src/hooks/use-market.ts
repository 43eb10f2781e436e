'use client';
import type { Candle, InstrumentId, Ticker, Timeframe } from '@perpdesk/core';
import type { JournalEvent } from '@perpdesk/core/api';
import { useCallback, useEffect, useState } from 'react';
import { useDeskStore } from '../provider.tsx';
import type { DeskState, Resource } from '../store/desk-state.ts';
import { useDesk } from './use-desk.ts';

/** The newest prices of an instrument, with how old they are on the desk's clock. */
export function useTicker(id: InstrumentId | undefined): Ticker | undefined {
  return useDesk(useCallback((state: DeskState) => (id === undefined ? undefined : state.tickers[id]), [id]));
}

/** True while the stream is up. */
export const useConnected = (): boolean => useDesk(isConnected);
const isConnected = (state: DeskState): boolean => state.connected;

/** The journal's newest events first, at most 300. */
export const useEvents = (): readonly JournalEvent[] => useDesk(eventsOf);
const eventsOf = (state: DeskState): readonly JournalEvent[] => state.events;

/** A series: closed bars as fetched, and a subscription to its forming bar that bypasses React, for charts. */
export interface CandleSeries extends Resource<readonly Candle[]> {
  /** Calls back with each newer state of the forming bar; a bar with a later open has begun. Returns the unsubscribe. */
  readonly watch: (listener: (candle: Candle) => void) => () => void;
}

/** The last bars of a series; fetched again when the stream comes back. */
export function useCandles(instrumentId: InstrumentId | undefined, timeframe: Timeframe, limit = 500): CandleSeries {
  const store = useDeskStore();
  const connected = useConnected();
  const [series, setSeries] = useState<Resource<readonly Candle[]>>({ status: 'loading' });
  useEffect(() => {
    if (instrumentId === undefined || !connected) return;
    const abort = new AbortController();
    setSeries({ status: 'loading' });
    store.client.candles({ instrumentId, timeframe, limit }, { signal: abort.signal }).then(
      (data) => setSeries({ status: 'ready', data }),
      (error: Error) => abort.signal.aborted || setSeries({ status: 'failed', error }),
    );
    return () => abort.abort();
  }, [store, instrumentId, timeframe, limit, connected]);
  const watch = useCallback(
    (listener: (candle: Candle) => void) => {
      let last: Candle | undefined;
      return store.subscribe(() => {
        const candle = store.get().forming[`${instrumentId}:${timeframe}`];
        if (candle === undefined || candle === last) return;
        last = candle;
        listener(candle);
      });
    },
    [store, instrumentId, timeframe],
  );
  return { ...series, watch };
}
