import type { Approval } from '@perpdesk/core/api';
import { useApprovals, useDeskActions } from '@perpdesk/react';
import { useState } from 'react';
import { showPercent, showPrice, showUsd } from './format.ts';
import { Panel } from './panel.tsx';

/** Signals that wait for the user, with exactly what will be sent. Absent while none waits. */
export function ApprovalsPanel() {
  const approvals = useApprovals().data ?? [];
  if (approvals.length === 0) return null;
  return (
    <Panel title={`Waiting for you (${approvals.length})`} className="approvals">
      {approvals.map((approval) => (
        <Card key={approval.signal.id} approval={approval} />
      ))}
    </Panel>
  );
}

function Card({ approval: { signal, guidance, contentHash } }: { readonly approval: Approval }) {
  const { approve, decline } = useDeskActions();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = (act: Promise<unknown>): void => {
    setBusy(true);
    act.then(
      () => setBusy(false),
      (reason: Error) => {
        setBusy(false);
        setError(reason.message);
      },
    );
  };
  return (
    <article className="approval">
      <p>
        <strong>
          {signal.direction === 'long' ? '▲ long' : '▼ short'} {signal.size} {signal.market}
        </strong>{' '}
        on {signal.venue} · {showUsd(signal.notional)} · {signal.leverage}× · {showPercent(signal.confidence)}
      </p>
      <p>
        entry {showPrice(signal.entry)} · stop {showPrice(signal.stopLoss)} · targets{' '}
        {signal.takeProfits.map((target) => showPrice(target.price)).join(', ')} · at risk {showUsd(signal.riskAtStop)}
      </p>
      <ul>
        {guidance.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="primary" disabled={busy} onClick={() => run(approve(signal.id, contentHash))}>
          Approve {guidance.legs.length} {guidance.style} order{guidance.legs.length > 1 ? 's' : ''}
        </button>
        <button type="button" disabled={busy} onClick={() => run(decline(signal.id, 'declined on the page'))}>
          Decline
        </button>
        {error && <span className="loss">{error}</span>}
      </div>
    </article>
  );
}
