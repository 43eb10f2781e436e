import { Decimal, zeroUsd } from '@perpdesk/core';
import type { EngineAccount, EnginePosition, ExchangeEngine } from '../engine/exchange-engine.ts';
import type { ExchangeRecords } from '../records/exchange-records.ts';
import { wireDecimal } from './wire-decimal.ts';

/** Dollars have six decimals at the venue. */
const usd = (value: Decimal | string): string => wireDecimal(value, 6);

/** The state of an account that never deposited. */
export const emptyAccount = (account: string): EngineAccount => ({
  account,
  accountValue: zeroUsd,
  totalMarginUsed: zeroUsd,
  totalNotional: zeroUsd,
  withdrawable: zeroUsd,
  crossMaintenanceMarginUsed: zeroUsd,
  positions: [],
});

/** An account's margin and positions, as `clearinghouseState` shows them. */
export function wireAccount(
  account: EngineAccount,
  engine: ExchangeEngine,
  records: ExchangeRecords,
  nowMs: number,
): Record<string, unknown> {
  const isolated = account.positions.filter((position) => position.marginMode === 'isolated');
  const value = new Decimal(account.accountValue);
  const isolatedMargin = total(isolated, (position) => new Decimal(position.marginUsed));
  const notional = new Decimal(account.totalNotional);
  const isolatedNotional = total(isolated, (position) => new Decimal(position.positionValue).abs());
  const rawUsd = value.minus(total(account.positions, signedValue));
  return {
    marginSummary: {
      accountValue: usd(value),
      totalNtlPos: usd(notional),
      totalRawUsd: usd(rawUsd),
      totalMarginUsed: usd(account.totalMarginUsed),
    },
    crossMarginSummary: {
      accountValue: usd(value.minus(isolatedMargin)),
      totalNtlPos: usd(notional.minus(isolatedNotional)),
      totalRawUsd: usd(rawUsd.minus(total(isolated, rawUsdOf))),
      totalMarginUsed: usd(new Decimal(account.totalMarginUsed).minus(isolatedMargin)),
    },
    crossMaintenanceMarginUsed: usd(account.crossMaintenanceMarginUsed),
    withdrawable: usd(account.withdrawable),
    assetPositions: account.positions.map((position) => wirePosition(position, account.account, engine, records)),
    time: nowMs,
  };
}

function wirePosition(
  position: EnginePosition,
  account: string,
  engine: ExchangeEngine,
  records: ExchangeRecords,
): Record<string, unknown> {
  const asset = engine.assets.find((candidate) => candidate.coin === position.coin);
  const initial = new Decimal(position.entryPrice).times(position.size).abs().dividedBy(position.leverage);
  const paid = records
    .fundings(account)
    .filter((funding) => funding.coin === position.coin)
    .reduce((sum, funding) => sum.minus(funding.usd), new Decimal(0));
  const sinceOpen = new Decimal(position.fundingSinceOpen).negated();
  return {
    type: 'oneWay',
    position: {
      coin: position.coin,
      szi: wireDecimal(position.size),
      leverage: wireLeverage(position),
      entryPx: wireDecimal(position.entryPrice),
      positionValue: usd(new Decimal(position.positionValue).abs()),
      unrealizedPnl: usd(position.unrealizedPnl),
      returnOnEquity: wireDecimal(
        initial.isZero() ? new Decimal(0) : new Decimal(position.unrealizedPnl).dividedBy(initial),
      ),
      liquidationPx: position.liquidationPrice === undefined ? null : wireDecimal(position.liquidationPrice),
      marginUsed: usd(position.marginUsed),
      maxLeverage: asset?.maxLeverage ?? position.leverage,
      cumFunding: { allTime: usd(paid), sinceOpen: usd(sinceOpen), sinceChange: usd(sinceOpen) },
    },
  };
}

/** What an account could trade of a coin now, as `activeAssetData` shows it: buying first, selling second. */
export function wireActiveAsset(account: EngineAccount, engine: ExchangeEngine, coin: string): Record<string, unknown> {
  const asset = engine.assets.find((candidate) => candidate.coin === coin);
  const setting = engine.leverage(account.account, coin);
  const position = account.positions.find((held) => held.coin === coin);
  const mark = new Decimal(engine.markPrice(coin));
  const available = (side: 'buy' | 'sell'): Decimal => {
    const free = Decimal.max(0, account.withdrawable);
    const closes = position !== undefined && new Decimal(position.size).isNegative() === (side === 'buy');
    return closes ? free.plus(new Decimal(position.marginUsed).times(2)) : free;
  };
  const size = (side: 'buy' | 'sell'): string =>
    wireDecimal(
      mark.isZero()
        ? 0
        : available(side)
            .times(setting.leverage)
            .dividedBy(mark)
            .toDecimalPlaces(asset?.sizeDecimals ?? 0, Decimal.ROUND_DOWN),
    );
  return {
    user: account.account,
    coin,
    leverage:
      position === undefined
        ? setting.marginMode === 'cross'
          ? { type: 'cross', value: setting.leverage }
          : { type: 'isolated', value: setting.leverage, rawUsd: '0.0' }
        : wireLeverage(position),
    maxTradeSzs: [size('buy'), size('sell')],
    availableToTrade: [usd(available('buy')), usd(available('sell'))],
    markPx: wireDecimal(mark),
  };
}

const wireLeverage = (position: EnginePosition): Record<string, unknown> =>
  position.marginMode === 'cross'
    ? { type: 'cross', value: position.leverage }
    : { type: 'isolated', value: position.leverage, rawUsd: usd(rawUsdOf(position)) };

const signedValue = (position: EnginePosition): Decimal => {
  const value = new Decimal(position.positionValue).abs();
  return new Decimal(position.size).isNegative() ? value.negated() : value;
};

/** The dollars in an isolated position beside its coins: its margin is both together. */
const rawUsdOf = (position: EnginePosition): Decimal => new Decimal(position.marginUsed).minus(signedValue(position));

const total = (positions: readonly EnginePosition[], of: (position: EnginePosition) => Decimal): Decimal =>
  positions.reduce((sum, position) => sum.plus(of(position)), new Decimal(0));
