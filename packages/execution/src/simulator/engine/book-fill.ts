import { Decimal, type Price, type Size, type Usd } from '@perpdesk/core';
import { dayOf, feeTierAt } from '../../matching/fee-tiers.ts';
import { releasePart } from '../../matching/release-part.ts';
import { tradeFee } from '../../matching/trade-fee.ts';
import { settingOf } from './account-margin.ts';
import type { ExchangeAccount, ExchangePosition } from './exchange-account.ts';
import type { EngineFill, LedgerEntry } from './exchange-engine.ts';
import type { ExchangeState, Market } from './exchange-state.ts';

/** Collateral is kept in millionths of a dollar, as the chain's USDC is; roundings go against the account. */
export const usdDecimals = 6;
const zero = new Decimal(0);

/** One account's side of a trade. */
export interface AccountTrade {
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId?: string;
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly size: Decimal;
  readonly crossed: boolean;
  /** Trades that the exchange forces on an account cost no fee. */
  readonly isFree?: boolean;
  readonly liquidation?: EngineFill['liquidation'];
  readonly autoDeleveraged?: boolean;
}

/** Books a trade: collateral, position, fee, and the fill that tells of it. One that turns the position round is one fill. */
export function bookFill(state: ExchangeState, account: ExchangeAccount, market: Market, trade: AccountTrade): void {
  const { coin } = market.listed;
  const { side, price, size } = trade;
  const before = account.signedSize(coin);
  const position = account.positions.get(coin);
  const opposes = position !== undefined && position.isLong === (side === 'sell');
  const closing = opposes ? Decimal.min(position.size, size) : zero;
  const closedPnl = opposes ? close(account, position, price, closing) : zero;
  const opening = size.minus(closing);
  if (!opening.isZero()) open(account, market, side === 'buy', price, opening);
  if (account.positions.has(coin)) market.holders.add(account);
  else market.holders.delete(account);

  const notional = price.times(size);
  const rates = feeRatesOf(state, account);
  const fee = trade.isFree === true ? zero : tradeFee(notional, trade.crossed ? rates.taker : rates.maker, usdDecimals);
  account.cash = account.cash.minus(fee);
  state.fees = state.fees.plus(fee);
  account.volume.add(state.atMs, notional);
  account.tradedNotional = account.tradedNotional.plus(notional);
  const fill: EngineFill = {
    account: account.name,
    tradeId: trade.tradeId,
    orderId: trade.orderId,
    ...(trade.clientOrderId === undefined ? {} : { clientOrderId: trade.clientOrderId }),
    coin,
    side,
    price: price.toFixed() as Price,
    size: size.toFixed() as Size,
    startPosition: before.toFixed(),
    closedPnl: closedPnl.toFixed() as Usd,
    fee: fee.toFixed() as Usd,
    crossed: trade.crossed,
    ...(trade.liquidation === undefined ? {} : { liquidation: trade.liquidation }),
    ...(trade.autoDeleveraged === true ? { autoDeleveraged: true } : {}),
    atMs: state.atMs,
  };
  account.fills.push(fill);
  state.touched.add(account);
  state.write('fill', account.name, fill as unknown as LedgerEntry['detail']);
  state.tell({ kind: 'fill', fill });
}

function close(account: ExchangeAccount, position: ExchangePosition, price: Decimal, part: Decimal): Decimal {
  const { cost, rest } = releasePart(position, part);
  const value = price.times(part);
  const realized = position.isLong ? value.minus(cost) : cost.minus(value);
  account.cash = account.cash
    .plus(realized)
    .plus(position.margin)
    .minus(rest?.margin ?? zero);
  if (rest === undefined) account.positions.delete(position.coin);
  else account.positions.set(position.coin, withFloats({ ...position, ...rest }));
  return realized;
}

function open(account: ExchangeAccount, market: Market, isLong: boolean, price: Decimal, size: Decimal): void {
  const { coin } = market.listed;
  const setting = settingOf(account, market);
  const position = account.positions.get(coin);
  const marginMode = position?.marginMode ?? setting.marginMode;
  const cost = price.times(size);
  const margin =
    marginMode === 'isolated' ? cost.dividedBy(setting.leverage).toDecimalPlaces(usdDecimals, Decimal.ROUND_UP) : zero;
  account.cash = account.cash.minus(margin);
  const opened = {
    coin,
    isLong,
    marginMode,
    size: position === undefined ? size : size.plus(position.size),
    cost: position === undefined ? cost : cost.plus(position.cost),
    margin: position === undefined ? margin : margin.plus(position.margin),
    funding: position?.funding ?? zero,
  };
  account.positions.set(coin, withFloats(opened));
}

const withFloats = (position: Omit<ExchangePosition, 'sizeFloat' | 'costFloat'>): ExchangePosition => ({
  ...position,
  sizeFloat: position.size.toNumber(),
  costFloat: position.cost.toNumber(),
});

/** The rates an account pays today, by the volume of the 14 days before. */
export function feeRatesOf(
  state: ExchangeState,
  account: ExchangeAccount,
): { readonly maker: Decimal; readonly taker: Decimal } {
  const day = dayOf(state.atMs);
  if (account.feesOfDay?.day === day) return account.feesOfDay;
  const tier = feeTierAt(state.rules.feeTiers, account.volume.at(state.atMs));
  account.feesOfDay = { day, maker: new Decimal(tier?.maker ?? 0), taker: new Decimal(tier?.taker ?? 0) };
  return account.feesOfDay;
}
