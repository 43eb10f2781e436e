import {
  type Clock,
  Decimal,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Logger,
  type MarketView,
  type Release,
} from '@perpdesk/core';
import type { Transition } from './account-draft.ts';
import { matchBar } from './match-bar.ts';
import { matchFunding } from './match-funding.ts';
import { matchCancellations, matchQuote } from './match-quote.ts';
import { matchTrade } from './match-trade.ts';
import type { PaperAccount, PaperOrder } from './paper-account.ts';
import type { PaperBooks } from './paper-books.ts';
import type { PaperContext, PaperRules } from './paper-context.ts';
import { PaperFees } from './paper-fees.ts';
import { type MarketInput, PaperMarket } from './paper-market.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';
import { RestingQueues } from './resting-queues.ts';
import { SerialQueue } from './serial-queue.ts';

/** How long a change that could not be committed waits for the next try. */
const retryMs = 1_000;

/**
 * Brings accounts and market together: one thing at a time, each judged on the accounts as they are on disk. A change that
 * the ledger does not take is tried again until it does; nothing of the market is lost in between but prices that newer ones
 * replaced.
 */
export class MatchingEngine {
  readonly market: PaperMarket;
  readonly queue: SerialQueue;
  readonly #venue: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #marketView: MarketView;
  readonly #books: PaperBooks;
  readonly #rules: PaperRules;
  readonly #fees: PaperFees;
  readonly #queues = new RestingQueues();
  readonly #timers = new Set<Release>();
  #running = false;
  #drainQueued = false;
  #failure: string | undefined;

  constructor(
    options: PaperVenueOptions & { readonly name: string; readonly books: PaperBooks; readonly logger: Logger },
  ) {
    const { clock, marketBus, marketView, derivativesView, books } = options;
    this.#venue = options.name;
    this.#clock = clock;
    this.#logger = options.logger;
    this.#marketView = marketView;
    this.#books = books;
    this.#fees = new PaperFees(options);
    this.#rules = {
      asset: options.asset ?? 'USDC',
      slippage: new Decimal(options.slippage ?? '0.0005'),
      volumeShare: new Decimal(options.volumeShare ?? '0.1'),
      latencyMs: options.latencyMs ?? 0,
      cancelLatencyMs: options.cancelLatencyMs ?? 0,
      latencyJitterMs: options.latencyJitterMs ?? 0,
      latencySeed: options.latencySeed ?? 'paper',
    };
    this.queue = new SerialQueue(clock);
    this.market = new PaperMarket({
      clock,
      marketBus,
      marketView,
      ...(derivativesView === undefined ? {} : { derivativesView }),
      concerns: (id) => books.hasHolders(id),
      onInput: () => this.#wantDrain(),
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** Why the ledger can not be written at present. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** `fills` are those of the last 14 days, where fees depend on them. */
  start(accounts: readonly PaperAccount[], fills: Iterable<Fill>): void {
    this.#running = true;
    this.#fees.count(fills);
    this.market.start();
    for (const account of accounts) for (const entry of account.orders.values()) this.awaitArrival(entry);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.market.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.queue.idle();
  }

  /** An instrument as it trades here, with this venue's fees. */
  instrument(id: InstrumentId, userId?: string): Instrument | undefined {
    const instrument = this.#marketView.instrument(id);
    return instrument === undefined ? undefined : this.list(instrument, userId);
  }

  list(instrument: Instrument, userId?: string): Instrument {
    return this.#fees.list(instrument, this.#clock.nowMs(), userId);
  }

  /** True when fees depend on what accounts have traded. */
  get needsVolumes(): boolean {
    return this.#fees.areTiered;
  }

  /** What is ahead of a user's resting limit at its price, as far as books and trades show; undefined where they do not. */
  sizeAhead(userId: string, id: InstrumentId, clientOrderId: string): Decimal | undefined {
    return this.#queues.ahead(userId, id, clientOrderId);
  }

  /** The market and the rules as of now, with the fees of a user. */
  context(userId?: string): PaperContext {
    return {
      venue: this.#venue,
      rules: this.#rules,
      atMs: this.#clock.nowMs(),
      instrument: (id) => this.instrument(id, userId),
      mark: (id) => this.market.mark(id),
      fundingRate: (id, instantMs) => this.market.fundingRate(id, instantMs),
    };
  }

  /** Keeps and tells a change. @throws StoreError when it is not known to be kept. */
  async commit(transition: Transition | undefined): Promise<void> {
    if (transition === undefined) return;
    await this.#books.commit(transition);
    this.#failure = undefined;
    const { account, orders, updates } = transition;
    this.#fees.count(updates.flatMap((update) => (update.kind === 'fill' ? [update.fill] : [])));
    for (const id of new Set(orders.map(({ order }) => order.instrumentId))) this.#follow(account, id);
  }

  /** Matches an order, or its cancellation, that is on its way when it arrives. */
  awaitArrival({ active, sinceMs, cancelAtMs, order }: PaperOrder): void {
    if (!active) this.#arrive(order.instrumentId, sinceMs);
    if (cancelAtMs !== undefined) this.#arrive(order.instrumentId, cancelAtMs);
  }

  #arrive(id: InstrumentId, atMs: number): void {
    this.#later(atMs - this.#clock.nowMs(), () => this.market.wantQuote(id));
  }

  /** Gives an account's resting limits their places in the queues. */
  #follow(account: PaperAccount, id: InstrumentId): void {
    const instrument = this.instrument(id);
    if (instrument !== undefined) this.#queues.follow(account, instrument, this.market.book(id));
  }

