import type { Clock, EventBus, InstrumentId, Logger, Release } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { isUnsettled } from '../orders/merge-order.ts';
import { OrderStore } from '../orders/order-store.ts';
import type { ExecutionTables } from '../store/execution-tables.ts';
import type { PortfolioStore } from './portfolio-store.ts';
import { joinUntold, type Untold } from './untold.ts';
import type { VenueAccount } from './venue-account.ts';

/** Options of {@link AccountTeller}. */
export interface AccountTellerOptions {
  readonly account: VenueAccount;
  readonly store: PortfolioStore;
  readonly eventBus: EventBus;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the instruments concerned when a change is kept and told, and also when that failed for now. */
  readonly onChanged: (instruments: readonly InstrumentId[]) => void;
}

/** Pause before what could not be kept is tried again. */
const retryMs = 1_000;

/**
 * Keeps what an account went through and tells the desk of it, in one transaction for all that came together. What can not
 * be kept now is kept later, nothing is left out; the account in memory goes on meanwhile.
 */
export class AccountTeller {
  readonly #options: AccountTellerOptions;
  readonly #orders: OrderStore;
  #untold: Untold | undefined;
  #telling: Promise<void> | undefined;
  #retry: Release | undefined;
  #stopped = false;
  #failing = false;

  constructor(options: AccountTellerOptions) {
    this.#options = options;
    this.#orders = new OrderStore(options.database);
  }

  /** True while the last try to keep something failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Has what there is to tell told, soon. Resolves when it is, or has failed for now. */
  tell(): Promise<void> {
    this.#telling ??= this.#tellAll();
    return this.#telling;
  }

  /** Lets what is being told end, and tries no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.();
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      // What the venue tells in one go goes out in one go.
      await Promise.resolve();
      while (this.#take() && (await this.#tellOnce()));
    } finally {
      this.#telling = undefined;
      release();
    }
  }

  #take(): boolean {
    const later = this.#options.account.takeUntold();
    if (later !== undefined) this.#untold = this.#untold === undefined ? later : joinUntold(this.#untold, later);
    return this.#untold !== undefined;
  }

  async #tellOnce(): Promise<boolean> {
    const untold = this.#untold;
    if (untold === undefined) return false;
    try {
      await this.#keep(untold);
      this.#untold = undefined;
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      this.#options.logger.error({ error, events: untold.events.length }, 'an account can not be kept, it waits');
      this.#later();
    }
    this.#options.onChanged(placesOf(untold));
    return !this.#failing;
  }

  async #keep({ cursor, events, held, orders }: Untold): Promise<void> {
    const { account, database, eventBus, store } = this.#options;
    await database.transaction(async (transaction) => {
      const tables = transaction.as<ExecutionTables>();
      for (const [instrumentId, position] of held) {
        if (position === undefined) await store.removePosition(account, instrumentId, tables);
        else await store.putPosition(account, position, tables);
      }
      for (const order of orders.values()) await this.#orders.advance(order, tables);
      await store.putCursor(account, cursor, tables);
      for (const event of events) await eventBus.publish(event, { transaction });
    });
  }

  #later(): void {
    if (this.#stopped) return;
    this.#retry?.();
    this.#retry = this.#options.clock.setTimer(retryMs, () => void this.tell());
  }
}

/** The instruments on which something is another at the venue. An order that never got there changes nothing. */
function placesOf({ held, orders }: Untold): readonly InstrumentId[] {
  const changed = [...orders.values()].filter(({ status }) => status !== 'rejected' && !isUnsettled(status));
  return [...new Set([...held.keys(), ...changed.map(({ instrumentId }) => instrumentId)])];
}
