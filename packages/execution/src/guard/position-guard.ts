import {
  type Clock,
  compare,
  type EventBus,
  type ExitRules,
  type FundingRate,
  type Health,
  type InstrumentId,
  isZero,
  type Logger,
  minus,
  type Position,
  type Price,
  type Release,
  type Service,
  silentLogger,
  type TakeProfit,
  toSize,
  type Unsubscribe,
  ValidationError,
  zeroSize,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { PositionCloser } from '../controls/position-closer.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { Holding, Portfolio } from '../portfolio/portfolio.ts';
import { protectionOf } from '../portfolio/protection-of.ts';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { CoverWatch } from './cover-watch.ts';
import { editedPlan, type PlanEdit } from './edit-plan.ts';
import { ExitWatch } from './exit-watch.ts';
import { FillLead } from './fill-lead.ts';
import { GuardBook } from './guard-book.ts';
import type { PositionKey } from './guard-store.ts';
import { PositionTurns } from './position-turns.ts';
import { exitedSize, uncoveredSize } from './protection-plan.ts';
import { Protector } from './protector.ts';
import { UnprotectedMeter, type UnprotectedTime } from './unprotected-meter.ts';

/** How a position is to be protected; handed over before its first order is sent. */
export interface GuardPlan extends PositionKey {
  readonly tradeId: string;
  readonly traceId: string;
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
  readonly leverage: number;
  /** When the position ends or its stop tightens beside these. */
  readonly exits?: ExitRules;
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
  /** The first pause between tries to cover a position, ms; it doubles up to four times that. Default 250. */
  readonly retryMs?: number;
  /** How long a filled size may stand without a stop before it is closed at the market. Default 10 s. */
  readonly uncoveredLimitMs?: number;
  /** How often every position is compared with its venue. Default 60 s. */
  readonly sweepMs?: number;
  /** How often positions with exit rules are looked at. Default 1 s. */
  readonly exitCheckMs?: number;
  /** The funding rate in force, for exits by funding; without it they never come due. */
  readonly fundingRate?: (instrumentId: InstrumentId) => FundingRate | undefined;
  readonly logger?: Logger;
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
  readonly #lead: FillLead;
  readonly #turns: PositionTurns;
  readonly #unsubscribes: Unsubscribe[] = [];
  readonly #exits: ExitWatch;
  readonly #unprotected: UnprotectedMeter;
  #cancelSweep: Release = () => {};
  #running = false;

  constructor(options: PositionGuardOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    const parts = { ...options, logger: this.#logger, retryMs: options.retryMs ?? 250 };
    this.#book = new GuardBook(parts);
    this.#protector = new Protector({ ...parts, book: this.#book });
    this.#cover = new CoverWatch({ ...parts, limitMs: options.uncoveredLimitMs ?? 10_000 });
    this.#turns = new PositionTurns({
      ...parts,
      act: (key) => this.#protect(key),
      dueAtMs: (key) => this.#cover.closesAtMs(key),
    });
    this.#lead = new FillLead(options);
    this.#unprotected = new UnprotectedMeter(options);
    this.#exits = new ExitWatch({ ...parts, book: this.#book, look: (key) => this.protect(key) });
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
    this.#exits.start();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelSweep();
    this.#exits.stop();
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    await this.#turns.stop();
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

  /** How long filled sizes have stood without a stop since the start. */
  unprotectedTime(): UnprotectedTime {
    return this.#unprotected.summary();
  }

  /** Keeps the plan of a trade. It holds from the trade's first fill on; the newest plan of a position's trades counts. @throws StoreError */
  async plan({ tradeId, traceId, stopLoss, takeProfits, leverage, exits, ...key }: GuardPlan): Promise<void> {
    const rules = exits === undefined ? {} : { exits };
    await this.#book.addPlan(key, { tradeId, traceId, leverage, stopLoss, takeProfits: [...takeProfits], ...rules });
  }

  /** Forgets the plan of a trade that is over. What protects an open position stays. @throws StoreError */
  async forget(key: PositionKey, tradeId: string): Promise<void> {
    await this.#book.dropPlan(key, tradeId);
  }

  /**
   * Changes how an open position is protected, and brings its orders there.
   * @throws ValidationError `position.unknown`, and as {@link editedPlan} does. StoreError
   */
  async edit(key: PositionKey, edit: PlanEdit): Promise<void> {
    const { portfolio, venues } = this.#options;
    const { standing } = this.#book.row(key);
    const holding = portfolio.holding(key);
    const instrument = venues
      .get(key.venue)
      ?.instruments()
      .find(({ id }) => id === key.instrumentId);
    if (standing === undefined || holding === undefined || instrument === undefined)
      throw new ValidationError(
        'position.unknown',
        `There is no open position in ${key.instrumentId} at ${key.venue}.`,
      );
    await this.#book.replan(key, editedPlan(standing.plan, edit, holding.position, instrument));
    await this.protect(key);
  }

  /** Brings the resting orders of a position to what they should be. Resolves when done or when it will be tried again. */
  protect(key: PositionKey): Promise<void> {
    return this.#turns.take(key);
  }

  /** False when it has to be tried again. */
  async #protect(key: PositionKey): Promise<boolean> {
    const { portfolio } = this.#options;
    const holding = portfolio.holding(key);
    // Nothing known of the account is not flat: what protects must not go then.
    if (holding === undefined && portfolio.isKnown(key)) await this.#protector.clear(key);
    const done =
      holding === undefined || (await this.#protector.protect(key, holding, this.#lead.toCover(key, holding)));
    const exited = holding === undefined || (await this.#exits.judge(key, holding, this.#known(key, holding)));
    const after = portfolio.holding(key);
    if (after === undefined) {
      this.#cover.forget(key);
      this.#lead.forget(key);
      this.#unprotected.forget(key);
      return true;
    }
    const { position } = after;
    if (position.size !== holding?.position.size) {
      // It has grown or shrunk meanwhile: judged is what is done for it as it is.
      void this.#turns.take(key);
      return true;
    }
    const orders = portfolio.openOrders(key.userId);
    const uncovered = uncoveredSize({ ...position, size: this.#lead.toCover(key, after) }, orders);
    if (isZero(uncovered) && !isZero(uncoveredSize(position, orders))) {
      this.#cover.expect(key);
      return false;
    }
    await this.#book.tell(key, protectionOf(position, orders));
    const traceId = this.#book.row(key).standing?.plan.traceId;
    this.#unprotected.note(position, uncovered);
    const known = this.#known(key, after);
    return (await this.#cover.judge({ position, known, uncovered, traceId })) && done && exited;
  }

  /** What is held for certain, by the venue's word and the fills since; undefined where that may be nothing. */
  #known(key: PositionKey, { ahead, filled, position }: Holding): Position | undefined {
    const { portfolio } = this.#options;
    if (!portfolio.isReckoned(key)) return undefined;
    const held = { ...position, size: ahead === undefined ? position.size : filled };
    const size = minus(held.size, exitedSize(held, portfolio.openOrders(key.userId)));
    return compare(size, zeroSize) > 0 ? { ...held, size: toSize(size) } : undefined;
  }

  /** Also what is protected but not held any more. */
  async #protectAll(): Promise<void> {
    const keys = [
      ...this.#options.portfolio.allPositions(),
      ...this.#book.rows().filter((row) => row.standing !== undefined),
    ];
    await Promise.all(keys.map((key) => this.protect(key)));
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
