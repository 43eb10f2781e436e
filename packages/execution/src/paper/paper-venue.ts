import {
  type Account,
  type CancelOutcome,
  Decimal,
  type Fill,
  type FundingPayment,
  type Health,
  type Instrument,
  type InstrumentId,
  type MarketView,
  type Order,
  type OrderIntent,
  type PlaceOutcome,
  type Position,
  type Rejection,
  type Service,
  type Size,
  toSize,
  type Unsubscribe,
  type VenueCapabilities,
  VenueError,
  type VenueUpdate,
} from '@perpdesk/core';
import { feeWindowDays } from '../matching/fee-tiers.ts';
import { VenueBase } from '../venue/venue-base.ts';
import { tellAccount, tellPosition } from './account-figures.ts';
import { amendOrder, cancelOrder } from './amend-order.ts';
import { MatchingEngine } from './matching-engine.ts';
import { PaperBooks } from './paper-books.ts';
import { PaperLedger } from './paper-ledger.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';
import { type PlaceRequest, type PlaceResult, placeOrder } from './place-order.ts';

/**
 * A venue that trades on paper against real or simulated market data: fees, funding, margin, liquidation, and a ledger that
 * outlives the process. What it can not know it assumes against the user:
 *
 * - Takers walk the book where there is a fresh one, else they pay the touch and the assumed slippage. Limits queue behind
 *   all that the book shows at their price, and fill as maker when trades have taken what was ahead, or when the price trades
 *   beyond them; where no book and no trades are there, only then. Finished 1m bars fill what rested when they opened; in a
 *   bar the stop comes before the take profit, and a gap through a stop fills at the open.
 * - Reduce-only orders fill at most the position and never open or turn one; one that is larger is clipped, its rest
 *   cancelled. What rests to reduce a position is cancelled when it is gone. One position per instrument (one-way).
 * - Margin is held by the intent's leverage and margin mode (default 1, isolated). Liquidation is by mark price.
 * - Funding is paid for each of the instrument's instants that a position stood at, once: with the settled rate, or before
 *   anything changes the position, at the newest rate known. Instants that passed while the process was down are paid with
 *   the next, at their own rate where `derivativesView` has it.
 * - Orders and cancellations take the assumed latency, with a jitter that their ids give; until a cancellation arrives, the
 *   order may fill. Fees are the instrument's, the venue's, or by the account's volume of 14 days.
 * - `amend` replaces an order in one change, under the same ids. Client order ids are unique for ever.
 *
 * Every change is committed before anybody hears of it. Ids derive from a counter in the account.
 */
export class PaperVenue extends VenueBase implements Service {
  readonly capabilities: VenueCapabilities = {
    kind: 'paper',
    amend: true,
    protection: 'replace-in-place',
    marginModes: ['isolated', 'cross'],
    postOnly: true,
    clientOrderIds: 'unique-forever',
    maxBatch: 1,
    nativeProtection: 'order',
    cancelAll: 'one-by-one',
    deadMansSwitch: 'none',
    landsLateByMs: 0,
  };
  readonly #marketView: MarketView;
  readonly #ledger: PaperLedger;
  readonly #books: PaperBooks;
  readonly #engine: MatchingEngine;
  /** What is listed of the instruments that are known. */
  #listed: { readonly known: readonly Instrument[]; readonly instruments: readonly Instrument[] } | undefined;

