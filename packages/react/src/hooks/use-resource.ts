'use client';
import type { JournalEvent, Snapshot } from '@perpdesk/core/api';
import { useCallback, useMemo } from 'react';
import type { DeskState, KeptRoute, Resource, ResourceResult } from '../store/desk-state.ts';
import { useConnected, useDesk } from './use-desk.ts';

/** A kept snapshot by its route; fetched again when the journal says that it changed. */
export function useResource<Route extends KeptRoute>(route: Route): ResourceResult<Snapshot<Route>> {
  return useResult(
    useDesk(useCallback((state: DeskState): Resource<Snapshot<Route>> => state.resources[route], [route])),
  );
}

/** The journal's newest events first, at most 300. */
export function useEvents(): ResourceResult<readonly JournalEvent[]> {
  return useResult(useDesk(eventsOf));
}
const eventsOf = (state: DeskState): DeskState['events'] => state.events;

/** Adds whether the data may be old. The same object until something of it changed. */
export function useResult<Data>(resource: Resource<Data>): ResourceResult<Data> {
  const connected = useConnected();
  return useMemo(
    () => ({ ...resource, stale: resource.data !== undefined && (!connected || resource.status === 'failed') }),
    [resource, connected],
  );
}

/** The desk itself: source, notice, speed, services, user. */
export const useStatus = (): ResourceResult<Snapshot<'/status'>> => useResource('/status');
/** All listed instruments. */
export const useInstruments = (): ResourceResult<Snapshot<'/instruments'>> => useResource('/instruments');
/** The latest opinion of each agent on each market. */
export const useOpinions = (): ResourceResult<Snapshot<'/opinions'>> => useResource('/opinions');
/** The newest rounds of the War Room with their turns. */
export const useRounds = (): ResourceResult<Snapshot<'/rounds'>> => useResource('/rounds');
/** Open positions with the orders that protect them; marks are a few seconds old at most. */
export const usePositions = (): ResourceResult<Snapshot<'/positions'>> => useResource('/positions');
/** Resting orders. */
export const useOrders = (): ResourceResult<Snapshot<'/orders'>> => useResource('/orders');
/** Accounts by venue. */
export const useAccounts = (): ResourceResult<Snapshot<'/accounts'>> => useResource('/accounts');
/** Signals that wait for an answer. */
export const useApprovals = (): ResourceResult<Snapshot<'/approvals'>> => useResource('/approvals');
/** What chats proposed, newest first, and what became of it. */
export const useProposals = (): ResourceResult<Snapshot<'/proposals'>> => useResource('/proposals');
/** The latest ranking of prediction markets, best first. */
export const usePredictions = (): ResourceResult<Snapshot<'/predictions'>> => useResource('/predictions');
/** How well each agent did so far. */
export const useTrackRecords = (): ResourceResult<Snapshot<'/track-records'>> => useResource('/track-records');
