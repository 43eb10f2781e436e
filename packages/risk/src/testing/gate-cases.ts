import {
  Decimal,
  type InstrumentId,
  type MarginTier,
  type OrderIntent,
  type RiskLimits,
  SeededRandom,
  type Ticker,
  type Tier,
} from '@perpdesk/core';
import type { HeldPosition } from '../exposure/held-position.ts';
import { entryControls, judge } from '../order/judge.ts';
import type { EntryInput } from '../order/order-input.ts';
import { orderLimitDefaults } from '../order/order-limits.ts';
import { parseIntent } from '../order/validity.ts';
import { emptyMemory } from '../state/risk-memory.ts';
import { tierDefaults } from '../tiers/tier-defaults.ts';
import { anAccount, anInstrument, aPending, aPosition, aTicker, aUser, fresh, noonMs, stale } from './fixtures.ts';
import { orderFaults } from './order-oracle.ts';

/** What a run of cases came to. */
export interface GateCaseCounts {
  readonly cases: number;
  readonly approved: number;
  /** Refused, by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Let pass though the oracle says it is above a limit, by what it is above. Must be empty. */
  readonly above: Readonly<Record<string, number>>;
  /** Refused, and let pass with a tighter limit, by the limit. Must be empty. */
  readonly loosened: Readonly<Record<string, number>>;
  /** Refusals without a limit or an actual value. Must be 0. */
  readonly unsaid: number;
  /** The first cases that did not hold. */
  readonly examples: readonly string[];
}

const text = (value: number, places = 3): never => value.toFixed(places) as never;
const tier = (from: number, maxLeverage: number, rate: number, deduction: number): MarginTier => ({
  notionalFrom: text(from, 0),
  maxLeverage,
  maintenanceMarginRate: text(rate, 4),
  maintenanceDeduction: text(deduction, 0),
});
/** Tables without jumps. */
const tables: readonly (readonly MarginTier[])[] = [
  [tier(0, 40, 0.0125, 0)],
  [tier(0, 3, 0.1667, 0)],
  [tier(0, 50, 0.01, 0), tier(20_000, 10, 0.05, 800), tier(100_000, 5, 0.1, 5_800)],
  [tier(0, 125, 0.004, 0), tier(50_000, 100, 0.005, 50), tier(500_000, 50, 0.01, 2_550)],
];
const lotTexts = ['1', '0.1', '0.01', '0.001', '0.0001', '0.00001'];
const tiers: readonly Tier[] = ['beginner', 'intermediate', 'advanced'];
/** What stands where a number should. */
const notNumbers: readonly unknown[] = [
  ...['NaN', 'Infinity', '-Infinity', '1e400', '-1', '-0', '0', '+5', '0x10', '1e3', '６０', '١', ' 1', '1 ', ''],
  ...[Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MAX_VALUE, -1, 5, null, undefined, {}, [], true, '1'.repeat(31)],
];
/** What looks like BTC-PERP@hyperliquid and is not. */
const lookAlikes = [
  ...['ВTC-PERP@hyperliquid', 'BТC-PERP@hyperliquid', 'BTС-PERP@hyperliquid', 'ＢＴＣ-PERP@hyperliquid'],
  ...['BTC\u200b-PERP@hyperliquid', 'btc-PERP@hyperliquid', 'BTC-PERP@hуperliquid', 'BTC-PERP @hyperliquid'],
  ...['BTC–PERP@hyperliquid', 'BTC-PERP@', '@', '', 'BTC-PERP', '__proto__', 'constructor'],
];
const floats: readonly number[] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, -1];

/** A random order on a random account with random limits: what it should be, or spoiled in the order or in what is known. */
class GateCase {
  readonly #random: SeededRandom;

  constructor(seed: string) {
    this.#random = new SeededRandom(seed);
  }

  #int(least: number, most: number): number {
    return least + Math.floor(this.#random.next() * (most - least + 1));
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#int(0, items.length - 1)] as Item;
  }

