import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { Database } from '../../database/database.ts';
import { SeededRandom } from '../../ids/random.ts';
import { credentialVaultContract, type MakeCredentialVault } from '../../testing/credential-vault-contract.ts';
import { findSecrets } from '../../testing/find-secrets.ts';
import { type TestDatabase, testDatabases } from '../../testing/test-databases.ts';
import { Redactor } from '../redactor.ts';
import { createVaultKeyFile } from '../secret-file.ts';
import { SqlCredentialVault } from './sql-credential-vault.ts';
import type { VaultTables } from './vault-tables.ts';

const passphrase = 'correct horse battery canary';
// The least work that a vault takes: keys are derived hundreds of times here.
const scrypt = { cost: 16_384, blockSize: 1, parallelization: 1 };
const alice = { userId: 'alice', venue: 'hyperliquid' };
const bob = { userId: 'bob', venue: 'hyperliquid' };
const secrets = { agentKey: '0xCanaryAgentKey+/=%7f', passphrase: 'canary-passphrase-ü' };
const canaries = [passphrase, ...Object.values(secrets)];
const startAtMs = 1_700_000_000_000;

const sealed = expect.objectContaining({ name: 'StoreError', code: 'vault.sealed' });
/** All that an error would show to a log. */
const shown = (error: unknown): string =>
  `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${String(error)}`;

