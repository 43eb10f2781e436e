import { useConnected, useDesk, useDeskActions, useStatus } from '@perpdesk/react';
import { ConfirmedButton } from './confirmed-button.tsx';
import { showInstant } from './format.ts';

const moneyWords = { paper: 'PAPER MONEY', testnet: 'TEST NET', live: 'LIVE MONEY' } as const;

/** Who and what this desk is, whether it is up, and the switch that stops it. */
export function Header() {
  const { data: desk, status, error } = useStatus();
  const connected = useConnected();
  const misunderstood = useDesk((state) => state.streamError?.message);
  const unwell = desk?.services.filter((service) => service.status !== 'healthy') ?? [];
  return (
    <header className="topbar">
      <h1>
        Perp<span>Desk</span>
      </h1>
      {desk && <span className={`badge money-${desk.money}`}>{moneyWords[desk.money]}</span>}
      <p className="notice">{desk?.notice ?? (status === 'failed' ? error?.message : 'Connecting to the desk …')}</p>
      <div className="topbar-right">
        {desk && (
          <time className="clock" title="The desk’s own clock" dateTime={new Date(desk.atMs).toISOString()}>
            {showInstant(desk.atMs)}
          </time>
        )}
        <span className={`badge ${connected ? 'up' : 'down'}`} role="status">
          {connected ? '● connected' : '○ offline, data is stale'}
        </span>
        {misunderstood && (
          <span className="badge down" title={misunderstood}>
            page out of date: reload
          </span>
        )}
        {unwell.length > 0 && (
          <details className="unwell">
            <summary className="badge down">
              {unwell.length} service{unwell.length > 1 ? 's' : ''} unwell
            </summary>
            <ul>
              {unwell.map((service) => (
                <li key={service.name}>
                  {service.name}: {service.status}
                  {service.detail && `, ${service.detail}`}
                </li>
              ))}
            </ul>
          </details>
        )}
        <KillSwitch state={desk?.tradingState} />
      </div>
    </header>
  );
}

/** Always in reach, also before the desk was heard of: it is the last thing that may be missing. */
function KillSwitch({ state }: { readonly state: 'active' | 'reducing' | 'halted' | undefined }) {
  const { halt } = useDeskActions();
  if (state === 'halted') {
    return (
      <strong className="badge down" role="alert" title="To trade again, start the desk with --rearm">
        HALTED: no new risk
      </strong>
    );
  }
  return (
    <>
      {state === 'reducing' && <strong className="badge down">REDUCING: only less risk</strong>}
      <ConfirmedButton
        label="Kill switch"
        className="danger"
        question="Stop new trades and cancel entries? Protective stops stay."
        confirm="Halt"
        keep="Keep trading"
        act={async () => {
          const { outcome, detail } = await halt('kill switch on the page');
          return outcome === 'halted' ? undefined : (detail ?? outcome);
        }}
      />
    </>
  );
}
