import type { InstrumentId } from '@perpdesk/core';
import type { GuardedPosition } from '@perpdesk/core/api';
import { useDeskActions, usePositions } from '@perpdesk/react';
import { useState } from 'react';
import { showPrice, showSignedUsd, showUsd, tone } from './format.ts';
import { Empty, Panel } from './panel.tsx';

/** Open positions, their protection as it rests at the venue, and a way out. */
export function PositionsPanel({ onSelect }: { readonly onSelect: (id: InstrumentId) => void }) {
  const positions = usePositions();
  return (
    <Panel
      title="Positions"
      aside={positions.stale ? <span className="badge down">stale</span> : undefined}
      className="scroll"
    >
      {positions.data?.length === 0 && (
        <Empty>No open position. The desk opens one when a round publishes a plan.</Empty>
      )}
      {positions.data && positions.data.length > 0 && (
        <table>
          <thead>
            <tr>
              {[
                'Market',
                'Side',
                'Size',
                'Entry',
                'Mark',
                'Unrealised',
                'Stop',
                'Targets',
                'Liquidation',
                'Margin',
                '',
              ].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {positions.data.map((position) => (
              <Row key={`${position.venue}:${position.instrumentId}`} position={position} onSelect={onSelect} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row({
  position,
  onSelect,
}: {
  readonly position: GuardedPosition;
  readonly onSelect: (id: InstrumentId) => void;
}) {
  const { closePosition } = useDeskActions();
  const [state, setState] = useState<'idle' | 'asking' | 'closing'>('idle');
  const [error, setError] = useState<string>();
  const failed = (reason: string): void => {
    setError(reason);
    setState('asking');
  };
  const { protection } = position;
  const covered = Number(protection.stopSize) >= Number(position.size);
  return (
    <tr data-testid="position">
      <td>
        <button type="button" className="link" onClick={() => onSelect(position.instrumentId)}>
          {position.instrumentId.split('@')[0]}
        </button>
      </td>
      <td className={position.direction === 'long' ? 'gain' : 'loss'}>
        {position.direction === 'long' ? '▲ long' : '▼ short'}
      </td>
      <td className="number">{position.size}</td>
      <td className="number">{showPrice(position.entryPrice)}</td>
      <td className="number">{showPrice(position.markPrice)}</td>
      <td className={`number ${tone(position.unrealizedPnl)}`}>{showSignedUsd(position.unrealizedPnl)}</td>
      <td className="number">
        {covered && protection.stopLoss ? showPrice(protection.stopLoss) : <span className="loss">not covered</span>}
      </td>
      <td className="number">{protection.takeProfits.map((target) => showPrice(target.price)).join(', ') || '—'}</td>
      <td className="number">{position.liquidationPrice ? showPrice(position.liquidationPrice) : '—'}</td>
      <td className="number">
        {showUsd(position.margin)} · {position.leverage}×
      </td>
      <td>
        {state === 'idle' && (
          <button type="button" onClick={() => setState('asking')}>
            Close
          </button>
        )}
        {state !== 'idle' && (
          <span className="confirm">
            <button
              type="button"
              className="danger"
              disabled={state === 'closing'}
              onClick={() => {
                setState('closing');
                closePosition({ venue: position.venue, instrumentId: position.instrumentId }).then(
                  ({ outcome, detail }) => {
                    if (outcome !== 'accepted') failed(detail ?? outcome);
                  },
                  (reason: Error) => failed(reason.message),
                );
              }}
            >
              {state === 'closing' ? 'Closing …' : 'Close at market'}
            </button>
            <button type="button" onClick={() => setState('idle')}>
              Keep
            </button>
            {error && <span className="loss">{error}</span>}
          </span>
        )}
      </td>
    </tr>
  );
}
