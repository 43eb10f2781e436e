import { Decimal, toUsd, type Usd } from '@perpdesk/core';
import type { LedgerEntry } from './exchange-engine.ts';

/** An account as its ledger entries add up. */
export interface RebuiltAccount {
  /** Deposits + closed profit − fees + funding ± transfers: what it holds before unrealised profit. */
  readonly balance: Usd;
  /** Signed sizes that are not zero, by coin. */
  readonly positions: Readonly<Record<string, string>>;
}

/** Adds up a ledger: nothing of the engine is used but what it wrote down. */
export function rebuildBalances(ledger: readonly LedgerEntry[]): ReadonlyMap<string, RebuiltAccount> {
  const balances = new Map<string, Decimal>();
  const positions = new Map<string, Map<string, Decimal>>();
  for (const { kind, account, detail } of ledger) {
    const read = (name: string): Decimal => new Decimal(String(detail[name]));
    const credit = (amount: Decimal): void => {
      balances.set(account, (balances.get(account) ?? new Decimal(0)).plus(amount));
    };
    if (kind === 'deposit' || kind === 'funding' || kind === 'transfer') credit(read('usd'));
    if (kind !== 'fill') continue;
    credit(read('closedPnl').minus(read('fee')));
    const held = positions.get(account) ?? new Map<string, Decimal>();
    positions.set(account, held);
    const coin = String(detail.coin);
    const signed = detail.side === 'buy' ? read('size') : read('size').negated();
    held.set(coin, (held.get(coin) ?? new Decimal(0)).plus(signed));
  }
  return new Map(
    [...balances].map(([account, balance]) => [
      account,
      { balance: toUsd(balance), positions: textOf(positions.get(account) ?? new Map()) },
    ]),
  );
}

function textOf(held: ReadonlyMap<string, Decimal>): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [coin, size] of held) if (!size.isZero()) text[coin] = size.toFixed();
  return text;
}
