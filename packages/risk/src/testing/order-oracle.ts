import { Decimal } from '@perpdesk/core';
import type { EntryInput } from '../order/order-input.ts';
import { type Held, passedLimits } from './limits-oracle.ts';

type Amount = Decimal | string | number;

/**
 * Why an order should not have passed, by name; none: it may. Apart from the code that decides: core's decimals, the words of
 * PRODUCT §2, no function of the gate.
 */
export function orderFaults(input: EntryInput): readonly string[] {
  const { intent, instrument, account, ticker, orderLimits, limits, memory, operator } = input;
  if (instrument === undefined || account === undefined || ticker === undefined) return ['unknown'];
  if (intent.price === undefined || intent.leverage === undefined) return ['incomplete'];
  const faults: string[] = [];
  const need = (name: string, holds: boolean): void => {
    if (!holds) faults.push(name);
  };
  need('state', input.tradingState === 'active' && input.auditWritable && input.leased);
  need('instrument', intent.instrumentId === instrument.id && instrument.status === 'trading');
  need('known', account.quality === 'fresh' && ticker.quality === 'fresh');
  const { mark, bid, ask, last, index } = ticker.value;
  for (const price of [mark, bid, ask, last, index ?? 1]) need('market data', Number.isFinite(price) && price > 0);
  if (faults.length > 0) return faults;
  const long = intent.side === 'buy';
  const price = new Decimal(intent.price);
  const size = new Decimal(intent.size);
  need('numbers', size.isFinite() && size.greaterThan(0) && price.greaterThan(0) && intent.leverage > 0);
  const near = (a: Amount, b: Amount): boolean =>
    new Decimal(a).minus(b).abs().lessThanOrEqualTo(new Decimal(b).times(orderLimits.priceCollar));
  need('collar', near(price, mark) && near(price, index ?? (bid + ask) / 2));
  need(
    'tick',
    price.modulo('0.1').isZero() &&
      (intent.stopLoss === undefined || new Decimal(intent.stopLoss).modulo('0.1').isZero()),
  );
  const largest = orderLimits.maxOrderSize['BTC-PERP'];
  need('order size', largest === undefined || size.lessThanOrEqualTo(largest));
  need('throttle', input.entryMessages < orderLimits.entryMessages);
  need('stop', intent.stopLoss !== undefined || intent.origin !== 'agent');
  if (intent.stopLoss !== undefined) {
    const below = (value: Amount): boolean => new Decimal(intent.stopLoss ?? 0).lessThan(value);
    need('stop side', long ? below(price) && below(mark) : !below(price) && !below(mark));
  }
  const entry = long ? price : Decimal.max(price, bid);
  const trade = {
    direction: long ? ('long' as const) : ('short' as const),
    size,
    entry,
    stop: intent.stopLoss === undefined ? undefined : new Decimal(intent.stopLoss),
    leverage: intent.leverage,
    instrument,
  };
  const { equity, availableMargin, deposits, venue } = account.value;
  const moved = (seen: { readonly equity: string; readonly deposits: string } | undefined) =>
    seen && new Decimal(seen.equity).plus(deposits).minus(seen.deposits);
  const [weekOpen, peak] = [moved(memory.weekOpen[venue]), moved(memory.peak[venue])];
  const rho = input.correlation?.('A-PERP', 'B-PERP');
  const together = (a: Held, b: Held): Decimal => {
    if (a.id === b.id || rho === undefined || Number.isNaN(rho) || Math.abs(rho) > 1) return new Decimal(1);
    return Decimal.max(0, a.way === b.way ? rho : -rho);
  };
  return [
    ...faults,
    ...passedLimits(trade, {
      limits,
      equity: new Decimal(equity),
      available: new Decimal(availableMargin),
      dayOpen: new Decimal(input.dayOpenEquity ?? equity),
      positions: input.positions,
      pending: input.pending,
      atMs: input.atMs,
      firstTrade: input.filledTrades === 0,
      operatorRoom:
        operator.maxNotional === undefined ? undefined : new Decimal(operator.maxNotional).minus(operator.usedNotional),
      ...(weekOpen === undefined ? {} : { weekOpen }),
      ...(peak === undefined ? {} : { peak }),
      lossesAtMs: memory.losses.map(({ atMs }) => atMs),
      ...(input.correlation === undefined ? {} : { lossesGoTogether: together }),
    }),
  ];
}
