import {
  type Account,
  type AccountView,
  type Instrument,
  type InstrumentId,
  type MarketView,
  type Order,
  type OrderIntent,
  type Reading,
  type Recommendation,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  type Ticker,
  type User,
  type UserDirectory,
} from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import type { HeldPosition } from '../exposure/held-position.ts';
import { Brix } from '../gate/brix.ts';
import type { BrixOptions } from '../gate/brix-options.ts';
import { MemoryRiskStateStore } from '../state/memory-risk-state-store.ts';
import { MemoryTradingSwitch } from '../switch/memory-trading-switch.ts';
import { anAccount, anInstrument, anIntent, aRecommendation, aTicker, aUser, fresh, noonMs } from './fixtures.ts';

/** Everything around a Brix, in memory, with knobs. */
export class FakeDesk {
  readonly clock = new SimulatedClock({ startAtMs: noonMs });
  readonly ids = new SortableIdGenerator({ clock: this.clock, random: new SeededRandom('risk') });
  readonly authority = new HmacApprovalAuthority({ clock: this.clock, ids: this.ids });
  readonly tradingSwitch = new MemoryTradingSwitch();
  readonly accounts = new Map<string, Reading<Account>>();
  readonly positions = new Map<string, HeldPosition[]>();
  readonly openOrders = new Map<string, Order[]>();
  readonly users: User[] = [];
  instruments: Instrument[];
  directoryDown = false;
  prices = new Map<InstrumentId, Reading<Ticker>>();

  constructor(markets: readonly string[] = ['BTC']) {
    this.instruments = markets.map((base) => anInstrument({ id: `${base}-PERP@hyperliquid`, base }));
    for (const { id } of this.instruments) this.prices.set(id, fresh(aTicker(id, 60_000)));
  }

  /** A user with an account on paper. */
  add(overrides: Partial<User> = {}, equity = 10_000): User {
    const user = aUser(overrides);
    this.users.push(user);
    this.accounts.set(user.id, fresh(anAccount(equity, { userId: user.id })));
    return user;
  }

  brix(options: Partial<BrixOptions> = {}): Brix {
    return new Brix(this.options(options));
  }

  /** What a Brix of this desk is made of. */
  options(options: Partial<BrixOptions> = {}): BrixOptions {
    return {
      clock: this.clock,
      users: this.directory(),
      accounts: this.accountView(),
      marketView: this.marketView(),
      venues: (name) =>
        name === 'paper'
          ? {
              name,
              capabilities: { kind: 'paper', marginModes: ['isolated', 'cross'] },
              instruments: () => this.instruments,
              unhealthy: () => undefined,
            }
          : undefined,
      authority: this.authority,
      tradingSwitch: this.tradingSwitch,
      store: new MemoryRiskStateStore(),
      ...options,
    };
  }

  directory(): UserDirectory {
    const reachable = () => {
      if (this.directoryDown) throw new Error('The directory is down.');
    };
    return {
      active: async () => {
        reachable();
        return this.users.filter(({ active }) => active);
      },
      get: async (userId) => {
        reachable();
        return this.users.find(({ id }) => id === userId);
      },
    };
  }

  accountView(): AccountView {
    return {
      account: (userId) => this.accounts.get(userId),
      positions: (userId) => this.positions.get(userId) ?? [],
      openOrders: (userId) => this.openOrders.get(userId) ?? [],
      filledTrades: () => 1,
      dayOpenEquity: () => undefined,
    };
  }

  marketView(): MarketView {
    return {
      instruments: () => this.instruments,
      instrument: (id) => this.instruments.find((instrument) => instrument.id === id),
      reference: (market) => this.instruments.find((instrument) => instrument.market === market),
      candles: () => [],
      indicators: () => undefined,
      ticker: (id) => this.prices.get(id),
      book: () => undefined,
    };
  }
}

/** The n-th client order id. */
export const orderId = (n: number): string => n.toString(16).padStart(32, '0');

/** The n-th order: content differs by price, so that none is a duplicate of another. */
export const orderNumber = (n: number, overrides: Record<string, unknown> = {}): OrderIntent =>
  anIntent({ clientOrderId: orderId(n), price: String(60_000 + (n % 2000)), ...overrides });

/** A recommendation for a market, of a round of its own. */
export const recommendationFor = (base: string, round = 1, overrides: Partial<Recommendation> = {}): Recommendation =>
  aRecommendation({
    id: `recommendation:${base}-PERP:15m:${round}`,
    roundKey: `${base}-PERP:15m:${round}`,
    market: `${base}-PERP`,
    instrumentId: `${base}-PERP@hyperliquid`,
    ...overrides,
  });
