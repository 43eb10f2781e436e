import { Decimal, plus, toPrice, toSize } from '@perpdesk/core';
import type { EngineFill } from '../engine/exchange-engine.ts';
import type { RecordedFunding, RecordedTrade } from '../records/exchange-changes.ts';
import { marketAddress, wireDecimal, wireHash } from './wire-decimal.ts';

/** A fill of an account, as `userFills` shows it. Fees are in USDC. */
export function wireFill(fill: EngineFill): Record<string, unknown> {
  return {
    coin: fill.coin,
    px: wireDecimal(fill.price),
    sz: wireDecimal(fill.size),
    side: fill.side === 'buy' ? 'B' : 'A',
    time: fill.atMs,
    startPosition: wireDecimal(fill.startPosition),
    dir: directionOf(fill),
    closedPnl: wireDecimal(fill.closedPnl),
    hash: wireHash(fill.tradeId),
    oid: fill.orderId,
    crossed: fill.crossed,
    fee: wireDecimal(fill.fee),
    tid: fill.tradeId,
    feeToken: 'USDC',
    twapId: null,
    ...(fill.clientOrderId === undefined ? {} : { cloid: fill.clientOrderId }),
    ...(fill.liquidation === undefined
      ? {}
      : {
          liquidation: {
            liquidatedUser: fill.liquidation.liquidatedUser,
            markPx: wireDecimal(fill.liquidation.markPrice),
            method: fill.liquidation.method,
          },
        }),
  };
}

/** What a fill did to the position, in the venue's words. */
function directionOf(fill: EngineFill): string {
  const before = new Decimal(fill.startPosition);
  const after = fill.side === 'buy' ? before.plus(fill.size) : before.minus(fill.size);
  if (!before.isZero() && !after.isZero() && before.isPositive() !== after.isPositive()) {
    return before.isPositive() ? 'Long > Short' : 'Short > Long';
  }
  const opens = after.abs().greaterThan(before.abs());
  const long = (opens ? after : before).isPositive();
  return `${opens ? 'Open' : 'Close'} ${long ? 'Long' : 'Short'}`;
}

/**
 * The fills of one order at one instant as one, where the request asks for it: sizes, fees and results summed, the price
 * weighted by size.
 */
export function aggregateFills(fills: readonly EngineFill[]): readonly EngineFill[] {
  const merged: EngineFill[] = [];
  for (const fill of fills) {
    const last = merged.at(-1);
    if (last?.orderId !== fill.orderId || last.atMs !== fill.atMs || last.crossed !== fill.crossed) {
      merged.push(fill);
      continue;
    }
    const size = new Decimal(last.size).plus(fill.size);
    const cost = new Decimal(last.size).times(last.price).plus(new Decimal(fill.size).times(fill.price));
    merged[merged.length - 1] = {
      ...last,
      size: toSize(size),
      price: toPrice(cost.dividedBy(size).toDecimalPlaces(8)),
      fee: plus(last.fee, fill.fee),
      closedPnl: plus(last.closedPnl, fill.closedPnl),
    };
  }
  return merged;
}

/** A public trade. `side` is the aggressor's; who is no account of the exchange has the market's address. */
export function wireTrade(trade: RecordedTrade): Record<string, unknown> {
  return {
    coin: trade.coin,
    side: trade.side === 'buy' ? 'B' : 'A',
    px: wireDecimal(trade.price),
    sz: wireDecimal(trade.size),
    time: trade.atMs,
    hash: wireHash(trade.tradeId),
    tid: trade.tradeId,
    users: [trade.buyer ?? marketAddress, trade.seller ?? marketAddress],
  };
}

/** A funding payment, as the subscriptions show it. */
export function wireFunding(funding: RecordedFunding): Record<string, unknown> {
  return {
    time: funding.atMs,
    coin: funding.coin,
    usdc: wireDecimal(funding.usd),
    szi: wireDecimal(funding.size),
    fundingRate: wireDecimal(funding.rate),
    nSamples: null,
  };
}
