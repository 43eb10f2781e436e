'use client';
import type { Snapshot } from '@perpdesk/core/api';
import { useCallback } from 'react';
import type { DeskState, KeptRoute, Resource } from '../store/desk-state.ts';
import { useDesk } from './use-desk.ts';

/** A snapshot as hooks give it. `stale`: the stream is down, so it may have changed. */
export type ResourceResult<Data> = Resource<Data> & { readonly stale: boolean };

/** A kept snapshot by its route. */
export function useResource<Route extends KeptRoute>(route: Route): ResourceResult<Snapshot<Route>> {
  const resource = useDesk(useCallback((state: DeskState): Resource<Snapshot<Route>> => state.resources[route], [route]));
  const stale = useDesk(isStale);
  return { ...resource, stale };
}

const isStale = (state: DeskState): boolean => !state.connected;

/** The desk itself: source, notice, speed, services, user. */
export const useStatus = () => useResource('/status');
/** All listed instruments. */
export const useInstruments = () => useResource('/instruments');
/** The latest opinion of each agent on each market. */
export const useOpinions = () => useResource('/opinions');
/** The newest rounds of the War Room with their turns. */
export const useRounds = () => useResource('/rounds');
/** Open positions with the orders that protect them. */
export const usePositions = () => useResource('/positions');
/** Resting orders. */
export const useOrders = () => useResource('/orders');
/** Accounts by venue. */
export const useAccounts = () => useResource('/accounts');
/** Signals that wait for an answer. */
export const useApprovals = () => useResource('/approvals');
