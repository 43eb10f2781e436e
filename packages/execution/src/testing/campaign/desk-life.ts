import {
  type Clock,
  type CredentialVault,
  type ExecutionVenue,
  type Instrument,
  type Order,
  type Release,
  SeededRandom,
  SortableIdGenerator,
  StaticUserDirectory,
} from '@perpdesk/core';
import type { HttpTransport, SocketOpener } from '@perpdesk/core/ccxt';
import { type Database, migrate, OutboxEventBus, openDatabase } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { CcxtVenue } from '../../ccxt/ccxt-venue.ts';
import { isUnsettled } from '../../orders/merge-order.ts';
import { OrderDesk } from '../../orders/order-desk.ts';
import { Portfolio } from '../../portfolio/portfolio.ts';
import { executionMigrations, executionNamespace } from '../../store/execution-tables.ts';
import { VenueDirectory } from '../../venue/venue-directory.ts';
import { exampleUser } from '../trading-desk.ts';
import { BlockingGate } from './blocking-gate.ts';

/** How long things take in a run: as they are, or short where time is real. */
export interface CampaignTiming {
  /** When an answer is given up. */
  readonly timeoutMs: number;
  /** By how much a late answer is late. */
  readonly lateMs: number;
  /** How long an authorisation lives. */
  readonly lifetimeMs: number;
  /** How often orders of unknown outcome are asked after. */
  readonly resolveMs: number;
  /** The longest pause before something is tried again. */
  readonly retryMs: number;
  /** How long a run may take in all. */
  readonly endMs: number;
}

/** Options of {@link DeskLife}. */
export interface DeskLifeOptions {
  readonly clock: Clock;
  readonly file: string;
  readonly seed: string;
  readonly timing: CampaignTiming;
  readonly vault: CredentialVault;
  readonly instruments: readonly Instrument[];
  readonly endpoints: { readonly http: string; readonly ws: string };
  /** In memory; over real sockets where left out. */
  readonly wires?: { readonly transport: HttpTransport; readonly openSocket: SocketOpener; kill(): void };
  /** Stops the simulated time while files and modules are opened. */
  readonly hold?: () => Release;
  /** Hears what became of orders; `wasUnknown` of one whose outcome nobody knew. */
  readonly onOrder: (order: Order, wasUnknown: boolean) => void;
  /** Puts something between the desk and its venue. */
  readonly around?: (venue: ExecutionVenue) => ExecutionVenue;
}

/**
 * One life of the way of an order as it is in a desk: order desk, journal on SQLite, portfolio on the venue's socket, gate with
 * a real authority, Hyperliquid through ccxt. Another over the same file is the life after it.
 */
export class DeskLife {
  readonly desk: OrderDesk;
  readonly venue: CcxtVenue;
  readonly portfolio: Portfolio;
  readonly gate: BlockingGate;
  readonly database: Database;
  /** Resolves when the process ends. */
  readonly died: Promise<void>;
  readonly #options: DeskLifeOptions;
  readonly #unknown = new Set<string>();
  readonly #eventBus: OutboxEventBus;
  #die: () => void = () => {};
  #running = true;
  #cancelResolve: (() => void) | undefined;

  private constructor(options: DeskLifeOptions, database: Database, eventBus: OutboxEventBus) {
    const { clock, timing, seed, vault, instruments, endpoints, wires, around } = options;
    this.#options = options;
    this.database = database;
    this.#eventBus = eventBus;
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
    const authority = new HmacApprovalAuthority({
      ...{ clock, lifetimeMs: timing.lifetimeMs },
      ids: new SortableIdGenerator({ clock, random: new SeededRandom(`authority ${seed}`) }),
    });
    this.venue = new CcxtVenue({
      ...{ venue: 'hyperliquid', clock, vault, endpoints, timeoutMs: timing.timeoutMs },
      ...{ verifier: authority.verifier(), instruments: () => instruments },
      ...(wires === undefined ? {} : { transport: wires.transport, openSocket: wires.openSocket }),
    });
    const venues = new VenueDirectory([around?.(this.venue) ?? this.venue]);
    const users = new StaticUserDirectory({ users: [exampleUser({ venues: ['hyperliquid'] })] });
    const marketView = new StaticMarketView({ clock, instruments });
    this.portfolio = new Portfolio({ users, venues, marketView, eventBus, database, clock });
    this.gate = new BlockingGate({ authority, openOrders: (userId) => this.portfolio.openOrders(userId) });
    this.desk = new OrderDesk({ clock, eventBus, riskGate: this.gate, venues, database });
    this.desk.watch((order) => this.note(order));
  }

  /** Begins as a desk does: markets, accounts, then what became of orders that an earlier life left. */
  static async open(options: DeskLifeOptions): Promise<DeskLife> {
    const { clock, file, seed, hold } = options;
    // Opening a file is not of the simulated time.
    const release = hold?.() ?? (() => {});
    let life: DeskLife;
    try {
      const database = await openDatabase({ url: `sqlite:${file}`, durability: 'normal' });
      await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
      const ids = new SortableIdGenerator({ clock, random: new SeededRandom(`events ${seed}`) });
      const outbox = new OutboxEventBus({ database, clock, ids, pollMs: 0 });
      await outbox.start();
      life = new DeskLife(options, database, outbox);
      await life.#reach();
    } finally {
      release();
    }
    await life.portfolio.start();
    await life.#resolve();
    return life;
  }

  /** Loads the markets; where that takes too long, again, as what starts a process does. */
  async #reach(): Promise<void> {
    const { clock, timing } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.venue.start();
      } catch (error) {
        if (tries === 10) throw error;
        await clock.sleep(timing.retryMs);
      }
    }
  }

  /** True while it shows an order of which it is not known what became. */
  get awaitsOutcomes(): boolean {
    return this.portfolio.openOrders('alice').some(({ status }) => isUnsettled(status));
  }

  /** Takes in what is known of an order that was sent: the account shows it, and what is not known is asked after. */
  note(order: Order): void {
    this.portfolio.noteOrder(order);
    this.#hear(order);
  }

  /** Ends as if killed: nothing of it is waited for, nothing of it is said any more. The file stays. */
  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#cancelResolve?.();
    this.#options.wires?.kill();
    this.#die();
    // Nothing of a killed process goes on: its timers would.
    void this.portfolio.stop();
    await this.venue.stop();
    await this.#eventBus.close();
    await this.database.close();
  }

  #hear(order: Order): void {
    if (!this.#running) return;
    const { clientOrderId, status } = order;
    if (status === 'unresolved') {
      this.#unknown.add(clientOrderId);
      this.#resolveLater();
    } else if (!isUnsettled(status)) {
      this.#options.onOrder(order, this.#unknown.delete(clientOrderId));
    }
  }

  #resolveLater(): void {
    if (!this.#running || this.#cancelResolve !== undefined) return;
    this.#cancelResolve = this.#options.clock.setTimer(this.#options.timing.resolveMs, () => {
      this.#cancelResolve = undefined;
      void this.#resolve();
    });
  }

  async #resolve(): Promise<void> {
    try {
      if ((await this.desk.resolveUnsettled()) > 0) this.#resolveLater();
    } catch {
      this.#resolveLater();
    }
  }
}
