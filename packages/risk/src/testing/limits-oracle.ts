import { Decimal, type Instrument, type Price, type RiskLimits, type TradeDirection } from '@perpdesk/core';
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
  /** Equity the week began with and the highest so far, transfers apart; when the losses since the last winner were closed. */
  readonly weekOpen?: Decimal;
  readonly peak?: Decimal;
  readonly lossesAtMs?: readonly number[];
  /** How two losses go together, in [0, 1]. Absent: they add up. */
  readonly lossesGoTogether?: (a: Held, b: Held) => Decimal;
}

/** Something that may lose at its stop. */
export interface Held {
  readonly id: string;
  readonly way: TradeDirection;
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

  const liquidation = liquidatedAt(trade);
  const exit = trade.stop ?? new Decimal(liquidation ?? 0);
  const fees = size.times(entry.plus(exit)).times(fee);
  const loss = size.times(entry.minus(exit).abs()).plus(fees);
  const risks = sumOf(open.map(lossOf)).plus(sumOf(pending.map(({ reservation }) => reservation.riskAtStop)));
  const together = desk.lossesGoTogether ?? (() => new Decimal(1));
  const losses = [
    ...open.map((position) => ({ id: position.instrumentId, way: position.direction, loss: lossOf(position) })),
    ...pending.map(({ reservation }) => ({
      id: reservation.instrumentId,
      way: reservation.direction,
      loss: new Decimal(reservation.riskAtStop),
    })),
    { id: instrument.id, way: trade.direction, loss },
  ];
  const most = equity.times(limits.maxPortfolioRisk);
  if (desk.lossesGoTogether === undefined) need('portfolio risk', risks.plus(loss).lessThanOrEqualTo(most));
  else {
    let squared = new Decimal(0);
    for (const a of losses) for (const b of losses) squared = squared.plus(together(a, b).times(a.loss).times(b.loss));
    need('portfolio risk', squared.lessThanOrEqualTo(most.times(most)));
  }
  if (limits.maxVenueNotional !== undefined) {
    const here = sumOf(open.map(({ markPrice, size: held }) => new Decimal(markPrice).times(held)));
    const waiting = sumOf(pending.map(({ reservation }) => reservation.notional));
    need('venue exposure', here.plus(waiting).plus(notional).lessThanOrEqualTo(limits.maxVenueNotional));
  }
  if (limits.maxOrderNotional !== undefined)
    need('order notional', notional.lessThanOrEqualTo(limits.maxOrderNotional));
  const { weekOpen, peak } = desk;
  if (limits.weeklyLoss !== undefined && weekOpen !== undefined)
    need('week', weekOpen.minus(equity).lessThan(weekOpen.times(limits.weeklyLoss)));
  if (limits.maxDrawdown !== undefined && peak !== undefined) {
    const top = Decimal.max(peak, equity);
    need('drawdown', top.minus(equity).lessThan(top.times(limits.maxDrawdown)));
  }
  if (limits.maxLossesInRow !== undefined && desk.lossesAtMs !== undefined) {
    const last = Math.max(0, ...desk.lossesAtMs);
    const pauses = desk.lossesAtMs.length >= limits.maxLossesInRow;
    need('cooling off', !pauses || desk.atMs - last >= (limits.coolingOffMs ?? 60 * 60 * 1000));
  }
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

/**
 * The price at which margin + gain = notional·rate − deduction, tier by tier: the first one met on the way from the entry whose
 * notional lies in its tier. For tables without jumps.
 */
function liquidatedAt({ direction, size, entry, leverage, instrument }: Trade): Decimal | undefined {
  const margin = size.times(entry).dividedBy(leverage);
  const met: Decimal[] = [];
  for (const [index, tier] of instrument.marginTiers.entries()) {
    const rate = new Decimal(tier.maintenanceMarginRate);
    const notional =
      direction === 'long'
        ? size.times(entry).minus(margin).minus(tier.maintenanceDeduction).dividedBy(new Decimal(1).minus(rate))
        : size.times(entry).plus(margin).plus(tier.maintenanceDeduction).dividedBy(new Decimal(1).plus(rate));
    const next = instrument.marginTiers[index + 1]?.notionalFrom;
    const within =
      notional.greaterThanOrEqualTo(tier.notionalFrom) && (next === undefined || notional.lessThanOrEqualTo(next));
    if (within && notional.greaterThan(0)) met.push(notional.dividedBy(size));
  }
  if (met.length === 0) return undefined;
  return direction === 'long' ? Decimal.max(...met) : Decimal.min(...met);
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
