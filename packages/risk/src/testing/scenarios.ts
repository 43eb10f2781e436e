import {
  type Instrument,
  type InstrumentId,
  type MarginTier,
  type Price,
  type Rate,
  type RiskLimits,
  type Size,
  tierSchema,
  toRate,
  toSize,
  toUsd,
  type Usd,
} from '@perpdesk/core';
import fc from 'fast-check';
import type { HeldPosition } from '../exposure/held-position.ts';
import type { EntryInput } from '../order/order-input.ts';
import { orderLimitDefaults } from '../order/order-limits.ts';
import type { RecommendationInput } from '../recommendation/recommendation-input.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import { emptyMemory } from '../state/risk-memory.ts';
import { limitsFor } from '../tiers/limits-for.ts';
import {
  anAccount,
  anInstrument,
  anIntent,
  aPending,
  aPosition,
  aRecommendation,
  aTicker,
  aUser,
  fresh,
  noonMs,
} from './fixtures.ts';

const tier = (from: number, maxLeverage: number, rate: number, deduction: number): MarginTier => ({
  notionalFrom: toUsd(from),
  maxLeverage,
  maintenanceMarginRate: toRate(rate),
  maintenanceDeduction: toUsd(deduction),
});
const tables: readonly (readonly MarginTier[])[] = [
  [tier(0, 40, 0.0125, 0)],
  [tier(0, 3, 0.1667, 0)],
  [tier(0, 50, 0.01, 0), tier(20_000, 10, 0.05, 800), tier(100_000, 5, 0.1, 5_800)],
  [tier(0, 125, 0.004, 0), tier(50_000, 100, 0.005, 50), tier(500_000, 50, 0.01, 2_550)],
];

// Written out, not reckoned: a hundred thousand scenarios are made.
const share = (thousandths: number): Rate => (thousandths / 1000).toFixed(3) as Rate;
const cents = (amount: number): Usd => (amount / 100).toFixed(2) as Usd;
const size3 = (thousandths: number): Size => (thousandths / 1000).toFixed(3) as Size;
const whole = (price: number): Price => price.toFixed(0) as Price;
const tenths = (amount: number): Price =>
  (amount % 10 === 0 ? (amount / 10).toFixed(0) : (amount / 10).toFixed(1)) as Price;
/** So many lots of a size, written without zeros at its end. */
const sizeOf = (count: bigint, places: number): Size => {
  const digits = `${count}`.padStart(places + 1, '0');
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return (
    places === 0 || fraction === '' ? `${count / 10n ** BigInt(places)}` : `${digits.slice(0, -places)}.${fraction}`
  ) as Size;
};
const lots = [0, 1, 2, 3, 4, 5].map((places) => sizeOf(1n, places));
const fees = Array.from({ length: 21 }, (_, tenThousandths) => toRate(tenThousandths / 10_000));
const notionals = [0, 1, 10].map((least) => toUsd(least));
const any = fc.integer;

const overrides: fc.Arbitrary<Partial<RiskLimits>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        any({ min: 1, max: 50 }),
        any({ min: 1, max: 100 }),
        any({ min: 1, max: 400 }),
        any({ min: 1, max: 900 }),
        any({ min: 1, max: 200 }),
        any({ min: 1, max: 1000 }),
      )
      .map(([maxLeverage, riskPerTrade, position, total, risk, first]) => ({
        maxLeverage,
        riskPerTrade: share(riskPerTrade),
        maxPositionMargin: share(position),
        maxTotalMargin: share(total),
        maxPortfolioRisk: share(risk),
        firstTradeNotional: share(first),
      })),
  },
);

/** In thousandths of equity, so that limits are met from both sides. */
const position = fc.record({
  name: any({ min: 0, max: 5 }),
  notional: any({ min: 0, max: 600 }),
  margin: any({ min: 0, max: 200 }),
  stop: any({ min: -5, max: 60 }),
  short: fc.boolean(),
  protection: fc.constantFrom('whole', 'whole', 'half', 'none', 'none, no liquidation' as const),
});
const reservation = fc.record({
  name: any({ min: 0, max: 9 }),
  margin: any({ min: 0, max: 200 }),
  risk: any({ min: 0, max: 20 }),
  over: fc.boolean(),
});
type Item<Made> = Made extends fc.Arbitrary<infer Value> ? Value : never;

