import { DeskClient } from '@perpdesk/core/api';
import { DeskProvider, useDeskActions, usePositions, useTicker } from '@perpdesk/react';

const client = new DeskClient({ baseUrl: 'http://127.0.0.1:4780' });

export function App() {
  return (
    <DeskProvider client={client}>
      <Positions />
    </DeskProvider>
  );
}

function Positions() {
  const { data, status, error, stale } = usePositions();
  const bitcoin = useTicker('BTC-PERP@hyperliquid');
  const { closePosition } = useDeskActions();
  if (status === 'failed' && data === undefined) return <p role="alert">{error?.message}</p>;
  return (
    <section aria-busy={status === 'loading'}>
      <p>
        Bitcoin {bitcoin.data?.last ?? '…'} {stale && '(the line is down, this may be old)'}
      </p>
      {data?.map((position) => (
        <p key={position.instrumentId}>
          {position.direction} {position.size} {position.instrumentId}, stop {position.protection.stopLoss ?? 'none'}{' '}
          <button type="button" onClick={() => closePosition(position).catch((reason: Error) => alert(reason.message))}>
            Close
          </button>
        </p>
      ))}
    </section>
  );
}
