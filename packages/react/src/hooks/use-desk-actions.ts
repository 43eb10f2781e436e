'use client';
import type { Proposal } from '@perpdesk/core';
import type { ActResult, CloseRequest } from '@perpdesk/core/api';
import { useMemo } from 'react';
import { useDeskStore } from '../provider.tsx';

/** What a user can do. Each rejects with a DeskRequestError that says why; see DeskClient for what may have happened then. */
export interface DeskActions {
  /** Approves a waiting signal, exactly as its hash names it. */
  readonly approve: (signalId: string, contentHash: string) => Promise<ActResult>;
  readonly decline: (signalId: string, reason: string) => Promise<ActResult>;
  /** Approves what a chat proposed, exactly as its hash names it. Resolves with what became of it. */
  readonly approveProposal: (proposalId: string, contentHash: string) => Promise<Proposal>;
  readonly declineProposal: (proposalId: string, reason?: string) => Promise<Proposal>;
  /** Closes a position, or a fraction in (0, 1] of it, at the market. */
  readonly closePosition: (request: CloseRequest) => Promise<ActResult>;
  /** The kill switch: no new risk, entries cancelled, protective stops stay. */
  readonly halt: (reason: string) => Promise<ActResult>;
  /** Closes everything at the market. */
  readonly flatten: () => Promise<ActResult>;
}

/** The desk's acts, the same object for as long as the desk is the same. What they change is fetched again after. */
export function useDeskActions(): DeskActions {
  const store = useDeskStore();
  return useMemo(() => {
    const { client } = store;
    const andLook = <Result>(result: Promise<Result>): Promise<Result> =>
      result.finally(() =>
        store.refresh(['/status', '/positions', '/orders', '/accounts', '/approvals', '/proposals']),
      );
    return {
      approve: (signalId, contentHash) => andLook(client.approve(signalId, contentHash)),
      decline: (signalId, reason) => andLook(client.decline(signalId, reason)),
      approveProposal: (proposalId, contentHash) => andLook(client.approveProposal(proposalId, contentHash)),
      declineProposal: (proposalId, reason) => andLook(client.declineProposal(proposalId, reason)),
      closePosition: (request) => andLook(client.closePosition(request)),
      halt: (reason) => andLook(client.halt(reason)),
      flatten: () => andLook(client.flatten()),
    };
  }, [store]);
}
