import { useAccounts, usePositions, useStatus } from '@perpdesk/react';
import { showSignedUsd, showUsd, tone, unknown } from './format.ts';

/** The account in one line: equity and what it is made of. */
export function AccountStrip() {
  const accounts = useAccounts();
  const positions = usePositions().data;
  const user = useStatus().data?.user;
  const account = accounts.data?.[0];
  const usd = (amount: string | undefined): string => (amount === undefined ? unknown : showUsd(amount));
  const signed = (amount: string | undefined): readonly [string, string] =>
    amount === undefined ? [unknown, ''] : [showSignedUsd(amount), tone(amount)];
  const figures: readonly (readonly [string, string, string])[] = [
    ['Equity', usd(account?.equity), 'equity'],
    ['Realised', ...signed(account?.realizedPnl)],
    ['Unrealised', ...signed(account?.unrealizedPnl)],
    ['Fees', usd(account?.fees), ''],
    ['Funding', ...signed(account?.funding)],
    ['Available margin', usd(account?.availableMargin), ''],
    ['Open positions', positions === undefined ? unknown : String(positions.length), ''],
    ['Tier', user?.tier ?? unknown, ''],
    ['Autonomy', user?.autonomy ?? unknown, ''],
  ];
  return (
    <section aria-label="Account">
      <dl className={`strip ${accounts.stale ? 'stale' : ''}`}>
        {figures.map(([label, value, className]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={className}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
