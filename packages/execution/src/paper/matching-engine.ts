import {
  type Clock,
  Decimal,
  type Instrument,
  type InstrumentId,
  type Logger,
  type MarketView,
  type Release,
} from '@perpdesk/core';
import type { Transition } from './account-draft.ts';
import { matchBar } from './match-bar.ts';
import { matchFunding } from './match-funding.ts';
import { matchQuote } from './match-quote.ts';
import type { PaperAccount } from './paper-account.ts';
import type { PaperBooks } from './paper-books.ts';
import type { PaperContext, PaperRules } from './paper-context.ts';
import { type MarketInput, PaperMarket } from './paper-market.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';
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
  readonly #fees: PaperVenueOptions['fees'];
  readonly #listed = new WeakMap<Instrument, Instrument>();
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
    this.#fees = options.fees;
    this.#rules = {
      asset: options.asset ?? 'USDC',
      slippage: new Decimal(options.slippage ?? '0.0005'),
      volumeShare: new Decimal(options.volumeShare ?? '0.1'),
      latencyMs: options.latencyMs ?? 0,
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

  start(accounts: readonly PaperAccount[]): void {
    this.#running = true;
    this.market.start();
    for (const account of accounts) {
      for (const { active, sinceMs, order } of account.orders.values())
        if (!active) this.arrive(order.instrumentId, sinceMs);
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.market.stop();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.queue.idle();
  }

  /** An instrument as it trades here, with this venue's fees. */
  instrument(id: InstrumentId): Instrument | undefined {
    const instrument = this.#marketView.instrument(id);
    return instrument === undefined ? undefined : this.list(instrument);
  }

  list(instrument: Instrument): Instrument {
    if (this.#fees === undefined) return instrument;
    let listed = this.#listed.get(instrument);
    if (listed === undefined) {
      listed = { ...instrument, makerFeeRate: this.#fees.maker, takerFeeRate: this.#fees.taker };
      this.#listed.set(instrument, listed);
    }
    return listed;
  }

  /** The market and the rules as of now. */
  context(): PaperContext {
    return {
      venue: this.#venue,
      rules: this.#rules,
      atMs: this.#clock.nowMs(),
      instrument: (id) => this.instrument(id),
      mark: (id) => this.market.mark(id),
      fundingRate: (id, instantMs) => this.market.fundingRate(id, instantMs),
    };
  }

  /** Keeps and tells a change. @throws StoreError when it is not known to be kept. */
  async commit(transition: Transition | undefined): Promise<void> {
    if (transition === undefined) return;
    await this.#books.commit(transition);
    this.#failure = undefined;
  }

  /** Matches an order with latency when it arrives. */
  arrive(id: InstrumentId, atMs: number): void {
    this.#later(atMs - this.#clock.nowMs(), () => this.market.wantQuote(id));
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

  #match(account: PaperAccount, input: MarketInput): Transition | undefined {
    const instrument = this.instrument(input.instrumentId);
    if (instrument === undefined) return undefined;
    switch (input.kind) {
      case 'bar':
        return matchBar(account, input.bar, instrument, this.context());
      case 'funding':
        return matchFunding(account, instrument, input.settledAtMs, this.context());
      case 'quote': {
        const prices = this.market.quote(instrument.id);
        return prices === undefined ? undefined : matchQuote(account, instrument, prices.quote, this.context());
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
