import type { Decimal, Usd } from '@perpdesk/core';
import { fundingAmount } from '../../matching/funding-amount.ts';
import { usdDecimals } from './book-fill.ts';
import type { ExchangeAccount, ExchangePosition } from './exchange-account.ts';
import { type ExchangeState, type Market, markOf } from './exchange-state.ts';
import { checkLiquidation } from './liquidate-account.ts';
import { fireScheduledCancel, nextScheduledCancel } from './scheduled-cancel.ts';

/** Funding is paid on every full hour, UTC (Hyperliquid "Funding"). */
export const fundingIntervalMs = 3_600_000;

/**
 * Does what time has brought since it was last asked, in its order: funding at each full hour, scheduled cancellations at
 * their instant. Each is stamped with the instant it was due, whenever it is that it is done.
 */
export function settleThrough(state: ExchangeState, nowMs: number): void {
  for (;;) {
    const hourMs = (Math.floor(state.settledThroughMs / fundingIntervalMs) + 1) * fundingIntervalMs;
    const scheduled = nextScheduledCancel(state);
    const cancelMs = scheduled?.scheduledCancelAtMs ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.min(hourMs, cancelMs);
    if (dueMs > nowMs) break;
    state.atMs = Math.max(state.atMs, dueMs);
    if (scheduled !== undefined && cancelMs <= hourMs) fireScheduledCancel(state, scheduled);
    else {
      state.settledThroughMs = hourMs;
      for (const market of state.markets.values()) payFunding(state, market);
    }
  }
  state.settledThroughMs = Math.max(state.settledThroughMs, nowMs);
  state.atMs = Math.max(state.atMs, nowMs);
}

/** Pays one hour's funding on a contract: size × oracle price × rate; an isolated position pays from its own margin. */
function payFunding(state: ExchangeState, market: Market): void {
  if (market.fundingRate.isZero()) return;
  const holders = [...market.holders];
  for (const account of holders) {
    const position = account.positions.get(market.listed.coin);
    if (position !== undefined) pay(state, market, account, position);
  }
  for (const account of holders) checkLiquidation(state, account);
}

function pay(state: ExchangeState, market: Market, account: ExchangeAccount, position: ExchangePosition): void {
  const { coin } = market.listed;
  const price: Decimal = market.oracle ?? markOf(market, position);
  const amount = fundingAmount(position, { price, rate: market.fundingRate, decimals: usdDecimals });
  const isIsolated = position.marginMode === 'isolated';
  account.positions.set(coin, {
    ...position,
    margin: isIsolated ? position.margin.plus(amount) : position.margin,
    funding: position.funding.plus(amount),
  });
  if (!isIsolated) account.cash = account.cash.plus(amount);
  // The other participants are the other side of what accounts hold together, and of what roundings leave.
  state.outside.cash = state.outside.cash.minus(amount);
  const payment = {
    coin,
    usd: amount.toFixed() as Usd,
    size: account.signedSize(coin).toFixed(),
    rate: market.fundingRate.toFixed(),
  };
  state.write('funding', account.name, { ...payment, price: price.toFixed() });
  state.tell({ kind: 'funding', account: account.name, ...payment, atMs: state.atMs });
}
