import type { Proposal, ProposalStatus } from '@perpdesk/core';
import { useDeskActions } from '@perpdesk/react';
import { useState } from 'react';
import { AnswerBy } from './answer-by.tsx';
import { ConfirmedButton } from './confirmed-button.tsx';

const statuses: Record<Exclude<ProposalStatus, 'waiting'>, string> = {
  approved: 'Approved, being done.',
  declined: 'Declined.',
  expired: 'Expired: nothing was done.',
  void: 'Void: nothing was done.',
  done: 'Done.',
  refused: 'Refused.',
  unknown: 'What became of it is not known yet: look before you repeat it.',
};

/** What a chat proposes, in the desk's own words, to be approved or declined; then what became of it. */
export function ProposalCard({ proposal, stale }: { readonly proposal: Proposal; readonly stale: boolean }) {
  const { id, summary, status, outcome, contentHash, expiresAtMs } = proposal;
  const { approveProposal, declineProposal } = useDeskActions();
  const [refusal, setRefusal] = useState<string>();
  return (
    <article className="proposal" data-testid="proposal">
      <p>{summary}</p>
      {status === 'waiting' ? (
        <div className="actions">
          <ConfirmedButton
            label="Approve"
            className="primary"
            disabled={stale}
            question={summary}
            confirm="Approve and do it"
            keep="Not yet"
            act={async () => {
              const decided = await approveProposal(id, contentHash);
              return decided.status === 'refused' ? decided.outcome : undefined;
            }}
          />
          <button
            type="button"
            disabled={stale}
            onClick={() => {
              setRefusal(undefined);
              declineProposal(id).catch((reason: Error) => setRefusal(reason.message));
            }}
          >
            Decline
          </button>
          <AnswerBy expiresAtMs={expiresAtMs} stale={stale} refusal={refusal} />
        </div>
      ) : (
        <p className={status === 'refused' ? 'loss' : 'muted'}>
          {statuses[status]} {outcome}
        </p>
      )}
    </article>
  );
}
