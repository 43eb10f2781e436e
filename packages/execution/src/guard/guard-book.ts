import type { EventBus, Logger, Protection } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { ExecutionTables } from '../store/execution-tables.ts';
import {
  type GuardRow,
  GuardStore,
  type PositionKey,
  positionKeyText,
  type Standing,
  type TradePlan,
} from './guard-store.ts';

/** Options of {@link GuardBook}. */
export interface GuardBookOptions {
  readonly database: Database;
  readonly eventBus: EventBus;
  readonly logger: Logger;
}

/** Plans kept for one position: the newest. Trades that end take theirs away; those of people's own orders stay behind. */
const keptPlans = 50;

/**
 * The guard's rows in memory and on disk. A plan must be kept before anything is entered on it; what protects a position
 * goes on when it can not be kept.
 */
export class GuardBook {
  readonly #options: GuardBookOptions;
  readonly #store: GuardStore;
  readonly #rows = new Map<string, GuardRow>();
  /** The tail of what is written: a row that was changed twice is written last as it is last. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: GuardBookOptions) {
    this.#options = options;
    this.#store = new GuardStore(options.database);
  }

  /** Reads what an earlier process kept. @throws StoreError */
  async load(): Promise<void> {
    for (const row of await this.#store.all()) this.#rows.set(positionKeyText(row), row);
  }

  rows(): readonly GuardRow[] {
    return [...this.#rows.values()];
  }

  row({ userId, venue, instrumentId }: PositionKey): GuardRow {
    const key = { userId, venue, instrumentId };
    return this.#rows.get(positionKeyText(key)) ?? { ...key, plans: [] };
  }

  /** Keeps a trade's plan. @throws StoreError */
  async addPlan(key: PositionKey, plan: TradePlan): Promise<void> {
    const row = this.row(key);
    const others = row.plans.filter(({ tradeId }) => tradeId !== plan.tradeId);
    await this.#put({ ...row, plans: [...others.slice(1 - keptPlans), plan] });
  }

  /** Keeps another plan for the position that is open, and for the trade it is of. @throws StoreError */
  async replan(key: PositionKey, plan: TradePlan): Promise<void> {
    const { standing, ...row } = this.row(key);
    if (standing === undefined) return;
    // The stop is where the new plan has it: what followed the old one begins anew.
    const { trail: _, ...rest } = standing;
    const plans = row.plans.map((before) => (before.tradeId === plan.tradeId ? plan : before));
    await this.#put({ ...row, plans, standing: { ...rest, plan } });
  }

  /** Forgets the plan of a trade that is over. @throws StoreError */
  async dropPlan(key: PositionKey, tradeId: string): Promise<void> {
    const row = this.row(key);
    const plans = row.plans.filter((plan) => plan.tradeId !== tradeId);
    if (plans.length < row.plans.length) await this.#put({ ...row, plans });
  }

  /** Keeps what protects a position, undefined when it is gone; in memory at least. */
  async stand(key: PositionKey, standing: Standing | undefined): Promise<void> {
    const { standing: before, ...row } = this.row(key);
    if (before === standing) return;
    try {
      await this.#put(standing === undefined ? row : { ...row, standing });
    } catch (error) {
      this.#options.logger.error({ error, ...key }, 'what protects a position could not be kept');
    }
  }

  /** Tells of a protection that is another than was told last, and keeps that it was told. */
  async tell(key: PositionKey, protection: Protection): Promise<void> {
    const { standing } = this.row(key);
    if (standing === undefined || JSON.stringify(standing.told) === JSON.stringify(protection)) return;
    const { userId, venue, instrumentId } = key;
    const { database, eventBus, logger } = this.#options;
    try {
      await this.#write(() =>
        database.transaction(async (transaction) => {
          await this.#store.put(this.#withTold(key, protection), transaction.as<ExecutionTables>());
          const payload = { userId, venue, instrumentId, protection };
          const about = { key: userId, userId, traceId: standing.plan.traceId };
          await eventBus.publish({ type: 'protection.changed', ...about, payload }, { transaction });
        }),
      );
      this.#rows.set(positionKeyText(key), this.#withTold(key, protection));
    } catch (error) {
      logger.error({ error, ...key }, 'what protects a position could not be told');
    }
  }

  #withTold(key: PositionKey, told: Protection): GuardRow {
    const row = this.row(key);
    return row.standing === undefined ? row : { ...row, standing: { ...row.standing, told } };
  }

  async #put(row: GuardRow): Promise<void> {
    this.#rows.set(positionKeyText(row), row);
    await this.#write(() => this.#store.put(row));
  }

  #write<Result>(act: () => Promise<Result>): Promise<Result> {
    const written = this.#writing.then(act, act);
    this.#writing = written.catch(() => undefined);
    return written;
  }
}