function heldOf(
  { name, notional, margin, stop, short, protection }: Item<typeof position>,
  equity: number,
): HeldPosition {
  const thousandths = Math.floor((equity * notional) / 300_000);
  const away = (share: number): number => (short ? 3000 + 3 * share : 3000 - 3 * share);
  const stopSize = protection === 'whole' ? thousandths : protection === 'half' ? thousandths >> 1 : 0;
  return aPosition({
    instrumentId: `HELD${name}-PERP@hyperliquid`,
    direction: short ? 'short' : 'long',
    size: size3(thousandths),
    margin: cents(Math.floor((equity * margin) / 1000)),
    protection: {
      ...(stopSize === 0 ? {} : { stopLoss: whole(away(stop)) }),
      stopSize: size3(stopSize),
      takeProfits: [],
    },
    ...(protection === 'none, no liquidation' ? {} : { liquidationPrice: whole(away(100)) }),
  });
}

function pendingOf({ name, margin, risk, over }: Item<typeof reservation>, equity: number): PendingEntry {
  const share = (thousandths: number): Usd => cents(Math.floor((equity * thousandths) / 1000));
  return aPending({
    signalId: `signal:${name}:${margin}:${risk}`,
    instrumentId: `PENDING${name}-PERP@hyperliquid`,
    initialMargin: share(margin),
    fees: share(Math.ceil(margin / 10)),
    notional: share(margin * 3),
    riskAtStop: share(risk),
    expiresAtMs: over ? noonMs : noonMs + 1,
  });
}

/** What a scenario is made of. */
const desk = fc.record({
  tier: fc.constantFrom(...tierSchema.options),
  overrides,
  equity: fc.oneof(any({ min: 0, max: 200_000 }), any({ min: 100_000, max: 1_000_000_000 })),
  available: any({ min: 0, max: 1000 }),
  dayOpen: any({ min: 800, max: 1400 }),
  ticks: fc.oneof(any({ min: 10, max: 5_000 }), any({ min: 100_000, max: 1_200_000 })),
  stop: fc.oneof(any({ min: 1, max: 40 }), any({ min: 1, max: 600 })),
  short: fc.boolean(),
  lot: any({ min: 0, max: 5 }),
  minNotional: fc.constantFrom(...notionals),
  fee: any({ min: 0, max: 20 }),
  table: fc.constantFrom(...tables),
  positions: fc.array(position, { maxLength: 3 }),
  pending: fc.array(reservation, { maxLength: 3 }),
  filledTrades: any({ min: 0, max: 2 }),
  pyramiding: fc.boolean(),
  operatorRoom: fc.oneof(
    { weight: 3, arbitrary: fc.constant(-1) },
    { weight: 1, arbitrary: any({ min: 0, max: 2_000_000 }) },
  ),
});
type Desk = Item<typeof desk>;
const usedByOperator = toUsd(1000);
const allOfIt = toRate(1);

function parts(made: Desk) {
  const instrument: Instrument = anInstrument({
    lotSize: lots[made.lot] ?? toSize(1),
    minSize: lots[made.lot] ?? toSize(1),
    minNotional: made.minNotional,
    takerFeeRate: fees[made.fee] ?? toRate(0),
    marginTiers: [...made.table],
  });
  const { ticks, short } = made;
  const distance = Math.max(1, Math.floor((ticks * made.stop) / 1000));
  const direction: 'long' | 'short' = short ? 'short' : 'long';
  const stopLoss = tenths(short ? ticks + distance : ticks - distance);
  const takeProfit = tenths(short ? ticks - Math.floor(ticks / 20) * 10 - 1 : ticks + distance);
  const user = aUser({ tier: made.tier, limits: made.overrides, pyramiding: made.pyramiding });
  const account = anAccount(cents(made.equity), {
    availableMargin: cents(Math.floor((made.equity * made.available) / 1000)),
  });
  const operator = {
    usedNotional: usedByOperator,
    ...(made.operatorRoom < 0 ? {} : { maxNotional: `${1000 + made.operatorRoom}` as Usd }),
  };
  const lookup = (_: string, id: InstrumentId) => (id === instrument.id ? instrument : undefined);
  const dayOpenEquity = cents(Math.floor((made.equity * made.dayOpen) / 1000));
  const positions = made.positions.map((held) => heldOf(held, made.equity));
  const pending = made.pending.map((entry) => pendingOf(entry, made.equity));
  return {
    instrument,
    entry: tenths(ticks),
    direction,
    stopLoss,
    takeProfit,
    user,
    account,
    operator,
    lookup,
    dayOpenEquity,
    positions,
    pending,
  };
}

