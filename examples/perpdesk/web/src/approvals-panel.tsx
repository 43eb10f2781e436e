import type { Approval } from '@perpdesk/core/api';
import { useApprovals, useDeskActions } from '@perpdesk/react';
import { useState } from 'react';
import { AnswerBy } from './answer-by.tsx';
import { directionText, directionTone, showPercent, showSize, showUsd } from './format.ts';
import { Panel } from './panel.tsx';
import { usePriceFormat } from './use-price-format.ts';

/** Signals that wait for the user, with exactly what will be sent. Absent while none waits. */
export function ApprovalsPanel() {
  const { data = [], stale } = useApprovals();
  if (data.length === 0) return null;
  return (
    <Panel title={`Waiting for you (${data.length})`} className="approvals" scroll stale={stale}>
      {data.map((approval) => (
        <Card key={approval.signal.id} approval={approval} stale={stale} />
      ))}
    </Panel>
  );
}

function Card({ approval, stale }: { readonly approval: Approval; readonly stale: boolean }) {
  const { signal, guidance, contentHash, expiresAtMs } = approval;
  const { approve, decline } = useDeskActions();
  const show = usePriceFormat();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const price = (value: string): string => show(signal.instrumentId, value);
  const run = (act: Promise<unknown>): void => {
    setBusy(true);
    setRefusal(undefined);
    act.then(
      () => setBusy(false),
      (reason: Error) => {
        setBusy(false);
        setRefusal(reason.message);
      },
    );
  };
  const figures: readonly (readonly [string, string])[] = [
    ['Entry', price(signal.entry)],
    ['Stop', price(signal.stopLoss)],
    [
      'Targets',
      signal.takeProfits.map((target) => `${price(target.price)} (${showPercent(target.fraction)})`).join(', '),
    ],
    ['Notional', `${showUsd(signal.notional)} at ${signal.leverage}× on ${signal.venue}`],
    ['At risk', `${showUsd(signal.riskAtStop)} at the stop, with fees`],
    ['Confidence', showPercent(signal.confidence)],
    [
      'Orders',
      guidance.legs
        .map((leg) => `${leg.type} ${leg.price === undefined ? '' : price(leg.price)} (${showPercent(leg.fraction)})`)
        .join(', '),
    ],
  ];
  return (
    <article className="approval" data-testid="approval">
      <h3>
        <span className={directionTone[signal.direction]}>{directionText[signal.direction]}</span>{' '}
        {showSize(signal.size)} {signal.market}
      </h3>
      <dl className="terms">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ul>
        {guidance.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <div className="actions">
        <button
          type="button"
          className="primary"
          disabled={busy || stale}
          onClick={() => run(approve(signal.id, contentHash))}
        >
          Approve {guidance.legs.length} order{guidance.legs.length > 1 ? 's' : ''}
        </button>
        <button type="button" disabled={busy || stale} onClick={() => run(decline(signal.id, 'declined on the page'))}>
          Decline
        </button>
        <AnswerBy expiresAtMs={expiresAtMs} stale={stale} refusal={refusal} />
      </div>
    </article>
  );
}
