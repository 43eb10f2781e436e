import type { DerivativesView, MarketBus, MarketView, Rate } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { FeeTier } from '../matching/fee-tiers.ts';
import type { VenueBaseOptions } from '../venue/venue-base.ts';

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
  /**
   * In place of `fees`: rates by an account's volume of the last 14 days, its fills at this venue. Default none. Ready to
   * use: `hyperliquidFeeTiers`.
   */
  readonly feeTiers?: readonly FeeTier[];
  /** How long an order takes to arrive: it is accepted at once and matched then. Default 0: matched at once. */
  readonly latencyMs?: number;
  /**
   * How long a cancellation takes to arrive: it is accepted at once, and until then the order may still fill. Default 0:
   * cancelled at once.
   */
  readonly cancelLatencyMs?: number;
  /** How much longer either may take. Default 0. */
  readonly latencyJitterMs?: number;
  /** The jitter of an order derives from this and its client order id, so that a replay gives the same. Default `paper`. */
  readonly latencySeed?: string;
}
