import { useAccounts, usePositions, useStatus } from '@perpdesk/react';
import { showSignedUsd, showUsd, tone } from './format.ts';

/** The account in one line: equity and what it is made of. */
export function AccountStrip() {
  const account = useAccounts().data?.[0];
  const positions = usePositions().data;
  const user = useStatus().data?.user;
  if (account === undefined) return <dl className="strip" />;
  const figures: readonly (readonly [string, string, string])[] = [
    ['Equity', showUsd(account.equity), ''],
    ['Realised', showSignedUsd(account.realizedPnl), tone(account.realizedPnl)],
    ['Unrealised', showSignedUsd(account.unrealizedPnl), tone(account.unrealizedPnl)],
    ['Fees', showUsd(account.fees), ''],
    ['Funding', showSignedUsd(account.funding), tone(account.funding)],
    ['Available margin', showUsd(account.availableMargin), ''],
    ['Open positions', String(positions?.length ?? 0), ''],
    ['Tier', user?.tier ?? '', ''],
    ['Autonomy', user?.autonomy ?? '', ''],
  ];
  return (
    <dl className="strip">
      {figures.map(([label, value, className]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={className}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
