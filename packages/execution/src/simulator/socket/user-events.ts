import { Decimal } from '@perpdesk/core';
import type { ExchangeChanges } from '../records/exchange-changes.ts';
import { marketAddress, wireDecimal } from '../wire/wire-decimal.ts';
import { wireFill, wireFunding } from '../wire/wire-fill.ts';

/** What the venue tells an account of itself: fills, funding, cancellations it did not ask for, liquidations. */
export function userEvents(account: string, changes: ExchangeChanges): readonly unknown[] {
  const events: unknown[] = [];
  const fills = changes.fills.get(account) ?? [];
  if (fills.length > 0) events.push({ fills: fills.map(wireFill) });
  for (const funding of changes.fundings.get(account) ?? []) events.push({ funding: wireFunding(funding) });
  const cancelled = (changes.orders.get(account) ?? []).filter((order) =>
    /Canceled$|^scheduledCancel$/.test(order.status),
  );
  if (cancelled.length > 0) {
    events.push({ nonUserCancel: cancelled.map((order) => ({ coin: order.coin, oid: order.orderId })) });
  }
  const liquidated = fills.filter((fill) => fill.liquidation?.liquidatedUser === account);
  if (liquidated.length > 0) {
    const notional = liquidated.reduce(
      (sum, fill) => sum.plus(new Decimal(fill.price).times(fill.size)),
      new Decimal(0),
    );
    events.push({
      liquidation: {
        lid: liquidated[0]?.tradeId ?? 0,
        liquidator: marketAddress,
        liquidated_user: account,
        liquidated_ntl_pos: wireDecimal(notional, 6),
        liquidated_account_value: '0.0',
      },
    });
  }
  return events;
}
