'use client';
import type { InstrumentId, Ticker } from '@perpdesk/core';
import { useCallback, useMemo } from 'react';
import type { DeskState, Resource, ResourceResult } from '../store/desk-state.ts';
import { useDesk } from './use-desk.ts';
import { useResult } from './use-resource.ts';

/** The newest prices of an instrument; loading while it is not known which. */
export function useTicker(instrumentId: InstrumentId | undefined): ResourceResult<Ticker> {
  const data = useDesk(
    useCallback(
      (state: DeskState) => (instrumentId === undefined ? undefined : state.tickers[instrumentId]),
      [instrumentId],
    ),
  );
  const error = useDesk(fetchError);
  return useResult(
    useMemo<Resource<Ticker>>(() => {
      if (data !== undefined) return { status: 'ready', data };
      return error === undefined ? { status: 'loading' } : { status: 'failed', error };
    }, [data, error]),
  );
}

const fetchError = (state: DeskState): Error | undefined => state.resources['/tickers'].error;
