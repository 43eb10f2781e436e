import type { Clock } from '../../clock/clock.ts';
import type { Database, SqlTransaction } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { StoreError } from '../../errors/store-error.ts';
import { ValidationError } from '../../errors/validation-error.ts';
import type { CredentialKey, CredentialVault } from '../../ports/credential-vault.ts';
import type { Health, Service } from '../../ports/service.ts';
import type { Redactor } from '../redactor.ts';
import { isHeadOf, openRecord, sealRecord, signHead } from './credential-record.ts';
import { MasterKey, newParameters, type ScryptParameters, usualScrypt, type VaultUnlock } from './master-key.ts';
import { sealedError } from './sealed.ts';
import {
  masterSlot,
  readCredentials,
  readMaster,
  rewrapAll,
  type StoredCredentials,
  writeHead,
  writeRecord,
} from './vault-store.ts';
import { type VaultTables, vaultMigrations } from './vault-tables.ts';

/** Options of {@link SqlCredentialVault}. */
export interface SqlCredentialVaultOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly unlock: VaultUnlock;
  /** For a new vault and for a rotation; an existing one keeps its own. Default N = 131,072, r = 8, p = 1. */
  readonly scrypt?: ScryptParameters;
  /** Learns every secret that passes, so that logs drop it. */
  readonly redactor?: Redactor;
}

const mostSecrets = 32;
const longestSecret = 8_192;

/**
 * Venue credentials in SQL, encrypted with AES-256-GCM: each record under a data key of its own, that wrapped by a master key
 * from a passphrase (scrypt) or a key file. A record is bound to its user, venue, data key, version and time, and its newest
 * version is authenticated apart, so that a swapped, altered or older record is refused: StoreError `vault.sealed`. What it
 * can not notice is the whole database put back to an earlier day while the vault is closed.
 *
 * A `Service`: `start` makes or unlocks the vault, `stop` forgets the keys.
 * @example
 * const vault = new SqlCredentialVault({ database, clock, unlock: { passphrase } });
 * await vault.start();
 * await vault.put({ userId: 'user-1', venue: 'hyperliquid' }, { agentKey: '0x…' });
 */
export class SqlCredentialVault implements CredentialVault, Service {
  readonly name = 'vault';
  readonly #options: SqlCredentialVaultOptions;
  /** The highest version seen of each record: also both tables put back are noticed while the vault is open. */
  readonly #seen = new Map<string, number>();
  #master: MasterKey | undefined;
  /** The present master key; during a rotation also the next one, by its id. */
  #masters: ReadonlyMap<string, MasterKey> = new Map();
  #writing: Promise<unknown> = Promise.resolve();
  #failure: string | undefined;

  constructor(options: SqlCredentialVaultOptions) {
    this.#options = options;
  }

