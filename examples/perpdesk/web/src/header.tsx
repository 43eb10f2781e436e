import type { Snapshot } from '@perpdesk/core/api';
import { type ResourceResult, useConnected, useDeskActions } from '@perpdesk/react';
import { useState } from 'react';
import { showInstant } from './format.ts';

/** Who and what this desk is, whether it is up, and the switch that stops it. */
export function Header({ status }: { readonly status: ResourceResult<Snapshot<'/status'>> }) {
  const connected = useConnected();
  const desk = status.data;
  const unwell = desk?.services.filter((service) => service.status !== 'healthy') ?? [];
  return (
    <header className="topbar">
      <h1>
        Perp<span>Desk</span>
      </h1>
      <span className="badge paper">{desk?.money === 'live' ? 'LIVE MONEY' : 'PAPER'}</span>
      <p className="notice">{desk?.notice ?? 'Connecting to the desk …'}</p>
      <div className="topbar-right">
        {desk && (
          <time className="clock" title="The desk's own clock">
            {showInstant(desk.atMs)}
          </time>
        )}
        <span className={`badge ${connected ? 'up' : 'down'}`} role="status">
          {connected ? '● live' : '○ offline, data is stale'}
        </span>
        {unwell.length > 0 && (
          <span
            className="badge down"
            title={unwell.map((service) => `${service.name}: ${service.detail ?? service.status}`).join('\n')}
          >
            {unwell.length} service{unwell.length > 1 ? 's' : ''} unwell
          </span>
        )}
        <KillSwitch halted={desk?.tradingState === 'halted'} />
      </div>
    </header>
  );
}

function KillSwitch({ halted }: { readonly halted: boolean }) {
  const { halt } = useDeskActions();
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<string>();
  if (halted) return <span className="badge down">HALTED: no new risk</span>;
  if (!asking) {
    return (
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Kill switch
      </button>
    );
  }
  return (
    <span className="confirm" role="alertdialog" aria-label="Halt trading?">
      Stop new trades and cancel entries? Stops stay.
      <button
        type="button"
        className="danger"
        onClick={() => {
          halt('kill switch on the page').then(
            () => setAsking(false),
            (reason: Error) => setError(reason.message),
          );
        }}
      >
        Halt
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        Keep trading
      </button>
      {error && <span className="loss">{error}</span>}
    </span>
  );
}
