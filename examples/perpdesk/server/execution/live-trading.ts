import { type Clock, ConfigError, type Logger, type MarketFeed, type VenueBudget } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Redactor } from '@perpdesk/core/security';
import { LiveSource, type MarketDataService, SqlSourceStateStore } from '@perpdesk/data';
import { LaneBudget, type VenueBaseOptions } from '@perpdesk/execution';
import type { CcxtVenueName, CcxtVenueOptions } from '@perpdesk/execution/ccxt';
import type { Environment } from '../language-model.ts';
import type { VenueEndpoints } from '../reach-venues.ts';
import { DeskVenue } from './desk-venue.ts';
import { type ExecutionChoice, executionNotice } from './execution-choice.ts';
import { lighterSigner } from './lighter-signer.ts';
import { type OpenVault, openVault } from './open-vault.ts';
import { recallOrderId } from './recall-order-id.ts';
import { VenueLink } from './venue-link.ts';

/** What live trading is opened with. */
export interface LiveTradingOptions {
  readonly choice: ExecutionChoice;
  readonly userId: string;
  readonly directory: string;
  /** Keeps of which network the accounts in the data directory are. */
  readonly market: Database;
  readonly environment: Environment;
  readonly endpoints: VenueEndpoints;
  readonly budgets: ReadonlyMap<string, VenueBudget>;
  /** The feeds that answered. */
  readonly feeds: readonly MarketFeed[];
  readonly openFeed: (venue: CcxtVenueName) => MarketFeed;
  readonly markets: LiveSourceMarkets;
  /** What carries requests and opens sockets. Default: Node's own. */
  readonly wires?: Pick<CcxtVenueOptions, 'transport' | 'openSocket'>;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly logger: Logger;
}

type LiveSourceMarkets = NonNullable<ConstructorParameters<typeof LiveSource>[0]['markets']>;

/** What of the desk a live venue is wired to. */
export interface DeskWiring extends Pick<VenueBaseOptions, 'verifier' | 'onMismatch' | 'mayLeave'> {
  readonly marketData: MarketDataService;
  /** Called whenever a venue can be used again. */
  readonly onConnected: () => Promise<void>;
  /** Where orders are kept. */
  readonly database: Database;
}

/** The venues that a user chose to trade on, with the keys in the vault. */
export class LiveTrading {
  readonly choice: ExecutionChoice;
  readonly notice: string;
  readonly #options: LiveTradingOptions;
  readonly #open: OpenVault;

  private constructor(options: LiveTradingOptions, open: OpenVault) {
    this.#options = options;
    this.#open = open;
    this.choice = options.choice;
    this.notice = executionNotice(options.choice);
  }

  /** @throws ConfigError `credentials.missing`, `data-directory.used`; StoreError `vault.sealed` */
  static async open(options: LiveTradingOptions): Promise<LiveTrading> {
    const { choice, userId } = options;
    const states = new SqlSourceStateStore({ database: options.market });
    await states.start();
    await requireNetwork(states, options);
    const open = await openVault({ ...options, network: choice.network });
    try {
      const kept = new Set((await open.vault.list(userId)).map(({ venue }) => venue));
      const missing = choice.venues.find((venue) => !kept.has(venue));
      if (missing === undefined) {
        await states.save('execution', { atMs: 0, state: choice.network });
        return new LiveTrading(options, open);
      }
      const network = choice.network === 'mainnet' ? ' --network mainnet' : '';
      throw new ConfigError(
        'credentials.missing',
        `There are no keys for ${missing} in ${open.path}: npm start -- --save-credentials ${missing}${network}`,
      );
    } catch (error) {
      await open.close();
      throw error;
    }
  }

  /** The venues, each with the service that brings it up. Called once. */
  links({ marketData, database, onConnected, ...base }: DeskWiring): readonly VenueLink[] {
    const { choice, clock, logger, endpoints, budgets, feeds, openFeed, userId } = this.#options;
    return choice.venues.map((venue) => {
      const present = feeds.find((feed) => feed.venue === venue);
      const budget = budgets.get(venue);
      const options: Omit<CcxtVenueOptions, 'instruments'> = {
        ...{ ...base, venue, clock, logger, vault: this.#open.vault, network: choice.network },
        ...(budget === undefined ? {} : { budget: accountFirst(budget) }),
        ...(endpoints[venue] === undefined ? {} : { endpoints: endpoints[venue] }),
        ...lighterSigner(this.#options.environment),
        ...this.#options.wires,
        recallClientOrderId: recallOrderId(database),
        onDeadMansSwitchOff: (_, reason) =>
          logger.warn(
            { venue, reason },
            'the venue refuses its dead man’s switch: entries rest until the desk cancels them',
          ),
      };
      return new VenueLink({
        ...{ userId, vault: this.#open.vault, marketData, onConnected, clock, logger },
        makeVenue: (instruments) => new DeskVenue({ ...options, instruments }),
        feed: {
          ...(present === undefined ? {} : { present }),
          open: () => openFeed(venue),
          sourceOf: (feed) => new LiveSource({ feeds: [feed], clock, markets: this.#options.markets, logger }),
        },
      });
    });
  }

  /** Locks the vault. */
  async close(): Promise<void> {
    await this.#open.close();
  }
}

/**
 * What each venue takes in a minute from one address, by its own weights: Hyperliquid "Rate limits and user limits", Binance
 * USDⓈ-M and Aster "Limits" (REQUEST_WEIGHT), Bybit "Rate limit" (600 in 5 s, of which half), OKX as ccxt 4.5.84 spaces requests,
 * Lighter "Rate limits" of a standard account.
 */
const weightPerMinute: Readonly<Record<CcxtVenueName, number>> = {
  ...{ hyperliquid: 1_200, binance: 2_400, aster: 2_400, bybit: 3_600, okx: 545, lighter: 60 },
};

/** One budget per venue, for its feed and its orders: they share an address. */
export const venueBudgets = (choice: ExecutionChoice | undefined, clock: Clock): ReadonlyMap<string, VenueBudget> =>
  new Map((choice?.venues ?? []).map((venue) => [venue, new LaneBudget({ clock, weight: weightPerMinute[venue] })]));

/** What an account holds is read before any candle: both are readings, and history alone would keep it waiting for half a minute. */
const accountFirst = (budget: VenueBudget): VenueBudget => ({
  acquire: (lane, weight, options) => budget.acquire(lane === 'read' ? 'open' : lane, weight, options),
});

/** A position of test money must never be taken for one of real money, nor the other way round. @throws ConfigError `data-directory.used` */
async function requireNetwork(states: SqlSourceStateStore, { choice, directory }: LiveTradingOptions): Promise<void> {
  const saved = await states.load('execution');
  if (saved === undefined || saved.state === choice.network) return;
  throw new ConfigError(
    'data-directory.used',
    `${directory} holds accounts of ${String(saved.state)}: choose another --data-dir for ${choice.network}.`,
  );
}
