import {
  type Clock,
  ConfigError,
  type CredentialVault,
  type Fill,
  type Logger,
  type Unsubscribe,
  type VenueUpdate,
} from '@perpdesk/core';
import type { AccountSession } from './account-session.ts';
import { AccountStream } from './account-stream.ts';
import type { VenueAdapter } from './venue-adapter.ts';

/** How long after an account could not be opened it is tried again for those who watch it, ms. */
const listenAgainMs = 5_000;

export interface AccountConnectionsOptions {
  readonly name: string;
  readonly adapter: VenueAdapter;
  readonly vault: CredentialVault;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens an account with its keys; `onFrame` sees its socket's messages first. */
  readonly open: (
    userId: string,
    secrets: Readonly<Record<string, string>>,
    onFrame: (frame: unknown) => boolean,
  ) => Promise<AccountSession>;
  readonly onFill: (fill: Fill) => void;
}

interface Connection {
  readonly session: AccountSession;
  readonly stream: AccountStream;
}

/** The users' connections to a venue: opened when first needed, with the keys of then; who watches outlasts them. */
export class AccountConnections {
  readonly #options: AccountConnectionsOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #streams = new Map<string, AccountStream>();
  readonly #listeners = new Map<string, Set<(update: VenueUpdate) => void>>();
  readonly #listening = new WeakSet<AccountStream>();
  #ended = false;

  constructor(options: AccountConnectionsOptions) {
    this.#options = options;
  }

  /** @throws ConfigError `credentials.missing`; StoreError of the vault */
  async session(userId: string): Promise<AccountSession> {
    return (await this.#connection(userId)).session;
  }

  /** True while a user's socket is up and nothing of the account is known to be missing. */
  isLive(userId: string): boolean {
    return this.#streams.get(userId)?.live ?? false;
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    const listeners = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, listeners);
    // One function may be given twice.
    const own = (update: VenueUpdate): void => listener(update);
    listeners.add(own);
    this.#listen(userId);
    return () => {
      listeners.delete(own);
    };
  }

  /** Closes a user's connection; the next act, and who watches, opens another. */
  async forget(userId: string): Promise<void> {
    const connection = this.#connections.get(userId);
    this.#connections.delete(userId);
    this.#streams.delete(userId);
    const opened = await connection?.catch(() => undefined);
    opened?.stream.stop();
    await opened?.session.client.close();
    this.#listen(userId);
  }

  /** Closes all of them and opens none any more. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const userId of [...this.#connections.keys()]) await this.forget(userId);
  }

  #connection(userId: string): Promise<Connection> {
    let connection = this.#connections.get(userId);
    if (connection === undefined) {
      connection = this.#connect(userId);
      this.#connections.set(userId, connection);
      const opening = connection;
      connection.catch(() => {
        if (this.#connections.get(userId) === opening) this.#connections.delete(userId);
      });
    }
    return connection;
  }

  async #connect(userId: string): Promise<Connection> {
    const { name, vault, adapter, clock, logger, open, onFill } = this.#options;
    if (this.#ended) throw new ConfigError('venue.not-started', `${name} is stopped.`);
    const secrets = await vault.get({ userId, venue: name });
    if (secrets === undefined)
      throw new ConfigError('credentials.missing', `There are no keys of user ${userId} for ${name}.`);
    let stream: AccountStream | undefined;
    const session = await open(userId, secrets, (frame) => stream?.take(frame) ?? false);
    stream = new AccountStream({ session, adapter, clock, logger, onFill });
    this.#streams.set(userId, stream);
    return { session, stream };
  }

  /** Listens to a user whom somebody watches, over whichever connection there is; tries until it can. */
  #listen(userId: string): void {
    const listeners = this.#listeners.get(userId);
    if (listeners === undefined || listeners.size === 0 || this.#ended) return;
    const { clock, logger, name } = this.#options;
    this.#connection(userId).then(
      ({ stream }) => {
        if (this.#listening.has(stream)) return;
        this.#listening.add(stream);
        stream.listen((update) => {
          for (const listener of [...listeners]) this.#tell(listener, update);
        });
      },
      (error: unknown) => {
        logger.error({ error, userId, venue: name }, 'an account can not be watched');
        clock.setTimer(listenAgainMs, () => this.#listen(userId));
      },
    );
  }

  #tell(listener: (update: VenueUpdate) => void, update: VenueUpdate): void {
    try {
      listener(update);
    } catch (error) {
      this.#options.logger.error({ error, kind: update.kind }, 'a listener of an account failed');
    }
  }
}
