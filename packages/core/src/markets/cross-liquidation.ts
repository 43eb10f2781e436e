import { Decimal, notional, type Price, type Size, toUsd, type Usd } from '../decimal.ts';
import type { InstrumentId, MarginTier } from '../domain/instrument.ts';
import type { TradeDirection } from '../domain/opinion.ts';
import { ValidationError } from '../errors/validation-error.ts';
import { liquidationPrice } from './liquidation-price.ts';
import { maintenanceMargin } from './margin.ts';
import { unrealizedPnl } from './profit-and-loss.ts';

/** A position that shares its account's balance with the others. */
export interface CrossPosition {
  readonly instrumentId: InstrumentId;
  readonly direction: TradeDirection;
  readonly entryPrice: Price;
  readonly markPrice: Price;
  readonly size: Size;
  readonly tiers: readonly MarginTier[];
}

/** A cross-margined account: the wallet balance, without unrealised PnL, and every cross position. */
export interface CrossAccount {
  readonly balance: Usd;
  readonly positions: readonly CrossPosition[];
}

/** Balance and unrealised PnL of all. */
export function crossEquity({ balance, positions }: CrossAccount): Usd {
  return toUsd(positions.reduce((sum, position) => sum.plus(unrealizedPnl(position)), new Decimal(balance)));
}

/** Maintenance of all at their marks. The account is liquidated when its equity is under this. @throws ValidationError `margin-tiers.invalid` */
export const crossMaintenance = ({ positions }: CrossAccount): Usd =>
  toUsd(
    positions.reduce(
      (sum, { tiers, markPrice, size }) => sum.plus(maintenanceMargin(tiers, notional(markPrice, size))),
      new Decimal(0),
    ),
  );

/**
 * The mark of one instrument at which the whole account is liquidated, all other marks staying where they are: what stands for the
 * position's margin is the balance plus the others' unrealised PnL less the others' maintenance (Binance "How to calculate
 * liquidation price of USDⓈ-M futures contracts": WB − TMM + UPNL; Hyperliquid "Liquidations": account value less maintenance margin
 * required). Undefined when no price above zero does it.
 * @throws ValidationError `position.unknown`, `margin-tiers.invalid`
 */
export function crossLiquidationPrice(account: CrossAccount, instrumentId: InstrumentId): Price | undefined {
  const position = account.positions.find((each) => each.instrumentId === instrumentId);
  if (position === undefined)
    throw new ValidationError('position.unknown', `The account has no position in ${instrumentId}.`);
  const others = { ...account, positions: account.positions.filter((each) => each !== position) };
  const margin = toUsd(new Decimal(crossEquity(others)).minus(crossMaintenance(others)));
  return liquidationPrice({ ...position, margin });
}
