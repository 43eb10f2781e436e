import { Decimal, type OrderIntent, type User } from '@perpdesk/core';
import type { RunLog } from './run-log.ts';
import type { AuditedAccount, VenueAudit } from './venue-audit.ts';

/** The limits of a tier as PRODUCT §2 states them, written down here again so that they are held against the desk's. */
interface Limits {
  readonly maxLeverage: number;
  readonly riskPerTrade: number;
  readonly maxPositionMargin: number;
  readonly maxTotalMargin: number;
  readonly maxOpenPositions: number;
  readonly dailyLoss: number;
}

const limitsOf: Readonly<Record<User['tier'], Limits>> = {
  beginner: {
    maxLeverage: 3,
    riskPerTrade: 0.005,
    maxPositionMargin: 0.05,
    maxTotalMargin: 0.2,
    maxOpenPositions: 5,
    dailyLoss: 0.1,
  },
  intermediate: {
    maxLeverage: 6,
    riskPerTrade: 0.01,
    maxPositionMargin: 0.1,
    maxTotalMargin: 0.4,
    maxOpenPositions: 10,
    dailyLoss: 0.15,
  },
  advanced: {
    maxLeverage: 12,
    riskPerTrade: 0.02,
    maxPositionMargin: 0.25,
    maxTotalMargin: 0.8,
    maxOpenPositions: 20,
    dailyLoss: 0.25,
  },
};

/** Between the desk's look and the venue's books the price moves; so much of it is not the desk's fault. */
const tolerance = 1.03;

/** An entry that the venue has not told of after so long never landed: its authorisation is over. */
const landsWithinMs = 15_000;

/** Options of {@link LimitAudit}. */
export interface LimitAuditOptions {
  readonly log: RunLog;
  readonly audit: VenueAudit;
  readonly users: readonly User[];
  readonly nowMs: () => number;
  readonly markOf: (instrumentId: string) => number | undefined;
  /** What every account began the day with. */
  readonly dayOpen: string;
}

/**
 * Reckons at each order that carries new risk, from the venue's books alone, what the user would then hold, and says where
 * it passes a limit. It shares no code with Brix.
 */
export class LimitAudit {
  checked = 0;
  readonly #options: LimitAuditOptions;
  readonly #users: ReadonlyMap<string, User>;
  /** Entries that have left and that the venue has not told of yet. */
  readonly #underWay = new Map<string, { readonly intent: OrderIntent; readonly sentAtMs: number }>();

  constructor(options: LimitAuditOptions) {
    this.#options = options;
    this.#users = new Map(options.users.map((user) => [user.id, user]));
  }

  /** Judges an entry as it leaves. */
  judge(intent: OrderIntent): void {
    const { audit, dayOpen, log } = this.#options;
    const user = this.#users.get(intent.userId);
    if (user === undefined) return log.violation('limit', `an order for nobody: ${intent.userId}`);
    const limits = limitsOf[user.tier];
    const account = audit.account(user.id);
    this.checked += 1;
    this.#underWay.set(intent.clientOrderId, { intent, sentAtMs: this.#options.nowMs() });
    const over = (name: string, actual: Decimal, limit: Decimal): void => {
      if (actual.greaterThan(limit.times(tolerance)))
        log.violation('limit', `${user.id} ${name}: ${actual.toFixed(6)} over ${limit.toFixed(6)}`);
    };
    const equity = audit.equity(user.id);
    const margins = this.#margins(account);
    const total = [...margins.values()].reduce((sum, margin) => sum.plus(margin), new Decimal(0));
    if ((intent.leverage ?? 1) > limits.maxLeverage)
      log.violation('limit', `${user.id} leverage: ${intent.leverage} over ${limits.maxLeverage}`);
    over('position margin', margins.get(intent.instrumentId) ?? new Decimal(0), equity.times(limits.maxPositionMargin));
    over('total margin', total, equity.times(limits.maxTotalMargin));
    if (margins.size > limits.maxOpenPositions)
      log.violation('limit', `${user.id} positions: ${margins.size} over ${limits.maxOpenPositions}`);
    const loss = new Decimal(dayOpen).minus(equity);
    if (loss.greaterThan(new Decimal(dayOpen).times(limits.dailyLoss).times(tolerance)))
      log.violation('limit', `${user.id} daily loss: ${loss.toFixed(2)}`);
    if (intent.stopLoss !== undefined) {
      const distance = new Decimal(this.#priceOf(intent)).minus(intent.stopLoss).abs();
      over('risk of a leg', distance.times(intent.size), equity.times(limits.riskPerTrade));
    }
  }

  /** Margin by instrument: what is held, what rests and what is on its way. */
  #margins(account: AuditedAccount): Map<string, Decimal> {
    const margins = new Map<string, Decimal>();
    const add = (id: string, notional: Decimal, leverage: number): void => {
      if (!notional.isZero()) margins.set(id, (margins.get(id) ?? new Decimal(0)).plus(notional.dividedBy(leverage)));
    };
    for (const [id, { cost, leverage, size }] of account.held) if (!size.isZero()) add(id, cost.abs(), leverage);
    const entries = new Map<string, OrderIntent & { readonly filledSize?: string }>();
    for (const [id, { intent, sentAtMs }] of this.#underWay) {
      const isOver = account.orders.has(id) || this.#options.nowMs() > sentAtMs + landsWithinMs;
      if (isOver) this.#underWay.delete(id);
      else if (intent.userId === account.userId) entries.set(id, intent);
    }
    for (const order of account.live.values()) if (!order.reduceOnly) entries.set(order.clientOrderId, order);
    for (const entry of entries.values()) {
      const left = new Decimal(entry.size).minus(entry.filledSize ?? 0);
      add(entry.instrumentId, left.times(this.#priceOf(entry)), entry.leverage ?? 1);
    }
    return margins;
  }

  /** The venue did not take an entry, and the desk knows. */
  rejected(intent: OrderIntent): void {
    this.#underWay.delete(intent.clientOrderId);
  }

  #priceOf(intent: OrderIntent): string | number {
    return intent.type === 'limit' && intent.price !== undefined
      ? intent.price
      : (this.#options.markOf(intent.instrumentId) ?? 0);
  }
}
