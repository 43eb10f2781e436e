import {
  type Account,
  type CancelOutcome,
  Decimal,
  type DerivativesView,
  type Fill,
  type FundingPayment,
  type Health,
  type Instrument,
  type InstrumentId,
  type MarketBus,
  type MarketView,
  type Order,
  type OrderIntent,
  type PlaceOutcome,
  type Position,
  type Rate,
  type Release,
  type Service,
  type Unsubscribe,
  VenueError,
  type VenueCapabilities,
  type VenueUpdate,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { VenueBase, type VenueBaseOptions } from '../venue/venue-base.ts';
import type { Transition } from './account-draft.ts';
import { tellAccount, tellPosition } from './account-figures.ts';
import { amendOrder, cancelOrder } from './amend-order.ts';
import { matchBar } from './match-bar.ts';
import { matchFunding } from './match-funding.ts';
import { matchQuote } from './match-quote.ts';
import type { PaperAccount } from './paper-account.ts';
import { PaperBooks } from './paper-books.ts';
import type { PaperContext, PaperQuote, PaperRules } from './paper-context.ts';
import { PaperLedger } from './paper-ledger.ts';
import { type MarketInput, PaperMarket } from './paper-market.ts';
import { type PlaceResult, placeOrder } from './place-order.ts';
import { SerialQueue } from './serial-queue.ts';

/** Options of {@link PaperVenue}. */
export interface PaperVenueOptions extends Omit<VenueBaseOptions, 'name'> {
  /** Default `paper`. Its ledger is kept under this name. */
  readonly name?: string;
  /**
   * Where the ledger is: tables `paper_*`, transactions of its own. Give it a file of its own, or the very Database object
   * of the engine: two handles of one SQLite file in one process wait for each other until they time out.
   */
  readonly database: Database;
  readonly marketBus: MarketBus;
  readonly marketView: MarketView;
  /** Where rates of funding instants that passed while the venue was down are looked up. Without it: the newest known rate. */
  readonly derivativesView?: DerivativesView;
  /** What an account that does not exist yet begins with. Default "10000". */
  readonly startingBalance?: string;
  /** What accounts are held in. Default `USDC`. */
  readonly asset?: string;
  /** In place of the instruments' own fee rates. */
  readonly fees?: { readonly maker: Rate; readonly taker: Rate };
  /** What a taker is assumed to lose beyond the touch or its trigger where no book is there: a fraction of price. Default "0.0005". */
  readonly slippage?: string;
  /** The share of a 1m bar's volume that an account's resting limits may fill in it. Default "0.1". */
  readonly volumeShare?: string;
  /** How long an order takes to arrive: it is accepted at once and matched then. Default 0: matched at once. */
  readonly latencyMs?: number;
}

/** How long a change that could not be committed waits for the next try. */
const retryMs = 1_000;

/**
 * A venue that trades on paper against real or simulated market data: fees, funding, margin, liquidation, and a ledger that
 * outlives the process. What it can not know it assumes against the user:
 *
 * - Takers walk the book where there is a fresh one, else they pay the touch and the assumed slippage. Limits fill as maker
 *   only when the price trades beyond them. Finished 1m bars fill what rested when they opened; in a bar the stop comes
 *   before the take profit, and a gap through a stop fills at the open.
 * - Reduce-only orders fill at most the position and never open or turn one; one that is larger is clipped, its rest
 *   cancelled. What rests to reduce a position is cancelled when it is gone. One position per instrument (one-way).
 * - Margin is held by the intent's leverage and margin mode (default 1, isolated). Liquidation is by mark price.
 * - Funding is paid for each of the instrument's instants that a position stood at, once: with the settled rate, or before
 *   anything changes the position, at the newest rate known. Instants that passed while the process was down are paid with
 *   the next, at their own rate where `derivativesView` has it.
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
  };
  readonly #marketView: MarketView;
  readonly #fees: PaperVenueOptions['fees'];
  readonly #rules: PaperRules;
  readonly #ledger: PaperLedger;
  readonly #books: PaperBooks;
  readonly #market: PaperMarket;
  readonly #queue: SerialQueue;
  readonly #timers = new Set<Release>();
  readonly #listed = new WeakMap<Instrument, Instrument>();
  #drainQueued = false;
  #state: 'stopped' | 'running' = 'stopped';
  #failure: string | undefined;

  constructor(options: PaperVenueOptions) {
    const name = options.name ?? 'paper';
    super({ ...options, name });
    const { clock, marketBus, marketView, derivativesView } = options;
    this.#marketView = marketView;
    this.#fees = options.fees;
    this.#rules = {
      asset: options.asset ?? 'USDC',
      slippage: new Decimal(options.slippage ?? '0.0005'),
      volumeShare: new Decimal(options.volumeShare ?? '0.1'),
      latencyMs: options.latencyMs ?? 0,
    };
    this.#ledger = new PaperLedger({ database: options.database, venue: name });
    this.#books = new PaperBooks({ ledger: this.#ledger, startingBalance: new Decimal(options.startingBalance ?? '10000'), logger: this.logger });
    this.#queue = new SerialQueue(clock);
    this.#market = new PaperMarket({
      clock,
      marketBus,
      marketView,
      ...(derivativesView === undefined ? {} : { derivativesView }),
      concerns: (id) => this.#books.hasHolders(id),
      onInput: () => this.#wantDrain(),
    });
  }

  /** Reads the ledger and listens to the market. @throws ConfigError, StoreError */
  async start(): Promise<void> {
    const accounts = await this.#books.open();
    this.#state = 'running';
    this.#market.start();
    for (const account of accounts) {
      for (const { active, sinceMs, order } of account.orders.values()) if (!active) this.#arrive(order.instrumentId, sinceMs);
    }
  }

  /** Lets go of the market and finishes what is being committed. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#market.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#queue.idle();
  }

  health(): Health {
    if (this.#state === 'stopped') return { status: 'stopped' };
    return this.#failure === undefined ? { status: 'healthy' } : { status: 'degraded', detail: this.#failure };
  }

  unhealthy(): string | undefined {
    if (this.#state === 'stopped') return `The venue "${this.name}" is not running.`;
    return this.#failure;
  }

  instruments(): readonly Instrument[] {
    return this.#marketView.instruments().flatMap((instrument) => (instrument.contract === 'linear' ? [this.#list(instrument)] : []));
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
      const context = this.#context();
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
    return this.#read(async () => tellAccount(await this.#books.account(userId), this.#context()));
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    return this.#books.watch(userId, listener);
  }

  protected override instrument(id: InstrumentId): Instrument | undefined {
    const instrument = this.#marketView.instrument(id);
    return instrument === undefined ? undefined : this.#list(instrument);
  }

  protected override referencePrice(id: InstrumentId): number | undefined {
    return this.#market.mark(id);
  }

  protected send(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.#take(intent, async (account, instrument, quote, context) => {
      const known = account.orders.has(intent.clientOrderId) || (await this.#ledger.order(intent.userId, intent.clientOrderId)) !== undefined;
      if (known) {
        const message = 'An order of this client order id exists.';
        return { outcome: 'rejected', rejection: { code: 'order.duplicate', message, actual: intent.clientOrderId } };
      }
      return placeOrder({ account, intent, instrument, quote, context });
    });
  }

  protected override sendAmend(intent: OrderIntent): Promise<PlaceOutcome> {
    return this.#take(intent, async (account, instrument, quote, context) => {
      const entry = account.orders.get(intent.clientOrderId);
      if (entry === undefined) return this.#notOpen(intent.userId, intent.clientOrderId);
      return amendOrder({ account, entry, intent, instrument, quote, context });
    });
  }

  protected sendCancel(userId: string, clientOrderId: string): Promise<CancelOutcome> {
    return this.#queue.run(async () => {
      this.#running();
      const account = await this.#books.account(userId);
      const entry = account.orders.get(clientOrderId);
      if (entry === undefined) return this.#notOpen(userId, clientOrderId);
      await this.#commit(cancelOrder(account, entry, this.#context()));
      return { outcome: 'accepted' };
    });
  }

  /** Takes an intent in its turn: judged on the account as it stands, committed, told, answered. */
  #take(
    intent: OrderIntent,
    judge: (account: PaperAccount, instrument: Instrument, quote: PaperQuote | undefined, context: PaperContext) => Promise<PlaceResult>,
  ): Promise<PlaceOutcome> {
    return this.#queue.run(async () => {
      this.#running();
      const instrument = this.instrument(intent.instrumentId);
      if (instrument === undefined) {
        return { outcome: 'rejected', rejection: { code: 'instrument.unknown', message: `${intent.instrumentId} is not listed any more.` } };
      }
      const prices = this.#market.quote(instrument.id);
      if (prices !== undefined && !prices.fresh && !intent.reduceOnly) {
        return { outcome: 'rejected', rejection: { code: 'market-data.stale', message: `${instrument.id} has no fresh price.` } };
      }
      const account = await this.#books.account(intent.userId);
      const result = await judge(account, instrument, prices?.quote, this.#context());
      if (result.outcome === 'rejected') return result;
      // The ledger is this venue's wire: from the commit on the order exists.
      this.depart(intent);
      await this.#commit(result.transition);
      const entry = result.transition.account.orders.get(intent.clientOrderId);
      if (entry?.active === false) this.#arrive(instrument.id, entry.sinceMs);
      return { outcome: 'accepted', order: result.order };
    });
  }

  async #notOpen(userId: string, clientOrderId: string): Promise<{ outcome: 'rejected'; rejection: { code: 'order.final' | 'order.unknown'; message: string } }> {
    const order = await this.#ledger.order(userId, clientOrderId);
    return order === undefined
      ? { outcome: 'rejected', rejection: { code: 'order.unknown', message: 'There is no order of this client order id.' } }
      : { outcome: 'rejected', rejection: { code: 'order.final', message: `The order is ${order.status} already.` } };
  }

  /** Matches an order with latency when it arrives. */
  #arrive(id: InstrumentId, atMs: number): void {
    this.#later(atMs - this.clock.nowMs(), () => this.#market.wantQuote(id));
  }

  #later(delayMs: number, act: () => void): void {
    const cancel = this.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
  }

  /** What the market says in one go is matched in one go, once it has all been said. */
  #wantDrain(): void {
    if (this.#drainQueued || this.#state === 'stopped') return;
    this.#drainQueued = true;
    void this.#queue.run(async () => {
      this.#drainQueued = false;
      await this.#drain(this.#market.take());
    });
  }

  async #drain(inputs: MarketInput[]): Promise<void> {
    for (const [index, input] of inputs.entries()) {
      try {
        for (const userId of this.#books.holders(input.instrumentId)) {
          if (input.done.has(userId)) continue;
          await this.#commit(this.#match(await this.#books.account(userId), input));
          input.done.add(userId);
        }
      } catch (error) {
        this.#failure = `The paper ledger can not be written: ${error instanceof Error ? error.message : String(error)}`;
        this.logger.error({ error, venue: this.name }, 'matching waits for the ledger');
        this.#market.putBack(inputs.slice(index));
        this.#later(retryMs, () => this.#wantDrain());
        return;
      }
    }
  }

  #match(account: PaperAccount, input: MarketInput): Transition | undefined {
    const instrument = this.instrument(input.instrumentId);
    if (instrument === undefined) return undefined;
    switch (input.kind) {
      case 'bar':
        return matchBar(account, input.bar, instrument, this.#context());
      case 'funding':
        return matchFunding(account, instrument, input.settledAtMs, this.#context());
      case 'quote': {
        const prices = this.#market.quote(instrument.id);
        return prices === undefined ? undefined : matchQuote(account, instrument, prices.quote, this.#context());
      }
    }
  }

  async #commit(transition: Transition | undefined): Promise<void> {
    if (transition === undefined) return;
    await this.#books.commit(transition);
    this.#failure = undefined;
  }

  #context(): PaperContext {
    return {
      venue: this.name,
      rules: this.#rules,
      atMs: this.clock.nowMs(),
      instrument: (id) => this.instrument(id),
      mark: (id) => this.#market.mark(id),
      fundingRate: (id, instantMs) => this.#market.fundingRate(id, instantMs),
    };
  }

  /** An instrument with this venue's fees. */
  #list(instrument: Instrument): Instrument {
    if (this.#fees === undefined) return instrument;
    let listed = this.#listed.get(instrument);
    if (listed === undefined) {
      listed = { ...instrument, makerFeeRate: this.#fees.maker, takerFeeRate: this.#fees.taker };
      this.#listed.set(instrument, listed);
    }
    return listed;
  }

  #running(): void {
    if (this.#state === 'stopped') throw new VenueError('venue.stopped', `The venue "${this.name}" is not running.`, { retryable: true });
  }

  async #read<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#running();
    try {
      return await act();
    } catch (cause) {
      throw new VenueError('venue.unreachable', `The ledger of "${this.name}" can not be read.`, { cause, retryable: true });
    }
  }
}