  /**
   * Makes the tables, then unlocks the vault or, the first time, locks it with what was given.
   * @throws StoreError `vault.sealed` for a wrong passphrase or key file; ConfigError `vault.…`, `secret-file.…`, `database.newer`
   */
  async start(): Promise<void> {
    this.#failure = undefined;
    try {
      await migrate(this.#options.database, { namespace: 'vault', migrations: vaultMigrations });
      this.#use(await this.#unlock());
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : 'it could not be opened';
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#writing;
    this.#master = undefined;
    this.#masters = new Map();
    this.#seen.clear();
  }

  health(): Health {
    if (this.#failure !== undefined) return { status: 'failed', detail: this.#failure };
    return this.#master === undefined ? { status: 'stopped' } : { status: 'healthy' };
  }

  /** @throws StoreError; ValidationError `credentials.invalid` unless 1 to 32 secrets of 1 to 8,192 characters */
  async put(key: CredentialKey, secrets: Readonly<Record<string, string>>): Promise<void> {
    const kept = { ...secrets };
    checkSecrets(kept);
    this.#options.redactor?.learn(...Object.values(kept));
    await this.#write(async (transaction, master) => {
      const stored = await readCredentials(transaction, key);
      if (this.#isForeign(key, stored, master)) throw sealed(key);
      const version = this.#nextVersion(key, stored.head);
      await writeRecord(
        transaction,
        key,
        sealRecord(master, { key, version, secrets: kept, atMs: this.#options.clock.nowMs() }),
      );
      await writeHead(transaction, signHead(master, { user_id: key.userId, venue: key.venue, version, removed: 0 }));
      transaction.afterCommit(() => this.#see(key, version));
    });
  }

  async get(key: CredentialKey): Promise<Readonly<Record<string, string>> | undefined> {
    this.#opened();
    const before = this.#masters;
    const floor = this.#floor(key);
    const { head, record } = await readCredentials(this.#options.database, key);
    if (head === undefined && record === undefined && floor === 0) return undefined;
    // A rotation may have ended since the query, or have begun before it.
    const master = head && (this.#masters.get(head.master_id) ?? before.get(head.master_id));
    if (head === undefined || master === undefined || head.version < floor || !isHeadOf(master, head))
      throw sealed(key);
    this.#see(key, head.version);
    if (head.removed === 1 && record === undefined) return undefined;
    const secrets = head.removed === 0 && record?.version === head.version ? openRecord(master, record) : undefined;
    if (secrets === undefined) throw sealed(key);
    this.#options.redactor?.learn(...Object.values(secrets));
    return secrets;
  }

  /** Removes a record, also one that does not open any more. */
  async remove(key: CredentialKey): Promise<void> {
    await this.#write(async (transaction, master) => {
      const stored = await readCredentials(transaction, key);
      if (stored.head === undefined && stored.record === undefined && this.#floor(key) === 0) return;
      const genuine = stored.head !== undefined && isHeadOf(master, stored.head);
      const version = this.#nextVersion(key, genuine ? stored.head : undefined);
      await writeRecord(transaction, key, undefined);
      await writeHead(transaction, signHead(master, { user_id: key.userId, venue: key.venue, version, removed: 1 }));
      transaction.afterCommit(() => this.#see(key, version));
    });
  }

  async list(userId: string): Promise<readonly { readonly venue: string; readonly updatedAtMs: number }[]> {
    this.#opened();
    const records = this.#options.database.as<VaultTables>().selectFrom('perpdesk_vault_records');
    const rows = await records
      .select(['venue', 'updated_at_ms'])
      .where('user_id', '=', userId)
      .orderBy('venue')
      .execute();
    return rows.map((row) => ({ venue: row.venue, updatedAtMs: row.updated_at_ms }));
  }

  /**
   * Locks the vault with another passphrase or key file: re-wraps every record's data key in one transaction, while reads go
   * on. Other processes must be started again with the new one. Returns how many records there are.
   * @throws StoreError `vault.sealed` when a record does not open, nothing being changed then; ConfigError as `start`
   */
  async rotate(unlock: VaultUnlock): Promise<number> {
    this.#opened();
    const next = await MasterKey.derive(unlock, newParameters(unlock, this.#options.scrypt ?? usualScrypt));
    return await this.#write(async (transaction, master) => {
      this.#masters = new Map([master, next].map((each) => [each.id, each]));
      const records = await rewrapAll(transaction, master, next);
      const row = { ...next.parameters, probe: next.probe(), created_at_ms: this.#options.clock.nowMs() };
      await transaction
        .as<VaultTables>()
        .updateTable('perpdesk_vault_master')
        .set(row)
        .where('slot', '=', masterSlot)
        .execute();
      transaction.afterCommit(() => this.#use(next));
      return records;
    });
  }

  async #unlock(): Promise<MasterKey> {
    const { database, clock, unlock, scrypt = usualScrypt } = this.#options;
    if ((await readMaster(database)) === undefined) {
      const made = await MasterKey.derive(unlock, newParameters(unlock, scrypt));
      const value = { slot: masterSlot, ...made.parameters, probe: made.probe(), created_at_ms: clock.nowMs() };
      // Of two processes that make the vault at once the first wins; the other opens what is there.
      const table = database.as<VaultTables>().insertInto('perpdesk_vault_master').values(value);
      await table.onConflict((conflict) => conflict.column('slot').doNothing()).execute();
    }
    const row = await readMaster(database);
    if (row === undefined) throw sealedError('The vault');
    const { id, kind, salt, cost, block_size, parallelization } = row;
    const master = await MasterKey.derive(unlock, { id, kind, salt, cost, block_size, parallelization });
    if (!master.isProbe(row.probe)) throw sealedError('The vault');
    return master;
  }

  /** Writes follow one another, each in a transaction that has made sure of the master key. */
  #write<Result>(act: (transaction: SqlTransaction, master: MasterKey) => Promise<Result>): Promise<Result> {
    const turn = this.#writing.then(async () => {
      const master = this.#opened();
      try {
        return await this.#options.database.transaction(async (transaction) => {
          const stored = await readMaster(transaction, { lock: true });
          if (stored?.id === master.id) return await act(transaction, master);
          throw new StoreError(
            'vault.rotated',
            'The vault was locked anew by another process: start again with the new key.',
          );
        });
      } finally {
        // After a rotation only the master key in use is kept, whichever it is now.
        if (this.#master !== undefined) this.#use(this.#master);
      }
    });
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** True when what is stored is not what this vault left there. */
  #isForeign(key: CredentialKey, { head, record }: StoredCredentials, master: MasterKey): boolean {
    if (head === undefined) return record !== undefined || this.#floor(key) > 0;
    return head.version < this.#floor(key) || !isHeadOf(master, head);
  }

  /** Higher than any before. It follows the clock, so that no version comes twice, not even after rows were lost. */
  #nextVersion(key: CredentialKey, genuine: { readonly version: number } | undefined): number {
    return Math.max(this.#options.clock.nowMs(), this.#floor(key) + 1, (genuine?.version ?? 0) + 1);
  }

  #use(master: MasterKey): void {
    this.#master = master;
    this.#masters = new Map([[master.id, master]]);
  }

  #opened(): MasterKey {
    if (this.#master === undefined) throw new StoreError('vault.locked', 'The vault is locked: start it first.');
    return this.#master;
  }

  #floor(key: CredentialKey): number {
    return this.#seen.get(JSON.stringify([key.userId, key.venue])) ?? 0;
  }

  #see(key: CredentialKey, version: number): void {
    this.#seen.set(JSON.stringify([key.userId, key.venue]), Math.max(version, this.#floor(key)));
  }
}

const sealed = (key: CredentialKey): StoreError =>
  sealedError(`The user's credentials for ${JSON.stringify(key.venue)}`);

function checkSecrets(secrets: Readonly<Record<string, unknown>>): void {
  const values = Object.values(secrets);
  const fits = (value: unknown): boolean =>
    typeof value === 'string' && value.length > 0 && value.length <= longestSecret;
  if (values.length >= 1 && values.length <= mostSecrets && values.every(fits)) return;
  throw new ValidationError(
    'credentials.invalid',
    `A record holds 1 to ${mostSecrets} secrets of 1 to ${longestSecret} characters each.`,
  );
}
