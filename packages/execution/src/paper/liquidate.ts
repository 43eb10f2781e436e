import { Decimal, type Instrument, type InstrumentId } from '@perpdesk/core';
import { bankruptcyPrice } from '../matching/bankruptcy-price.ts';
import type { AccountDraft } from './account-draft.ts';
import { maintenanceOf, markOf } from './account-figures.ts';
import { bookExecution } from './book-execution.ts';
import { balanceOf, ordersOn, type PaperPosition, unrealizedOf } from './paper-account.ts';
import { settleFunding } from './settle-funding.ts';
import { slip } from './taker-slices.ts';

/**
 * Closes a position by force at a mark. An isolated one loses its whole margin: what the price leaves of it goes as the
 * liquidation fee, and what the price took beyond it the venue's insurance bears (the fill is then at the bankruptcy
 * price). A cross one takes all cross positions with it, each at its own mark, with its maintenance margin as the fee as
 * far as the account has it; the account never ends below zero. Orders that rested beside them are cancelled.
 */
export function liquidate(draft: AccountDraft, instrument: Instrument, mark: Decimal, happenedAtMs: number): void {
  settleFunding(draft, instrument, happenedAtMs);
  const position = draft.position(instrument.id);
  if (position === undefined) return;
  if (position.marginMode === 'isolated') {
    closeByForce(draft, instrument, position, mark, { budget: Decimal.max(0, position.margin), fee: (left) => left });
    endOrders(draft, instrument.id);
    return;
  }
  liquidateCross(draft, instrument, mark);
}

function liquidateCross(draft: AccountDraft, instrument: Instrument, mark: Decimal): void {
  const { context } = draft;
  const markOfPosition = (position: PaperPosition): Decimal =>
    position.instrumentId === instrument.id ? mark : markOf(position, context);
  const positions = [...draft.account.positions.values()]
    .filter((position) => position.marginMode === 'cross')
    .map((position) => ({
      position,
      mark: markOfPosition(position),
      pnl: unrealizedOf(position, markOfPosition(position)),
    }))
    // Profits first, so that they bear the losses; then by name, so that the order is always the same.
    .sort((a, b) => b.pnl.comparedTo(a.pnl) || (a.position.instrumentId < b.position.instrumentId ? -1 : 1));
  let equity = freeBalance(draft).plus(positions.reduce((sum, { pnl }) => sum.plus(pnl), new Decimal(0)));
  for (const { position, mark: price } of positions) {
    const listed = context.instrument(position.instrumentId);
    if (listed === undefined) continue;
    const fee = Decimal.max(0, Decimal.min(equity, maintenanceOf(position, price, context)));
    equity = equity.minus(fee);
    closeByForce(draft, listed, position, price, {
      budget: Decimal.max(0, freeBalance(draft)),
      fee: (left) => Decimal.min(left, fee),
    });
    endOrders(draft, position.instrumentId);
  }
}

/** Cash that no isolated position holds. */
function freeBalance(draft: AccountDraft): Decimal {
  let free = balanceOf(draft.account);
  for (const { marginMode, margin } of draft.account.positions.values())
    if (marginMode === 'isolated') free = free.minus(margin);
  return free;
}

function closeByForce(
  draft: AccountDraft,
  instrument: Instrument,
  position: PaperPosition,
  mark: Decimal,
  terms: { readonly budget: Decimal; readonly fee: (left: Decimal) => Decimal },
): void {
  const long = position.direction === 'long';
  const bankruptcy = bankruptcyPrice({ isLong: long, size: position.size, cost: position.cost }, terms.budget);
  const side = long ? 'sell' : 'buy';
  const market = slip(instrument, mark, side, new Decimal(0));
  const price = long ? Decimal.max(market, bankruptcy) : Decimal.min(market, bankruptcy);
  const left = Decimal.max(0, terms.budget.plus(unrealizedOf(position, price)));
  const fee = terms.fee(left);
  const name = draft.name('l', draft.number());
  bookExecution(draft, {
    instrument,
    side,
    price,
    size: position.size,
    liquidity: 'taker',
    fee,
    feeRate: fee.dividedBy(price.times(position.size)).toDecimalPlaces(12),
    reason: 'liquidation',
    clientOrderId: name,
    venueOrderId: name,
    leverage: position.leverage,
    marginMode: position.marginMode,
    happenedAtMs: draft.context.atMs,
  });
}

function endOrders(draft: AccountDraft, id: InstrumentId): void {
  for (const entry of ordersOn(draft.account, id)) draft.endOrder(entry);
}
