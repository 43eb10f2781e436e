import {
  type Decimal,
  type InstrumentId,
  type Logger,
  silentLogger,
  type Unsubscribe,
  type VenueUpdate,
} from '@perpdesk/core';
import type { Transition } from './account-draft.ts';
import { openPaperAccount, type PaperAccount } from './paper-account.ts';
import type { PaperLedger } from './paper-ledger.ts';

/**
 * The accounts of the paper venue in memory, always as they are on disk: a change is committed, then taken over, then told.
 * When a commit fails, nobody knows whether it is on disk: the account is read again before it is used.
 */
export class PaperBooks {
  readonly #ledger: PaperLedger;
  readonly #startingBalance: Decimal;
  readonly #logger: Logger;
  readonly #accounts = new Map<string, PaperAccount>();
  /** Who has a position or an open order on an instrument. */
  readonly #holders = new Map<InstrumentId, Set<string>>();
  readonly #listeners = new Map<string, Set<(update: VenueUpdate) => void>>();

  constructor(options: { readonly ledger: PaperLedger; readonly startingBalance: Decimal; readonly logger?: Logger }) {
    this.#ledger = options.ledger;
    this.#startingBalance = options.startingBalance;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Reads all accounts. @throws StoreError, ConfigError */
  async open(): Promise<readonly PaperAccount[]> {
    await this.#ledger.open();
    const accounts = await this.#ledger.loadAll();
    for (const account of accounts) this.#keep(account, undefined);
    return accounts;
  }

  /** The account as it stands. A user who has none begins with the starting balance. @throws StoreError */
  async account(userId: string): Promise<PaperAccount> {
    const known = this.#accounts.get(userId);
    if (known !== undefined) return known;
    const loaded = await this.#ledger.load(userId);
    // Another may have read it, and changed it, in the meantime.
    const newer = this.#accounts.get(userId);
    if (newer !== undefined) return newer;
    const account = loaded ?? openPaperAccount(userId, this.#startingBalance);
    this.#keep(account, undefined);
    return account;
  }

  /** Users who have something on an instrument, in a fixed order. */
  holders(id: InstrumentId): readonly string[] {
    return [...(this.#holders.get(id) ?? [])].sort();
  }

  hasHolders(id: InstrumentId): boolean {
    return (this.#holders.get(id)?.size ?? 0) > 0;
  }

  /** Commits a change, takes it over and tells it. @throws StoreError when it is not known to be kept. */
  async commit(transition: Transition): Promise<void> {
    const { userId } = transition.account;
    try {
      await this.#ledger.commit(transition);
    } catch (error) {
      this.#accounts.delete(userId);
      throw error;
    }
    this.#keep(transition.account, transition.before);
    for (const update of transition.updates) this.#tell(userId, update);
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    const listeners = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  #keep(account: PaperAccount, before: PaperAccount | undefined): void {
    this.#accounts.set(account.userId, account);
    const touched = new Set<InstrumentId>([
      ...instrumentsOf(account),
      ...(before === undefined ? [] : instrumentsOf(before)),
    ]);
    const held = new Set(instrumentsOf(account));
    for (const id of touched) {
      const holders = this.#holders.get(id) ?? new Set();
      if (held.has(id)) this.#holders.set(id, holders.add(account.userId));
      else holders.delete(account.userId);
    }
  }

  #tell(userId: string, update: VenueUpdate): void {
    for (const listener of this.#listeners.get(userId) ?? []) {
      try {
        listener(update);
      } catch (error) {
        this.#logger.error({ error, userId, kind: update.kind }, 'a listener of account updates threw');
      }
    }
  }
}

const instrumentsOf = (account: PaperAccount): readonly InstrumentId[] => [
  ...account.positions.keys(),
  ...[...account.orders.values()].map(({ order }) => order.instrumentId),
];
