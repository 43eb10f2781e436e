import type { ExchangeAccount } from './exchange-account.ts';
import type { ExchangeState } from './exchange-state.ts';

/**
 * True when the exchange refuses a client order id that it has seen. `unique-forever`: any that an order was taken on
 * under. `unique-among-open` and `same-after-modify`: those of open orders. `not-enforced`: none.
 */
export function isClientIdTaken(
  { rules }: ExchangeState,
  account: ExchangeAccount,
  clientOrderId: string | undefined,
): boolean {
  if (clientOrderId === undefined || rules.clientIds === 'not-enforced') return false;
  const known = account.byClientId.get(clientOrderId);
  if (known === undefined) return false;
  return rules.clientIds === 'unique-forever' ? !known.status.endsWith('Rejected') : known.isOpen;
}