  limits(base: RiskLimits): RiskLimits {
    const limits: RiskLimits = { ...base };
    const rates = ['maxPositionMargin', 'maxTotalMargin', 'maxPortfolioRisk', 'dailyLoss'] as const;
    if (this.#chance(0.6)) {
      limits.maxLeverage = this.#int(1, 50);
      for (const name of rates) limits[name] = text(this.#int(1, name === 'maxTotalMargin' ? 900 : 400) / 1000);
    }
    if (this.#chance(0.3)) limits.firstTradeNotional = text(this.#int(1, 1000) / 1000);
    if (this.#chance(0.3)) limits.maxOrderNotional = text(this.#int(100, 200_000), 2);
    if (this.#chance(0.3)) limits.maxVenueNotional = text(this.#int(100, 400_000), 2);
    if (this.#chance(0.3)) limits.weeklyLoss = text(this.#int(1, 500) / 1000);
    if (this.#chance(0.3)) limits.maxDrawdown = text(this.#int(1, 500) / 1000);
    if (this.#chance(0.3)) limits.maxLossesInRow = this.#int(1, 5);
    if (this.#chance(0.3)) limits.coolingOffMs = this.#int(1, 7_200_000);
    if (this.#chance(0.3)) limits.maxOpenPositions = this.#int(1, 5);
    return limits;
  }

  #position(equity: number, name: number): HeldPosition {
    const short = this.#chance(0.5);
    const size = (equity * this.#int(0, 600)) / 1000 / 3000;
    const stop = this.#int(-5, 60);
    const covered = this.#one([1, 1, 0.5, 0]);
    return aPosition({
      instrumentId: `HELD${name}-PERP@hyperliquid`,
      direction: short ? 'short' : 'long',
      size: text(size),
      margin: text((equity * this.#int(0, 200)) / 1000, 2),
      protection: {
        ...(covered === 0 ? {} : { stopLoss: text(short ? 3000 + 3 * stop : 3000 - 3 * stop, 0) }),
        stopSize: text(size * covered),
        takeProfits: [],
      },
      ...(this.#chance(0.7) ? { liquidationPrice: text(short ? 3300 : 2700, 0) } : {}),
    });
  }

  /** The order as it is asked for, and what is known. */
  make(): { readonly asked: Record<string, unknown>; readonly state: Omit<EntryInput, 'intent'>; spoiled: boolean } {
    const equity = this.#chance(0.7) ? this.#int(100, 200_000) : this.#int(100_000, 10_000_000);
    const entry = this.#chance(0.5) ? this.#int(10, 5_000) / 10 : this.#int(100_000, 1_200_000) / 10;
    const short = this.#chance(0.5);
    const table = this.#one(tables);
    const lot = this.#one(lotTexts);
    const instrument = anInstrument({
      lotSize: lot as never,
      minSize: lot as never,
      minNotional: text(this.#one([0, 1, 10]), 0),
      takerFeeRate: text(this.#int(0, 20) / 10_000, 4),
      marginTiers: [...table],
    });
    const leverage = this.#chance(0.5) ? this.#int(1, 6) : this.#int(1, 50);
    const wanted = (equity * this.#int(1, 80) * leverage) / 1000 / entry;
    const lots = Math.max(1, Math.floor(wanted / Number(lot)));
    const size = new Decimal(lots).times(lot);
    const away = Math.max(1, Math.floor((entry * this.#int(1, this.#chance(0.7) ? 60 : 600)) / 100)) / 10;
    const stop = short ? entry + away : entry - away;
    const id: InstrumentId = instrument.id;
    const off = this.#chance(0.75) ? 1 : 1 + this.#int(-70, 70) / 1000;
    const mark = Number((entry * off).toPrecision(12));
    const user = aUser({ tier: this.#one(tiers), pyramiding: this.#chance(0.5) });
    const deposits = this.#int(0, equity);
    const account = anAccount(text(equity, 2), {
      deposits: text(deposits, 2),
      availableMargin: text((equity * this.#int(100, 1000)) / 1000, 2),
    });
    const lossCount = this.#chance(0.6) ? 0 : this.#int(1, 5);
    const lossesAtMs = Array.from({ length: lossCount }, () => noonMs - this.#int(0, 7_200_000));
    const was = (share: number) => ({ equity: text((equity * share) / 1000, 2), deposits: text(deposits, 2) });
    const memory = {
      ...emptyMemory,
      weekOpen: this.#chance(0.6) ? { paper: { week: '2026-01-05', ...was(this.#int(800, 1400)) } } : {},
      peak: this.#chance(0.6) ? { paper: was(this.#int(800, 1600)) } : {},
      losses: lossesAtMs.map((atMs, index) => ({ id: `loss-${index}`, atMs })),
    };
    const correlated = this.#chance(0.25);
    const rho = this.#one([-1, -0.5, 0, 0.2, 0.8, 1, 2, Number.NaN]);
    const state: Omit<EntryInput, 'intent'> = {
      atMs: noonMs,
      positions: Array.from({ length: this.#int(0, 3) }, (_, index) => this.#position(equity, index)),
      orderLimits: {
        ...orderLimitDefaults,
        ...(this.#chance(0.2) ? { priceCollar: text(this.#int(1, 50) / 1000) } : {}),
        ...(this.#chance(0.1) ? { maxOrderSize: { 'BTC-PERP': text(this.#int(1, 100_000) / 1000) } } : {}),
      },
      exitMessages: 0,
      tradingState: this.#chance(0.95) ? 'active' : this.#one(['reducing', 'halted'] as const),
      auditWritable: this.#chance(0.98),
      leased: this.#chance(0.98),
      user,
      limits: this.limits(tierDefaults[user.tier]),
      venue: { name: 'paper', kind: 'paper', marginModes: ['isolated', 'cross'], unhealthy: undefined },
      instrument,
      permitted: true,
      ticker: fresh(aTicker(id, mark)),
      referenceTicker: undefined,
      book: undefined,
      account: fresh(account),
      dayOpenEquity: text((equity * this.#int(800, 1400)) / 1000, 2),
      filledTrades: this.#int(0, 2),
      openOrders: [],
      pending: Array.from({ length: this.#int(0, 2) }, (_, index) =>
        aPending({
          signalId: `signal:${index}`,
          instrumentId: `PENDING${index}-PERP@hyperliquid`,
          direction: this.#chance(0.5) ? 'long' : 'short',
          initialMargin: text((equity * this.#int(0, 200)) / 1000, 2),
          fees: text((equity * this.#int(0, 20)) / 1000, 2),
          notional: text((equity * this.#int(0, 600)) / 1000, 2),
          riskAtStop: text((equity * this.#int(0, 20)) / 1000, 2),
          expiresAtMs: this.#chance(0.3) ? noonMs : noonMs + 1,
        }),
      ),
      memory,
      operator: {
        usedNotional: text(1000, 0),
        ...(this.#chance(0.2) ? { maxNotional: text(1000 + this.#int(0, 2_000_000), 0) } : {}),
      },
      lookup: (_, wantedId) => (wantedId === id ? instrument : undefined),
      ...(correlated ? { correlation: () => rho } : {}),
      entryMessages: this.#chance(0.97) ? this.#int(0, 29) : 30,
      duplicateOf: undefined,
    };
    const asked: Record<string, unknown> = {
      clientOrderId: '0'.repeat(32),
      userId: 'ada',
      venue: 'paper',
      instrumentId: id,
      side: short ? 'sell' : 'buy',
      type: 'limit',
      size: (this.#chance(0.05) ? size.times('1.25') : size).toFixed(),
      price: this.#chance(0.05) ? (entry + 0.05).toFixed(2) : entry.toFixed(1),
      timeInForce: 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      origin: this.#one(['manual', 'agent', 'api', 'chat']),
      ...(this.#chance(0.7) ? { stopLoss: stop.toFixed(1) } : {}),
      leverage,
    };
    return this.#chance(0.25) ? this.#spoil(asked, state) : { asked, state, spoiled: false };
  }

  #spoil(asked: Record<string, unknown>, state: Omit<EntryInput, 'intent'>): ReturnType<GateCase['make']> {
    const bad = this.#one(notNumbers);
    switch (this.#int(0, 5)) {
      case 0:
        return { asked: { ...asked, instrumentId: this.#one(lookAlikes) }, state, spoiled: true };
      case 1:
      case 2: {
        // An absent stop is no fault, and "5" or 5 may be what somebody means: what passes is judged by the oracle as it is.
        const field = this.#one(['size', 'price', 'stopLoss', 'leverage'] as const);
        return { asked: { ...asked, [field]: bad }, state, spoiled: false };
      }
      case 3: {
        const field = this.#one(['mark', 'bid', 'ask', 'last', 'index'] as const);
        const ticker: Ticker = { ...(state.ticker?.value as Ticker), [field]: this.#one(floats) };
        return { asked, state: { ...state, ticker: fresh(ticker) }, spoiled: true };
      }
      case 4: {
        const ticker = state.ticker?.value as Ticker;
        const field = this.#one(['ticker', 'account'] as const);
        const worse = field === 'ticker' ? stale(ticker) : state.account && stale(state.account.value);
        return { asked, state: { ...state, [field]: this.#chance(0.5) ? undefined : worse }, spoiled: true };
      }
      default: {
        const field = this.#one(['equity', 'availableMargin'] as const);
        const value = this.#one(['NaN', '-1', '0', '-0', 'Infinity', '1e400', '']) as never;
        const account = state.account && fresh({ ...state.account.value, [field]: value });
        return { asked, state: { ...state, account }, spoiled: true };
      }
    }
  }

  /** One limit made tighter. */
  tightened(state: Omit<EntryInput, 'intent'>): {
    readonly name: string;
    readonly state: Omit<EntryInput, 'intent'>;
  } {
    const { limits } = state;
    const factor = this.#int(1, 999);
    const name = this.#one(tightenable);
    if (name === 'priceCollar') {
      const priceCollar = new Decimal(state.orderLimits.priceCollar).times(factor).dividedBy(1000).toFixed() as never;
      return { name, state: { ...state, orderLimits: { ...state.orderLimits, priceCollar } } };
    }
    const present = limits[name] ?? (name.endsWith('Notional') && name !== 'firstTradeNotional' ? 100_000 : 1);
    const value =
      name === 'coolingOffMs'
        ? (limits.coolingOffMs ?? 3_600_000) + factor * 1_000
        : name === 'maxLeverage' || name === 'maxOpenPositions' || name === 'maxLossesInRow'
          ? Math.max(1, Math.floor((Number(limits[name] ?? 5) * factor) / 1000))
          : new Decimal(present).times(factor).dividedBy(1000).toFixed();
    return { name, state: { ...state, limits: { ...limits, [name]: value } } };
  }
}

const tightenable = [
  ...(['maxLeverage', 'maxPositionMargin', 'maxTotalMargin', 'maxPortfolioRisk', 'dailyLoss'] as const),
  ...(['maxOpenPositions', 'firstTradeNotional', 'maxOrderNotional', 'maxVenueNotional', 'weeklyLoss'] as const),
  ...(['maxDrawdown', 'maxLossesInRow', 'coolingOffMs', 'priceCollar'] as const),
];

/**
 * Runs seeded cases of door 2 against the oracle: nothing above a limit may pass, and no tighter limit may let pass what was
 * refused. `without` switches one control off, to see that the oracle notices; `until` ends the run with the first case that is above
 * a limit of that name.
 */
export function runGateCases(options: {
  readonly seed: string;
  readonly cases: number;
  readonly without?: string;
  readonly until?: string;
}): GateCaseCounts {
  const controls = entryControls.filter(({ name }) => name !== options.without);
  const refused: Record<string, number> = {};
  const above: Record<string, number> = {};
  const loosened: Record<string, number> = {};
  const examples: string[] = [];
  let [approved, unsaid] = [0, 0];
  const count = (counts: Record<string, number>, name: string, index: number): void => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (counts !== refused && examples.length < 10) examples.push(`${options.seed}:${index} ${name}`);
  };
  let index = 0;
  for (; index < options.cases; index += 1) {
    if (options.until !== undefined && above[options.until] !== undefined) break;
    const made = new GateCase(`${options.seed}:${index}`);
    const { asked, state, spoiled } = made.make();
    const parsed = parseIntent(asked);
    const judged = (given: Omit<EntryInput, 'intent'>, intent: OrderIntent) => judge(controls, { ...given, intent });
    const rejection = parsed.ok ? judged(state, parsed.intent).rejection : parsed.rejection;
    if (rejection !== undefined) {
      count(refused, rejection.code, index);
      if (!rejection.limit || !rejection.actual) unsaid += 1;
      if (!parsed.ok) continue;
      const tighter = made.tightened(state);
      if (judged(tighter.state, parsed.intent).rejection === undefined) count(loosened, tighter.name, index);
      continue;
    }
    approved += 1;
    if (spoiled) count(above, 'spoiled', index);
    else if (parsed.ok)
      for (const fault of orderFaults({ ...state, intent: parsed.intent })) count(above, fault, index);
  }
  return { cases: index, approved, refused, above, loosened, unsaid, examples };
}
