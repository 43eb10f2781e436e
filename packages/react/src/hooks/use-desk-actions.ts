'use client';
import type { ActResult } from '@perpdesk/core/api';
import { useMemo } from 'react';
import { useDeskStore } from '../provider.tsx';

/** What a user can do. Each rejects with the desk's reason. */
export interface DeskActions {
  readonly approve: (signalId: string, contentHash: string) => Promise<ActResult>;
  readonly decline: (signalId: string, reason: string) => Promise<ActResult>;
  readonly closePosition: (request: { readonly venue: string; readonly instrumentId: string; readonly fraction?: number }) => Promise<ActResult>;
  /** The kill switch: no new risk, entries cancelled, protective stops stay. */
  readonly halt: (reason: string) => Promise<ActResult>;
  /** Closes everything at the market. */
  readonly flatten: () => Promise<ActResult>;
}

/** The desk's acts, the same object for as long as the desk is the same. */
export function useDeskActions(): DeskActions {
  const store = useDeskStore();
  return useMemo(() => {
    const then = async (result: Promise<ActResult>): Promise<ActResult> => {
      try {
        return await result;
      } finally {
        store.refresh(['/status', '/positions', '/orders', '/accounts', '/approvals']);
      }
    };
    const { client } = store;
    return {
      approve: (signalId, contentHash) => then(client.approve(signalId, contentHash)),
      decline: (signalId, reason) => then(client.decline(signalId, reason)),
      closePosition: (request) => then(client.closePosition(request)),
      halt: (reason) => then(client.halt(reason)),
      flatten: () => then(client.flatten()),
    };
  }, [store]);
}