  /** What the market says in one go is matched in one go, once it has all been said. */
  #wantDrain(): void {
    if (this.#drainQueued || !this.#running) return;
    this.#drainQueued = true;
    void this.queue.run(async () => {
      this.#drainQueued = false;
      await this.#drain(this.market.take());
    });
  }

  async #drain(inputs: readonly MarketInput[]): Promise<void> {
    for (const [index, input] of inputs.entries()) {
      try {
        this.#see(input);
        for (const userId of this.#books.holders(input.instrumentId)) {
          if (input.done.has(userId)) continue;
          await this.commit(this.#match(await this.#books.account(userId), input));
          input.done.add(userId);
        }
      } catch (error) {
        this.#failure = `The paper ledger can not be written: ${error instanceof Error ? error.message : String(error)}`;
        this.#logger.error({ error, venue: this.#venue }, 'matching waits for the ledger');
        this.market.putBack(inputs.slice(index));
        this.#later(retryMs, () => this.#wantDrain());
        return;
      }
    }
  }

  /** A newer book moves the places in the queues. */
  #see({ kind, instrumentId }: MarketInput): void {
    if (kind !== 'quote') return;
    const instrument = this.instrument(instrumentId);
    const book = this.market.book(instrumentId);
    if (instrument !== undefined && book !== undefined) this.#queues.see(instrument, book);
  }

  #match(account: PaperAccount, input: MarketInput): Transition | undefined {
    const { userId } = account;
    const instrument = this.instrument(input.instrumentId, userId);
    if (instrument === undefined) return undefined;
    const context = this.context(userId);
    switch (input.kind) {
      case 'bar':
        return matchBar(account, input.bar, instrument, context);
      case 'funding':
        return matchFunding(account, instrument, input.settledAtMs, context);
      case 'trade':
        return matchTrade(account, instrument, input.trade, this.#queues, context);
      case 'quote': {
        this.#follow(account, instrument.id);
        const prices = this.market.quote(instrument.id);
        if (prices === undefined) return matchCancellations(account, instrument, context);
        return matchQuote(account, instrument, prices.quote, context);
      }
    }
  }

  #later(delayMs: number, act: () => void): void {
    if (!this.#running) return;
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
  }
}
