import {
  type Account,
  type Clock,
  type Health,
  isFresh,
  type Logger,
  type Reading,
  type Release,
  type Service,
  silentLogger,
  type UserDirectory,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { EquityStore } from './equity-store.ts';

/** Options of {@link EquityRecorder}. */
export interface EquityRecorderOptions {
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly accounts: { account(userId: string, venue: string): Reading<Account> | undefined };
  readonly database: Database;
  readonly clock: Clock;
  /** How often, at its multiples since the epoch. Default 5 minutes. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

/** Writes down what every account is worth as time goes. What is not known freshly is left out, not guessed. */
export class EquityRecorder implements Service {
  readonly name = 'equity';
  readonly #options: EquityRecorderOptions;
  readonly #store: EquityStore;
  readonly #logger: Logger;
  #cancel: Release | undefined;
  #recording: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  constructor(options: EquityRecorderOptions) {
    this.#options = options;
    this.#store = new EquityStore(options.database);
    this.#logger = options.logger ?? silentLogger;
  }

  /** @throws StoreError */
  async start(): Promise<void> {
    await migrate(this.#options.database, { namespace: executionNamespace, migrations: executionMigrations });
    await this.record();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#recording;
  }

  health(): Health {
    if (this.#cancel === undefined) return { status: 'stopped' };
    return this.#failure === undefined ? { status: 'healthy' } : { status: 'degraded', detail: this.#failure };
  }

  /** Writes down every account that is known now. @throws StoreError */
  async record(): Promise<void> {
    const { accounts, clock, users, venues } = this.#options;
    const atMs = clock.nowMs();
    const points = (await users.active()).flatMap(({ id: userId }) =>
      venues.all().flatMap(({ name: venue }) => {
        const account = accounts.account(userId, venue);
        if (!isFresh(account)) return [];
        const { deposits, equity, unrealizedPnl } = account.value;
        return [{ userId, venue, atMs, equity, unrealizedPnl, deposits }];
      }),
    );
    await this.#store.put(points);
  }

  #arm(): void {
    const { clock, everyMs = 300_000 } = this.#options;
    this.#cancel = clock.setTimer(everyMs - (clock.nowMs() % everyMs), () => {
      const release = clock.hold();
      this.#recording = this.record()
        .then(
          () => {
            this.#failure = undefined;
          },
          (error: unknown) => {
            this.#failure = 'equity can not be written down';
            this.#logger.error({ error }, this.#failure);
          },
        )
        .finally(release);
      this.#arm();
    });
  }
}
