import {
  Decimal,
  type Instrument,
  liquidationPrice,
  type Price,
  type RiskLimits,
  type TradeDirection,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { PendingEntry } from '../state/pending-entry.ts';

/** A trade on top of an account, told in plain numbers. */
export interface Trade {
  readonly direction: TradeDirection;
  readonly size: Decimal;
  readonly entry: Decimal;
  readonly stop: Decimal | undefined;
  readonly leverage: number;
  readonly instrument: Instrument;
}

/** The account it is put on. */
export interface Desk {
  readonly limits: RiskLimits;
  readonly equity: Decimal;
  readonly available: Decimal;
  readonly dayOpen: Decimal;
  readonly positions: readonly HeldPosition[];
  readonly pending: readonly PendingEntry[];
  readonly atMs: number;
  readonly firstTrade: boolean;
  readonly operatorRoom: Decimal | undefined;
}

/**
 * Every limit of PRODUCT §2 that a trade would pass, by name; none: it is within all. Written from the table alone and apart
 * from the code that decides, in one function, without divisions where a product says the same.
 */
export function passedLimits(trade: Trade, desk: Desk): readonly string[] {
  const passed: string[] = [];
  const need = (name: string, holds: boolean): void => {
    if (!holds) passed.push(name);
  };
  const { limits, equity } = desk;
  const { size, entry, leverage, instrument } = trade;
  const fee = new Decimal(instrument.takerFeeRate);
  const notional = size.times(entry);
  const open = desk.positions.filter((position) => !new Decimal(position.size).isZero());
  const pending = desk.pending.filter(({ reservation }) => reservation.expiresAtMs > desk.atMs);
  const sumOf = (values: readonly (string | Decimal)[]) =>
    values.reduce<Decimal>((total, value) => total.plus(value), new Decimal(0));
  const pendingMargin = sumOf(pending.map(({ reservation }) => reservation.initialMargin));
  const pendingFees = sumOf(pending.map(({ reservation }) => reservation.fees));

  need('day', desk.dayOpen.minus(equity).lessThan(desk.dayOpen.times(limits.dailyLoss)));
  need('leverage', leverage <= limits.maxLeverage);
  const tier = instrument.marginTiers.findLast(({ notionalFrom }) => notional.greaterThanOrEqualTo(notionalFrom));
  need('instrument leverage', tier !== undefined && leverage <= tier.maxLeverage);
  // margin ≤ limit, times leverage on both sides
  need('position margin', notional.lessThanOrEqualTo(equity.times(limits.maxPositionMargin).times(leverage)));
  const margins = sumOf(open.map(({ margin }) => margin)).plus(pendingMargin);
  need(
    'total margin',
    notional.plus(margins.times(leverage)).lessThanOrEqualTo(equity.times(limits.maxTotalMargin).times(leverage)),
  );
  if (desk.firstTrade && limits.firstTradeNotional !== undefined) {
    need('first trade', notional.lessThanOrEqualTo(equity.times(limits.firstTradeNotional)));
  }
  const keys = new Set([
    ...open.map(({ instrumentId }) => instrumentId),
    ...pending.map(({ reservation }) => reservation.instrumentId),
    instrument.id,
  ]);
  need('positions', keys.size <= limits.maxOpenPositions);

  const liquidation = liquidationPrice({
    direction: trade.direction,
    entryPrice: toPrice(entry),
    size: toSize(size),
    margin: toUsd(notional.dividedBy(leverage)),
    tiers: instrument.marginTiers,
  });
  const exit = trade.stop ?? new Decimal(liquidation ?? 0);
  const fees = size.times(entry.plus(exit)).times(fee);
  const loss = size.times(entry.minus(exit).abs()).plus(fees);
  const risks = sumOf(open.map(lossOf)).plus(sumOf(pending.map(({ reservation }) => reservation.riskAtStop)));
  need('portfolio risk', risks.plus(loss).lessThanOrEqualTo(equity.times(limits.maxPortfolioRisk)));
  const room = desk.available.minus(pendingMargin).minus(pendingFees).minus(fees);
  need('available margin', notional.lessThanOrEqualTo(room.times(leverage)));
  if (desk.operatorRoom !== undefined) need('operator', notional.lessThanOrEqualTo(desk.operatorRoom));
  if (liquidation !== undefined && trade.stop !== undefined) {
    need(
      'liquidation',
      entry.minus(liquidation).abs().greaterThanOrEqualTo(entry.minus(trade.stop).abs().times('1.5')),
    );
    need(
      'liquidation side',
      trade.direction === 'long' ? trade.stop.greaterThan(liquidation) : trade.stop.lessThan(liquidation),
    );
  }
  need('lot', size.modulo(instrument.lotSize).isZero());
  need(
    'minimum',
    size.greaterThanOrEqualTo(instrument.minSize) && notional.greaterThanOrEqualTo(instrument.minNotional),
  );
  return passed;
}

/** 10 basis points of fee: the held instruments of the scenarios are not listed. */
function lossOf(position: HeldPosition): Decimal {
  const mark = new Decimal(position.markPrice);
  const size = new Decimal(position.size);
  const { stopLoss, stopSize } = position.protection;
  const to = (price: Price): Decimal => {
    const away = position.direction === 'long' ? mark.minus(price) : mark.minus(price).negated();
    return (away.isNegative() ? new Decimal(0) : away).plus(new Decimal(price).times('0.001'));
  };
  const stopped = stopLoss === undefined ? new Decimal(0) : Decimal.min(stopSize, size);
  const bare = size.minus(stopped);
  const barePer = position.liquidationPrice === undefined ? mark : to(position.liquidationPrice);
  return bare.times(barePer).plus(stopLoss === undefined ? 0 : stopped.times(to(stopLoss)));
}