/** A recommendation for one user with a random account, positions, reservations, instrument and plan. */
export const recommendationScenarios: fc.Arbitrary<RecommendationInput> = fc
  .record({
    made: desk,
    confidence: any({ min: 590, max: 1000 }),
    scaling: fc.constantFrom('fixed' as const, 'volatility-based' as const, 'confidence-based' as const),
    atr: any({ min: 1, max: 300 }),
  })
  .map(({ made, confidence, scaling, atr }) => {
    const {
      instrument,
      entry,
      direction,
      stopLoss,
      takeProfit,
      user,
      account,
      operator,
      lookup,
      dayOpenEquity,
      positions,
      pending,
    } = parts(made);
    const ticker = fresh(aTicker(instrument.id, made.ticks / 10));
    const recommendation = aRecommendation({
      direction,
      entry,
      stopLoss,
      takeProfits: [{ price: takeProfit, fraction: allOfIt }],
      confidence: confidence / 1000,
      scaling,
      atr,
      atrMedian: 100,
    });
    return {
      recommendation,
      user,
      limits: limitsFor(user),
      atMs: noonMs,
      tradingState: 'active',
      auditWritable: true,
      leased: true,
      referenceTicker: ticker,
      candidates: [
        {
          name: 'paper',
          kind: 'paper',
          marginModes: ['isolated', 'cross'],
          unhealthy: undefined,
          listings: [{ instrument, ticker }],
          account: fresh(account),
          dayOpenEquity,
          filledTrades: made.filledTrades,
        },
      ],
      positions,
      openOrders: [],
      pending,
      memory: emptyMemory,
      opinions: [],
      operator,
      instrument: lookup,
    };
  });

/** An order of anybody on a random account. */
export const orderScenarios: fc.Arbitrary<EntryInput> = fc
  .record({
    made: desk,
    margin: any({ min: 1, max: 80 }),
    leverage: fc.oneof(any({ min: 1, max: 6 }), any({ min: 1, max: 50 })),
    withStop: fc.boolean(),
    off: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: any({ min: -60, max: 60 }) }),
  })
  .map(({ made, margin, leverage, withStop, off }) => {
    const {
      instrument,
      entry,
      direction,
      stopLoss,
      user,
      account,
      operator,
      lookup,
      dayOpenEquity,
      positions,
      pending,
    } = parts(made);
    // A share of equity in thousandths, so that the limits are met from both sides.
    const wanted =
      (BigInt(made.equity) * BigInt(margin * leverage) * 10n ** BigInt(made.lot)) / (10_000n * BigInt(made.ticks));
    return {
      intent: anIntent({
        side: direction === 'long' ? 'buy' : 'sell',
        price: entry,
        size: sizeOf(wanted > 1n ? wanted : 1n, made.lot),
        stopLoss: withStop ? stopLoss : undefined,
        leverage,
      }),
      atMs: noonMs,
      positions,
      orderLimits: orderLimitDefaults,
      exitMessages: 0,
      tradingState: 'active',
      auditWritable: true,
      leased: true,
      user,
      limits: limitsFor(user),
      venue: { name: 'paper', kind: 'paper', marginModes: ['isolated', 'cross'], unhealthy: undefined },
      instrument,
      permitted: true,
      ticker: fresh(aTicker(instrument.id, (made.ticks * (1000 + off)) / 10_000)),
      referenceTicker: undefined,
      book: undefined,
      account: fresh(account),
      dayOpenEquity,
      filledTrades: made.filledTrades,
      openOrders: [],
      pending,
      memory: emptyMemory,
      operator,
      lookup,
      entryMessages: 0,
      duplicateOf: undefined,
    };
  });
