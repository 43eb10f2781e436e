import { Decimal } from '@perpdesk/core';
import { unrealizedPnlOf } from '../../matching/unrealized-pnl-of.ts';
import type { ExchangeAccount, ExchangePosition, MarginSetting } from './exchange-account.ts';
import { type ExchangeState, type Market, markOf } from './exchange-state.ts';
import { maintenanceMarginOf } from './listed-asset.ts';
import { quickFigures, quickOrdersMargin } from './quick-figures.ts';

const zero = new Decimal(0);

/** What a new account trades with until it says otherwise. */
const defaultLeverage = 20;

/** The leverage and margin mode that an account opens with on a coin. */
export function settingOf(account: ExchangeAccount, { listed }: Market): MarginSetting {
  const { coin, asset } = listed;
  return (
    account.settings.get(coin) ?? {
      leverage: Math.min(defaultLeverage, asset.maxLeverage),
      marginMode: asset.onlyIsolated === true ? 'isolated' : 'cross',
    }
  );
}

/** A position at its mark. */
export interface PositionFigures {
  readonly mark: Decimal;
  readonly notional: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly initialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
}

/** Reckons a position at its mark. Initial margin: notional / leverage. */
export function positionFigures(
  state: ExchangeState,
  account: ExchangeAccount,
  position: ExchangePosition,
): PositionFigures {
  const market = state.marketOf(position.coin);
  const mark = markOf(market, position);
  const notional = mark.times(position.size);
  return {
    mark,
    notional,
    unrealizedPnl: unrealizedPnlOf(position, mark),
    initialMargin: notional.dividedBy(settingOf(account, market).leverage),
    maintenanceMargin: maintenanceMarginOf(market.listed, notional),
  };
}

/** What an account's cross positions stand on. */
export interface CrossFigures {
  /** Free collateral and the cross positions' profit and loss. */
  readonly value: Decimal;
  readonly notional: Decimal;
  readonly initialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
}

/** Reckons the cross part of an account at the marks. */
export function crossFigures(state: ExchangeState, account: ExchangeAccount): CrossFigures {
  let value = account.cash;
  let notional = zero;
  let initialMargin = zero;
  let maintenanceMargin = zero;
  for (const position of account.positions.values()) {
    if (position.marginMode === 'isolated') continue;
    const figures = positionFigures(state, account, position);
    value = value.plus(figures.unrealizedPnl);
    notional = notional.plus(figures.notional);
    initialMargin = initialMargin.plus(figures.initialMargin);
    maintenanceMargin = maintenanceMargin.plus(figures.maintenanceMargin);
  }
  return { value, notional, initialMargin, maintenanceMargin };
}

/** An order that is not in the book yet, or was taken out of it to be judged anew. */
export interface ExtraOrder {
  readonly coin: string;
  readonly side: 'buy' | 'sell';
  readonly size: Decimal;
  readonly notional: Decimal;
}

/**
 * The initial margin that an account's orders hold back, with one more order or without. By coin, the larger side counts,
 * since at most one of the two directions can come about; what only lessens a position holds nothing.
 */
export function ordersMargin(state: ExchangeState, account: ExchangeAccount, extra?: ExtraOrder): Decimal {
  let margin = zero;
  let met = false;
  for (const [coin, exposure] of account.exposure) {
    const isHere = extra?.coin === coin;
    met ||= isHere;
    if (!isHere && exposure.buy.size.isZero() && exposure.sell.size.isZero()) continue;
    margin = margin.plus(coinMargin(state, account, coin, isHere ? extra : undefined));
  }
  return extra !== undefined && !met ? margin.plus(coinMargin(state, account, extra.coin, extra)) : margin;
}

function coinMargin(
  state: ExchangeState,
  account: ExchangeAccount,
  coin: string,
  extra: ExtraOrder | undefined,
): Decimal {
  const exposure = account.exposure.get(coin);
  const signed = account.signedSize(coin);
  const side = (name: 'buy' | 'sell'): Decimal => {
    let size = exposure?.[name].size ?? zero;
    let notional = exposure?.[name].notional ?? zero;
    if (extra?.side === name) {
      size = size.plus(extra.size);
      notional = notional.plus(extra.notional);
    }
    const against = name === 'buy' ? signed.negated() : signed;
    if (against.lessThanOrEqualTo(0)) return notional;
    if (size.lessThanOrEqualTo(against)) return zero;
    return notional.times(size.minus(against)).dividedBy(size);
  };
  return Decimal.max(side('buy'), side('sell')).dividedBy(settingOf(account, state.marketOf(coin)).leverage);
}

/**
 * The margin that is missing for an order: undefined when the cross value covers the positions' and orders' initial margins
 * with it, or when it takes none itself.
 */
export function missingMargin(state: ExchangeState, account: ExchangeAccount, extra: ExtraOrder): Decimal | undefined {
  const quick = quickFigures(state, account);
  const held = quickOrdersMargin(state, account, { coin: extra.coin, notional: extra.notional.toNumber() });
  if (quick.value - quick.initialMargin - held > quick.slack + held * 1e-9) return undefined;
  const { value, initialMargin } = crossFigures(state, account);
  const before = ordersMargin(state, account);
  const after = ordersMargin(state, account, extra);
  if (after.lessThanOrEqualTo(before)) return undefined;
  const missing = initialMargin.plus(after).minus(value);
  return missing.greaterThan(0) ? missing : undefined;
}

/** What may be taken out of an account: value less the larger of initial margins and a tenth of the notional. */
export function withdrawableOf(cross: CrossFigures, orders: Decimal): Decimal {
  const held = Decimal.max(cross.initialMargin.plus(orders), cross.notional.dividedBy(10));
  return Decimal.max(0, cross.value.minus(held));
}
