import { Decimal, type Fill, type Instrument, type Side, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { releasePart } from '../matching/release-part.ts';
import type { AccountDraft } from './account-draft.ts';
import { opposes, type PaperPosition } from './paper-account.ts';

/** One trade at one price, that lessens the position or opens or adds to one, never both. */
export interface Execution {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly price: Decimal;
  readonly size: Decimal;
  readonly liquidity: Fill['liquidity'];
  readonly fee: Decimal;
  readonly feeRate: Decimal;
  readonly reason: Fill['reason'];
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** Of the position, if the trade opens one. */
  readonly leverage: number;
  readonly marginMode: PaperPosition['marginMode'];
  /** The latest instant before which it surely had not happened: funding is due from there on. */
  readonly happenedAtMs: number;
}

/** Books an execution: cash, position, and the fill that tells of both. */
export function bookExecution(draft: AccountDraft, execution: Execution): void {
  const { instrument } = execution;
  const position = draft.position(instrument.id);
  const lessens = position !== undefined && opposes(position, execution.side);
  const released = lessens ? release(position, execution) : undefined;
  const realized = released?.realized ?? new Decimal(0);
  draft.change({ realizedPnl: draft.account.realizedPnl.plus(realized), fees: draft.account.fees.plus(execution.fee) });
  draft.putPosition(instrument.id, released === undefined ? opened(draft, position, execution) : released.position, {
    tell: false,
  });
  draft.tell({ kind: 'fill', fill: fillOf(draft, execution, realized) });
  draft.tellPosition(instrument.id);
}

/** The position after a part of it was closed, and what that realised by the average entry. */
function release(
  position: PaperPosition,
  { price, size, side }: Execution,
): { realized: Decimal; position: PaperPosition | undefined } {
  const { cost, rest } = releasePart(position, size);
  const value = price.times(size);
  const realized = side === 'sell' ? value.minus(cost) : cost.minus(value);
  if (rest === undefined) return { realized, position: undefined };
  return { realized, position: { ...position, ...rest, realizedPnl: position.realizedPnl.plus(realized) } };
}

/** The position after an opening or adding trade. Leverages of several orders blend by their initial margins. */
function opened(draft: AccountDraft, position: PaperPosition | undefined, execution: Execution): PaperPosition {
  const { atMs } = draft.context;
  const notional = execution.price.times(execution.size);
  const margin = notional.dividedBy(execution.leverage).toDecimalPlaces(8, Decimal.ROUND_UP);
  if (position === undefined) {
    return {
      instrumentId: execution.instrument.id,
      direction: execution.side === 'buy' ? 'long' : 'short',
      size: execution.size,
      cost: notional,
      margin,
      leverage: execution.leverage,
      marginMode: execution.marginMode,
      realizedPnl: new Decimal(0),
      openedAtMs: atMs,
      updatedAtMs: atMs,
      fundedThroughMs: execution.happenedAtMs,
    };
  }
  const cost = position.cost.plus(notional);
  const initial = position.cost.dividedBy(position.leverage).plus(notional.dividedBy(execution.leverage));
  return {
    ...position,
    size: position.size.plus(execution.size),
    cost,
    margin: position.margin.plus(margin),
    leverage:
      position.leverage === execution.leverage
        ? position.leverage
        : cost.dividedBy(initial).toSignificantDigits(6).toNumber(),
    updatedAtMs: atMs,
  };
}

function fillOf(draft: AccountDraft, execution: Execution, realized: Decimal): Fill {
  const { context } = draft;
  return {
    id: draft.name('f', draft.number()),
    userId: draft.account.userId,
    venue: context.venue,
    instrumentId: execution.instrument.id,
    clientOrderId: execution.clientOrderId,
    venueOrderId: execution.venueOrderId,
    side: execution.side,
    price: toPrice(execution.price),
    size: toSize(execution.size),
    fee: toUsd(execution.fee),
    feeRate: toRate(execution.feeRate),
    liquidity: execution.liquidity,
    realizedPnl: toUsd(realized),
    reason: execution.reason,
    atMs: context.atMs,
  };
}