  constructor(options: PaperVenueOptions) {
    const name = options.name ?? 'paper';
    super({ ...options, name });
    const { logger } = this;
    this.#marketView = options.marketView;
    this.#ledger = new PaperLedger({ database: options.database, venue: name });
    this.#books = new PaperBooks({
      ledger: this.#ledger,
      startingBalance: new Decimal(options.startingBalance ?? '10000'),
      logger,
    });
    this.#engine = new MatchingEngine({ ...options, name, books: this.#books, logger });
  }

  /** Reads the ledger and listens to the market. @throws ConfigError, StoreError */
  async start(): Promise<void> {
    const accounts = await this.#books.open();
    this.#engine.start(accounts, this.#engine.needsVolumes ? await this.#recentFills(accounts) : []);
  }

  /** Lets go of the market and finishes what is being committed. */
  async stop(): Promise<void> {
    await this.#engine.stop();
  }

  health(): Health {
    if (!this.#engine.running) return { status: 'stopped' };
    const { failure } = this.#engine;
    return failure === undefined ? { status: 'healthy' } : { status: 'degraded', detail: failure };
  }

  unhealthy(): string | undefined {
    return this.#engine.running ? this.#engine.failure : `The venue "${this.name}" is not running.`;
  }

  instruments(): readonly Instrument[] {
    const known = this.#marketView.instruments();
    if (this.#listed?.known !== known) {
      const instruments = known.flatMap((each) => (each.contract === 'linear' ? [this.#engine.list(each)] : []));
      this.#listed = { known, instruments };
    }
    return this.#listed.instruments;
  }

  async fetchOrder(userId: string, clientOrderId: string): Promise<Order | undefined> {
    return this.#read(async () => {
      const account = await this.#books.account(userId);
      return account.orders.get(clientOrderId)?.order ?? this.#ledger.order(userId, clientOrderId);
    });
  }

  async fetchOpenOrders(userId: string): Promise<readonly Order[]> {
    return this.#read(async () => [...(await this.#books.account(userId)).orders.values()].map(({ order }) => order));
  }

  async fetchPositions(userId: string): Promise<readonly Position[]> {
    return this.#read(async () => {
      const account = await this.#books.account(userId);
      const context = this.#engine.context();
      return [...account.positions.values()].map((position) => tellPosition(account, position, context));
    });
  }

  async fetchFills(userId: string, sinceMs: number): Promise<readonly Fill[]> {
    return this.#read(() => this.#ledger.fills(userId, sinceMs));
  }

  /** Funding received and paid since an instant, oldest first. @throws VenueError */
  async fetchFunding(userId: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    return this.#read(() => this.#ledger.payments(userId, sinceMs));
  }

  async fetchAccount(userId: string): Promise<Account> {
    return this.#read(async () => tellAccount(await this.#books.account(userId), this.#engine.context()));
  }

  /**
   * What the queue still has before a resting limit at its price, as far as book and trades show it; undefined of an order
   * that has no place there (not resting, or beyond the visible book).
   */
  async fetchSizeAhead(userId: string, clientOrderId: string): Promise<Size | undefined> {
    return this.#read(async () => {
      const order = (await this.#books.account(userId)).orders.get(clientOrderId)?.order;
      const ahead = order && this.#engine.sizeAhead(userId, order.instrumentId, clientOrderId);
      return ahead === undefined ? undefined : toSize(ahead);
    });
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    return this.#books.watch(userId, listener);
  }

  protected override instrument(id: InstrumentId): Instrument | undefined {
    return this.#engine.instrument(id);
  }

  protected override referencePrice(id: InstrumentId): number | undefined {
    return this.#engine.market.mark(id);
  }

  protected send(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.#take(intent, async (request) => {
      const { clientOrderId, userId } = intent;
      const known =
        request.account.orders.has(clientOrderId) || (await this.#ledger.order(userId, clientOrderId)) !== undefined;
      if (!known) return placeOrder(request);
      return rejected({
        code: 'order.duplicate',
        message: 'An order of this client order id exists.',
        actual: clientOrderId,
      });
    });
  }

  protected override sendAmend(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.#take(intent, async (request) => {
      const entry = request.account.orders.get(intent.clientOrderId);
      return entry === undefined
        ? this.#notOpen(intent.userId, intent.clientOrderId)
        : amendOrder({ ...request, entry });
    });
  }

  protected sendCancel(userId: string, clientOrderId: string): Promise<CancelOutcome> {
    return this.#engine.queue.run(async () => {
      this.#mustRun();
      const account = await this.#books.account(userId);
      const entry = account.orders.get(clientOrderId);
      if (entry === undefined) return this.#notOpen(userId, clientOrderId);
      const transition = cancelOrder(account, entry, this.#engine.context());
      await this.#engine.commit(transition);
      const waiting = transition?.account.orders.get(clientOrderId);
      if (waiting !== undefined) this.#engine.awaitArrival(waiting);
      return { outcome: 'accepted' };
    });
  }

  /** Takes an intent in its turn: judged on the account as it stands, committed, told, answered. */
  #take(intent: OrderIntent, judge: (request: PlaceRequest) => Promise<PlaceResult>): Promise<PlaceOutcome> {
    return this.#engine.queue.run(async () => {
      this.#mustRun();
      const instrument = this.#engine.instrument(intent.instrumentId, intent.userId);
      if (instrument === undefined) {
        return rejected({ code: 'instrument.unknown', message: `${intent.instrumentId} is not listed any more.` });
      }
      const prices = this.#engine.market.quote(instrument.id);
      if (prices !== undefined && !prices.fresh && !intent.reduceOnly) {
        return rejected({ code: 'market-data.stale', message: `${instrument.id} has no fresh price.` });
      }
      const account = await this.#books.account(intent.userId);
      const result = await judge({
        account,
        intent,
        instrument,
        quote: prices?.quote,
        context: this.#engine.context(intent.userId),
      });
      if (result.outcome === 'rejected') return result;
      // The ledger is this venue's wire: from the commit on the order exists.
      this.depart(intent);
      await this.#engine.commit(result.transition);
      const entry = result.transition.account.orders.get(intent.clientOrderId);
      if (entry?.active === false) this.#engine.awaitArrival(entry);
      return { outcome: 'accepted', order: result.order };
    });
  }

  /** What fee tiers are reckoned by. */
  async #recentFills(accounts: readonly { readonly userId: string }[]): Promise<readonly Fill[]> {
    const sinceMs = this.clock.nowMs() - (feeWindowDays + 1) * 86_400_000;
    const fills = await Promise.all(accounts.map(({ userId }) => this.#ledger.fills(userId, sinceMs)));
    return fills.flat();
  }

  async #notOpen(userId: string, clientOrderId: string): Promise<Rejected> {
    const order = await this.#ledger.order(userId, clientOrderId);
    return order === undefined
      ? rejected({ code: 'order.unknown', message: 'There is no order of this client order id.' })
      : rejected({ code: 'order.final', message: `The order is ${order.status} already.` });
  }

  #mustRun(): void {
    if (this.#engine.running) return;
    throw new VenueError('venue.stopped', `The venue "${this.name}" is not running.`, { retryable: true });
  }

  async #read<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#mustRun();
    try {
      return await act();
    } catch (cause) {
      const message = `The ledger of "${this.name}" can not be read.`;
      throw new VenueError('venue.unreachable', message, { cause, retryable: true });
    }
  }
}

type Rejected = { readonly outcome: 'rejected'; readonly rejection: Rejection };
const rejected = (rejection: Rejection): Rejected => ({ outcome: 'rejected', rejection });