async function failure(act: Promise<unknown>): Promise<unknown> {
  return await act.then(
    (value) => expect.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

for (const { title, available, make } of (await testDatabases()).filter((each) => each.title !== 'SQLite in memory')) {
  describe.skipIf(!available)(`SqlCredentialVault on ${title}`, () => {
    let test: TestDatabase;
    let database: Database;
    const clock = new SimulatedClock({ startAtMs });
    type Options = ConstructorParameters<typeof SqlCredentialVault>[0];
    const open = async (unlock: Options['unlock'] = { passphrase }, options: Partial<Options> = {}) => {
      const vault = new SqlCredentialVault({ database, clock, unlock, scrypt, ...options });
      await vault.start();
      return vault;
    };

    beforeEach(async () => {
      test = await make();
      database = await test.open();
    });
    afterEach(() => test.drop());

    const makeVault: MakeCredentialVault = async () => {
      const vault = await open();
      return { vault, close: () => vault.stop() };
    };
    for (const c of credentialVaultContract) it(c.name, () => c.run(makeVault));

    it('behavior: another process opens it with the same passphrase, no other', async () => {
      await (await open()).put(alice, secrets);
      expect(await (await open()).get(alice)).toEqual(secrets);
      const error = await failure(open({ passphrase: `${passphrase}.` }));
      expect(error).toEqual(sealed);
      expect(findSecrets(shown(error), canaries)).toEqual([]);
      await expect(open({ passphrase: 'too short' })).rejects.toThrow(
        expect.objectContaining({ code: 'vault.passphrase' }),
      );
    });

    it('behavior: no secret is in any row, log line or listing', async () => {
      const redactor = new Redactor();
      const vault = new SqlCredentialVault({ database, clock, unlock: { passphrase }, scrypt, redactor });
      await vault.start();
      await vault.put(alice, secrets);
      const tables = database.as<VaultTables>();
      const rows = await Promise.all([
        tables.selectFrom('perpdesk_vault_master').selectAll().execute(),
        tables.selectFrom('perpdesk_vault_records').selectAll().execute(),
        tables.selectFrom('perpdesk_vault_heads').selectAll().execute(),
        vault.list('alice'),
      ]);
      expect(findSecrets(JSON.stringify(rows) + inspect(vault, { depth: 9, showHidden: true }), canaries)).toEqual([]);
      expect(redactor.text(`sent ${secrets.agentKey}`)).toBe('sent [secret]');
      expect(rows[3]).toEqual([{ venue: 'hyperliquid', updatedAtMs: startAtMs }]);
    });

    it('error: every change of a stored row fails closed', async () => {
      const vault = await open();
      await vault.put(alice, secrets);
      const tables = database.as<VaultTables>();
      const random = new SeededRandom('vault-mutations');
      const pick = (length: number) => Math.floor(random.next() * length);
      const record = await tables.selectFrom('perpdesk_vault_records').selectAll().executeTakeFirstOrThrow();
      const head = await tables.selectFrom('perpdesk_vault_heads').selectAll().executeTakeFirstOrThrow();
      const change = (value: string): string => {
        const at = pick(value.length);
        const bytes = Buffer.from(value, 'latin1');
        bytes[at] = (((bytes[at] ?? 0) + 1 + pick(93) - 33) % 94) + 33;
        return bytes.toString('latin1');
      };
      let changed = 0;
      for (let i = 0; i < 1_000; i += 1) {
        const recordColumn = (
          ['wrapped_key', 'secrets', 'data_key_id', 'master_id', 'version', 'updated_at_ms'] as const
        )[pick(8)];
        const headColumn = (['mac', 'master_id', 'version', 'removed'] as const)[pick(4)];
        const [table, column, row] = recordColumn
          ? (['perpdesk_vault_records', recordColumn, record] as const)
          : (['perpdesk_vault_heads', headColumn ?? 'mac', head] as const);
        const before: string | number | undefined = Object.entries(row).find(([name]) => name === column)?.[1];
        const after =
          typeof before === 'number'
            ? column === 'removed'
              ? 1
              : before + 1 + pick(9) - 5 || 1
            : change(before ?? '');
        if (after === before) continue;
        changed += 1;
        await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${after}`.execute(tables);
        // As a process that has seen the record, and as one that has not.
        const error = await failure(vault.get(alice));
        expect(error, `${table}.${column} ${before} to ${after}`).toEqual(sealed);
        if (i % 50 === 0) {
          const fresh = await open();
          expect(await failure(fresh.get(alice))).toEqual(sealed);
          expect(findSecrets(shown(error), canaries)).toEqual([]);
        }
        await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${before}`.execute(tables);
      }
      expect(changed).toBeGreaterThan(850);
      expect(await vault.get(alice)).toEqual(secrets);
    });

    it("error: another user's, another venue's or an older record in its place", async () => {
      const vault = await open();
      const elsewhere = { userId: 'alice', venue: 'paper' };
      await vault.put(alice, { agentKey: 'first' });
      const tables = database.as<VaultTables>();
      const older = await tables.selectFrom('perpdesk_vault_records').selectAll().executeTakeFirstOrThrow();
      const olderHead = await tables.selectFrom('perpdesk_vault_heads').selectAll().executeTakeFirstOrThrow();
      await vault.put(alice, secrets);
      await vault.put(bob, { agentKey: 'bob' });
      await vault.put(elsewhere, { agentKey: 'paper' });
      const recordOf = ({ userId, venue }: typeof alice) =>
        tables
          .selectFrom('perpdesk_vault_records')
          .selectAll()
          .where('user_id', '=', userId)
          .where('venue', '=', venue)
          .executeTakeFirstOrThrow();
      const genuine = await recordOf(alice);
      const inPlace = async (row: typeof genuine) => {
        const { user_id: _, venue: __, ...columns } = row;
        await tables
          .updateTable('perpdesk_vault_records')
          .set(columns)
          .where('user_id', '=', 'alice')
          .where('venue', '=', 'hyperliquid')
          .execute();
      };
      for (const row of [
        await recordOf(bob),
        await recordOf(elsewhere),
        older,
        { ...older, version: genuine.version },
      ]) {
        await inPlace(row);
        expect(await failure(vault.get(alice))).toEqual(sealed);
        expect(await failure((await open()).get(alice))).toEqual(sealed);
      }
      // Both rows put back: the open vault knows that it has seen a newer one.
      await inPlace(older);
      await tables
        .updateTable('perpdesk_vault_heads')
        .set(olderHead)
        .where('user_id', '=', 'alice')
        .where('venue', '=', 'hyperliquid')
        .execute();
      expect(await failure(vault.get(alice))).toEqual(sealed);
      expect(await failure(vault.put(alice, secrets))).toEqual(sealed);
      // Taken away: the same.
      await tables.deleteFrom('perpdesk_vault_heads').where('user_id', '=', 'alice').execute();
      expect(await failure(vault.get(alice))).toEqual(sealed);
      expect(await failure((await open()).get(alice))).toEqual(sealed);
      expect(await failure((await open()).put(alice, secrets))).toEqual(sealed);
      await tables.deleteFrom('perpdesk_vault_records').where('user_id', '=', 'alice').execute();
      expect(await failure(vault.get(alice))).toEqual(sealed);
      // The way out is to remove and put again.
      await vault.remove(alice);
      expect(await vault.get(alice)).toBeUndefined();
      await vault.put(alice, secrets);
      expect(await vault.get(alice)).toEqual(secrets);
      expect((await vault.get(bob))?.agentKey).toBe('bob');
    });

    it("error: another user's record of the very same version in its place", async () => {
      const vault = await open();
      await vault.put(alice, secrets);
      await vault.put(bob, { agentKey: 'bob' });
      const tables = database.as<VaultTables>();
      const rows = await tables.selectFrom('perpdesk_vault_records').selectAll().orderBy('user_id').execute();
      expect(rows.map(({ version }) => version)).toEqual([startAtMs, startAtMs]);
      const [, { user_id: _, ...ofBob }] = rows as [(typeof rows)[number], (typeof rows)[number]];
      await tables.updateTable('perpdesk_vault_records').set(ofBob).where('user_id', '=', 'alice').execute();
      expect(await failure(vault.get(alice))).toEqual(sealed);
    });

    it('error: a removed record put back', async () => {
      const vault = await open();
      await vault.put(alice, secrets);
      const row = await database
        .as<VaultTables>()
        .selectFrom('perpdesk_vault_records')
        .selectAll()
        .executeTakeFirstOrThrow();
      await vault.remove(alice);
      await database.as<VaultTables>().insertInto('perpdesk_vault_records').values(row).execute();
      expect(await failure((await open()).get(alice))).toEqual(sealed);
    });

    it('behavior: rotation re-wraps everything in one transaction while reads go on', async () => {
      // The new key takes long enough to derive for reads to go on meanwhile.
      const vault = await open({ passphrase }, { scrypt: { ...scrypt, blockSize: 8 } });
      const users = Array.from({ length: 60 }, (_, i) => ({ userId: `user-${i}`, venue: 'hyperliquid' }));
      for (const user of users) await vault.put(user, { agentKey: `key of ${user.userId}` });
      await vault.remove(alice);
      const before = await database
        .as<VaultTables>()
        .selectFrom('perpdesk_vault_records')
        .select(['secrets', 'wrapped_key'])
        .orderBy('user_id')
        .execute();
      const next = 'another long passphrase';
      let rotating = true;
      let reads = 0;
      const rotated = vault.rotate({ passphrase: next }).finally(() => {
        rotating = false;
      });
      const readers = [0, 1, 2].map(async (first) => {
        for (let i = first; rotating; i = (i + 3) % users.length) {
          const user = users[i];
          if (user) expect((await vault.get(user))?.agentKey).toBe(`key of ${user.userId}`);
          reads += 1;
          // The deriving of the key ends in a macrotask.
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      const put = vault.put(bob, { agentKey: 'put meanwhile' });
      expect(await rotated).toBeGreaterThanOrEqual(60);
      await Promise.all([...readers, put]);
      expect(reads).toBeGreaterThan(20);
      const after = await database
        .as<VaultTables>()
        .selectFrom('perpdesk_vault_records')
        .select(['secrets', 'wrapped_key'])
        .orderBy('user_id')
        .execute();
      const old = new Map(before.map((row) => [row.secrets, row.wrapped_key]));
      const rewrapped = after.filter((row) => old.has(row.secrets) && old.get(row.secrets) !== row.wrapped_key);
      expect(rewrapped.length).toBe(60);
      expect(await failure(open())).toEqual(sealed);
      const again = await open({ passphrase: next });
      for (const user of users) expect((await again.get(user))?.agentKey).toBe(`key of ${user.userId}`);
      expect((await again.get(bob))?.agentKey).toBe('put meanwhile');
      expect((await vault.get(bob))?.agentKey).toBe('put meanwhile');
    });

    it('behavior: a read that was asked for before a rotation and answered after it', async () => {
      const vault = await open();
      await vault.put(alice, secrets);
      const transactions = vi.spyOn(database, 'transaction');
      // SQLite has one connection: what is asked for now is answered in its turn.
      let free = (): void => {};
      const busy = database.transaction(
        () =>
          new Promise<void>((resolve) => {
            free = resolve;
          }),
      );
      const rotated = vault.rotate({ passphrase: 'another long passphrase' });
      while (transactions.mock.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
      const read = vault.get(alice);
      free();
      expect(await read).toEqual(secrets);
      expect(await rotated).toBe(1);
      await busy;
      expect(await vault.get(alice)).toEqual(secrets);
    });

    it('error: a rotation over an altered record changes nothing', async () => {
      const vault = await open();
      await vault.put(alice, secrets);
      await vault.put(bob, { agentKey: 'bob' });
      const tables = database.as<VaultTables>();
      const all = () => tables.selectFrom('perpdesk_vault_records').selectAll().orderBy('user_id').execute();
      await tables
        .updateTable('perpdesk_vault_records')
        .set({ data_key_id: 'other' })
        .where('user_id', '=', 'bob')
        .execute();
      const before = await all();
      expect(await failure(vault.rotate({ passphrase: 'another long passphrase' }))).toEqual(sealed);
      expect(await all()).toEqual(before);
      expect(await vault.get(alice)).toEqual(secrets);
      expect(await (await open()).get(alice)).toEqual(secrets);
    });

    it('behavior: a process that missed a rotation neither reads nor writes', async () => {
      const left = await open();
      const other = await open();
      await left.put(alice, secrets);
      await other.rotate({ passphrase: 'another long passphrase' });
      expect(await failure(left.get(alice))).toEqual(sealed);
      await expect(left.put(bob, secrets)).rejects.toThrow(expect.objectContaining({ code: 'vault.rotated' }));
      expect(await other.get(alice)).toEqual(secrets);
    });

    it('behavior: locked before start and after stop', async () => {
      const vault = new SqlCredentialVault({ database, clock, unlock: { passphrase }, scrypt });
      await expect(vault.get(alice)).rejects.toThrow(expect.objectContaining({ code: 'vault.locked' }));
      expect(vault.health().status).toBe('stopped');
      await vault.start();
      expect(vault.health().status).toBe('healthy');
      await vault.stop();
      await expect(vault.put(alice, secrets)).rejects.toThrow(expect.objectContaining({ code: 'vault.locked' }));
    });

    it('error: secrets that do not fit, named without their value', async () => {
      const vault = await open();
      for (const wrong of [{}, { a: '' }, { a: 'canary-agent-key'.repeat(1_000) }]) {
        const error = await failure(vault.put(alice, wrong));
        expect(error).toEqual(expect.objectContaining({ code: 'credentials.invalid' }));
        expect(findSecrets(shown(error), ['canary-agent-key'])).toEqual([]);
      }
    });

    describe('with a key file', () => {
      let folder: string;
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'perpdesk-vault-'));
      });
      afterEach(() => rm(folder, { recursive: true }));

      it('default: opens with the file, not with another, not with a passphrase', async () => {
        const [keyFile, other] = [join(folder, 'key'), join(folder, 'other')];
        await createVaultKeyFile(keyFile);
        await createVaultKeyFile(other);
        expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
        await (await open({ keyFile })).put(alice, secrets);
        expect(await (await open({ keyFile })).get(alice)).toEqual(secrets);
        expect(await failure(open({ keyFile: other }))).toEqual(sealed);
        await expect(open()).rejects.toThrow(expect.objectContaining({ code: 'vault.unlock' }));
      });

      it('error: a file others can read, a link, rubbish, none', async () => {
        const keyFile = join(folder, 'key');
        await expect(open({ keyFile })).rejects.toThrow(expect.objectContaining({ code: 'secret-file.missing' }));
        await createVaultKeyFile(keyFile);
        await expect(createVaultKeyFile(keyFile)).rejects.toThrow(
          expect.objectContaining({ code: 'secret-file.exists' }),
        );
        for (const mode of [0o640, 0o604, 0o620]) {
          await chmod(keyFile, mode);
          await expect(open({ keyFile })).rejects.toThrow(expect.objectContaining({ code: 'secret-file.open' }));
        }
        await chmod(keyFile, 0o600);
        await symlink(keyFile, join(folder, 'link'));
        await expect(open({ keyFile: join(folder, 'link') })).rejects.toThrow(
          expect.objectContaining({ code: 'secret-file.open' }),
        );
        await expect(open({ keyFile: folder })).rejects.toThrow(expect.objectContaining({ code: 'secret-file.open' }));
        await writeFile(join(folder, 'rubbish'), 'canary-key-material', { mode: 0o600 });
        const error = await failure(open({ keyFile: join(folder, 'rubbish') }));
        expect(error).toEqual(expect.objectContaining({ code: 'vault.key-file' }));
        expect(findSecrets(shown(error), ['canary-key-material'])).toEqual([]);
      });
    });
  });
}
