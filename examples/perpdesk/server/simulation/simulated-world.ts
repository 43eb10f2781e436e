import type { MarketStep } from '@perpdesk/core';
import { type Instrument, LocalMarketBus, MemoryEventBus, SeededRandom, SortableIdGenerator } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { IndicatorPipeline, MarketDataService, MarketState } from '@perpdesk/data';
import { PaperVenue } from '@perpdesk/execution';
import type { ProcessClock, SimulatedTime } from './simulated-time.ts';

/** What an account at the venue begins with. */
export const deposit = '10000';

/**
 * What is there whether a desk runs or not: the market, and the venue with its books. The venue takes what the authority
 * has signed, which here outlives the desk as a venue's knowledge of a key does.
 */
export class SimulatedWorld {
  readonly clock: ProcessClock;
  readonly authority: HmacApprovalAuthority;
  readonly venue: PaperVenue;
  readonly #state: MarketState;
  readonly #marketData: MarketDataService;

  constructor(options: {
    readonly time: SimulatedTime;
    readonly seed: string;
    readonly database: Database;
    readonly instruments: readonly Instrument[];
  }) {
    const clock = options.time.process();
    this.clock = clock;
    const ids = new SortableIdGenerator({ clock, random: new SeededRandom(`${options.seed}:world`) });
    this.authority = new HmacApprovalAuthority({ clock, ids });
    this.#state = new MarketState({ clock });
    const marketBus = new LocalMarketBus({ clock });
    this.#marketData = new MarketDataService({
      ...{ clock, marketBus, eventBus: new MemoryEventBus({ clock, ids }), state: this.#state },
      ...{ pipeline: new IndicatorPipeline(), timeframes: [] },
    });
    this.#marketData.list(options.instruments);
    this.venue = new PaperVenue({
      ...{ clock, database: options.database, marketBus, marketView: this.#state, derivativesView: this.#state },
      ...{ verifier: this.authority.verifier(), startingBalance: deposit },
    });
  }

  mark(instrumentId: string): number | undefined {
    return this.#state.ticker(instrumentId as Instrument['id'])?.value.mark;
  }

  async take(step: MarketStep): Promise<void> {
    await this.#marketData.ingest(step);
  }
}
