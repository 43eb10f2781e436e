import {
  type Clock,
  type EventBus,
  type Health,
  type Logger,
  type Price,
  type Release,
  type Service,
  silentLogger,
  type TakeProfit,
  type Unsubscribe,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { PositionCloser } from '../controls/position-closer.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { CoverWatch } from './cover-watch.ts';
import { GuardBook } from './guard-book.ts';
import { type PositionKey, positionKeyText } from './guard-store.ts';
import { uncoveredSize } from './protection-plan.ts';
import { Protector } from './protector.ts';

/** How a position is to be protected; handed over before its first order is sent. */
export interface GuardPlan extends PositionKey {
  readonly tradeId: string;
  readonly traceId: string;
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
  readonly leverage: number;
}

/** Options of {@link PositionGuard}. */
export interface PositionGuardOptions {
  readonly orderDesk: OrderDesk;
  readonly portfolio: Portfolio;
  readonly closer: PositionCloser;
  readonly venues: VenueDirectory;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly database: Database;
  /** Pause between tries to cover a position. Default 500 ms. */
  readonly retryMs?: number;
  /** How long a filled size may stand without a stop before it is closed at the market. Default 10 s. */
  readonly uncoveredLimitMs?: number;
  /** How often every position is compared with its venue. Default 60 s. */
  readonly sweepMs?: number;
  readonly logger?: Logger;
}

/** How often a position is looked at within one pause before it has to wait for the next. */
const mostRounds = 100;

interface Work {
  again: boolean;
  done: Promise<void>;
}

/**
 * Keeps a stop over the whole of every position at its venue, and its targets; resizes them with each fill. A size that no
 * stop covers is told, covered again, or closed. It hears of changes from the portfolio in memory, needs no database to act,
 * and passes on to the portfolio what the order desk sends, so that what was just sent is not sent again.
 */
export class PositionGuard implements Service {
  readonly name = 'positions';
  readonly #options: PositionGuardOptions;
  readonly #logger: Logger;
  readonly #book: GuardBook;
  readonly #protector: Protector;
  readonly #cover: CoverWatch;
  /** What is being done for each position: one thing at a time, once more where something changed meanwhile. */
  readonly #work = new Map<string, Work>();
  readonly #retries = new Map<string, Release>();
  /** How often each position was looked at within one pause. */
  readonly #rounds = new Map<string, { readonly sinceMs: number; count: number }>();
  readonly #retryMs: number;
  readonly #unsubscribes: Unsubscribe[] = [];
  #cancelSweep: Release = () => {};
  #running = false;

  constructor(options: PositionGuardOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#retryMs = options.retryMs ?? 500;
    const parts = { ...options, logger: this.#logger, retryMs: this.#retryMs };
    this.#book = new GuardBook(parts);
    this.#protector = new Protector({ ...parts, book: this.#book });
    this.#cover = new CoverWatch({ ...parts, limitMs: options.uncoveredLimitMs ?? 10_000 });
  }

  /** Protects what is open, then goes on with every change. @throws StoreError */
  async start(): Promise<void> {
    const { database, orderDesk, portfolio } = this.#options;
    await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
    await this.#book.load();
    this.#running = true;
    this.#unsubscribes.push(
      orderDesk.watch((order) => portfolio.noteOrder(order)),
      portfolio.watch((key) => void this.protect(key)),
    );
    await this.#protectAll();
    this.#armSweep();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelSweep();
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    await Promise.all([...this.#work.values()].map(({ done }) => done));
  }

  health(): Health {
    if (!this.#running) return { status: 'stopped' };
    const open = this.uncovered();
    return open === 0
      ? { status: 'healthy' }
      : { status: 'degraded', detail: `${open} position${open === 1 ? '' : 's'} without a whole stop` };
  }

  /** Positions that have a part no stop covers, at this moment. */
  uncovered(): number {
    return this.#cover.size;
  }

  /** Keeps the plan of a trade. It holds from the trade's first fill on; the newest plan of a position's trades counts. @throws StoreError */
  async plan({ tradeId, traceId, stopLoss, takeProfits, leverage, ...key }: GuardPlan): Promise<void> {
    await this.#book.addPlan(key, { tradeId, traceId, leverage, stopLoss, takeProfits: [...takeProfits] });
  }

  /** Forgets the plan of a trade that is over. What protects an open position stays. @throws StoreError */
  async forget(key: PositionKey, tradeId: string): Promise<void> {
    await this.#book.dropPlan(key, tradeId);
  }

  /** Brings the resting orders of a position to what they should be. Resolves when done or when it will be tried again. */
  protect({ userId, venue, instrumentId }: PositionKey): Promise<void> {
    const key = { userId, venue, instrumentId };
    const text = positionKeyText(key);
    const busy = this.#work.get(text);
    if (busy !== undefined) {
      busy.again = true;
      return busy.done;
    }
    const work: Work = { again: true, done: Promise.resolve() };
    this.#work.set(text, work);
    work.done = this.#protectInTurn(key, work);
    return work.done;
  }

  async #protectInTurn(key: PositionKey, work: Work): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      while (work.again) {
        work.again = false;
        await this.#protect(key);
      }
    } catch (error) {
      this.#logger.error({ error, ...key }, 'a position could not be protected');
      this.#later(key);
    } finally {
      this.#work.delete(positionKeyText(key));
      release();
    }
  }

  async #protect(key: PositionKey): Promise<void> {
    const { portfolio } = this.#options;
    if (this.#isTooOften(key)) return this.#later(key);
    const holding = portfolio.holding(key);
    if (holding === undefined) {
      // Nothing known of the account is not flat: what protects must not go then.
      if (portfolio.isKnown(key)) await this.#protector.clear(key);
      return this.#covered(key);
    }
    const done = await this.#protector.protect(key, holding);
    const protection = portfolio.protectionOf(key);
    if (protection !== undefined) await this.#book.tell(key, protection);
    const position = portfolio.position(key);
    if (position === undefined) return this.#covered(key);
    const uncovered = uncoveredSize(position, portfolio.openOrders(key.userId));
    const traceId = this.#book.row(key).standing?.plan.traceId;
    const covered = await this.#cover.judge(position, uncovered, traceId);
    if (covered && done) this.#covered(key);
    else this.#later(key);
  }

  /** A venue that cancels what it has just accepted would keep us at it for ever: then there is a pause. */
  #isTooOften(key: PositionKey): boolean {
    const text = positionKeyText(key);
    const nowMs = this.#options.clock.nowMs();
    const rounds = this.#rounds.get(text);
    if (rounds === undefined || nowMs - rounds.sinceMs >= this.#retryMs) {
      this.#rounds.set(text, { sinceMs: nowMs, count: 1 });
      return false;
    }
    rounds.count += 1;
    return rounds.count > mostRounds;
  }

  #covered(key: PositionKey): void {
    const text = positionKeyText(key);
    this.#cover.forget(key);
    this.#retries.get(text)?.();
    this.#retries.delete(text);
  }

  #later(key: PositionKey): void {
    if (!this.#running) return;
    const text = positionKeyText(key);
    this.#retries.get(text)?.();
    this.#retries.set(
      text,
      this.#options.clock.setTimer(this.#retryMs, () => void this.protect(key)),
    );
  }

  /** Also what is protected but not held any more. */
  async #protectAll(): Promise<void> {
    const keys = [
      ...this.#options.portfolio.allPositions(),
      ...this.#book.rows().filter((row) => row.standing !== undefined),
    ];
    for (const key of keys) await this.protect(key);
  }

  #armSweep(): void {
    const { clock, portfolio } = this.#options;
    this.#cancelSweep = clock.setTimer(this.#options.sweepMs ?? 60_000, () => {
      const release = clock.hold();
      portfolio
        .reconcile()
        .then(() => this.#protectAll())
        .catch((error: unknown) => this.#logger.error({ error }, 'positions could not be compared with their venues'))
        .finally(() => {
          if (this.#running) this.#armSweep();
          release();
        });
    });
  }
}
