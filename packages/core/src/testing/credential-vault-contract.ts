import assert from 'node:assert/strict';
import type { CredentialVault } from '../ports/credential-vault.ts';
import type { ContractCase } from './contract-case.ts';

/** Makes an empty, open vault. */
export type MakeCredentialVault = () => Promise<{
  readonly vault: CredentialVault;
  readonly close: () => Promise<void>;
}>;

const alice = { userId: 'alice', venue: 'hyperliquid' };
const bob = { userId: 'bob', venue: 'hyperliquid' };
const aliceElsewhere = { userId: 'alice', venue: 'paper' };

function scenario(name: string, run: (vault: CredentialVault) => Promise<void>): ContractCase<MakeCredentialVault> {
  return {
    name,
    run: async (make) => {
      const { vault, close } = await make();
      try {
        await run(vault);
      } finally {
        await close();
      }
    },
  };
}

/** What every CredentialVault keeps to. */
export const credentialVaultContract: readonly ContractCase<MakeCredentialVault>[] = [
  scenario('default: gives back what was put', async (vault) => {
    const secrets = { apiKey: 'key', secret: 'sécret 漢字 🚀 \u0000 "quoted"', ['__proto__']: 'own' };
    await vault.put(alice, secrets);
    assert.deepEqual(Object.entries((await vault.get(alice)) ?? {}), Object.entries(secrets));
  }),
  scenario('default: undefined when there is none', async (vault) => {
    assert.equal(await vault.get(alice), undefined);
    assert.deepEqual(await vault.list('alice'), []);
    await vault.remove(alice);
  }),
  scenario('behavior: a record is of one user and one venue', async (vault) => {
    await vault.put(alice, { apiKey: 'a' });
    await vault.put(bob, { apiKey: 'b' });
    await vault.put(aliceElsewhere, { apiKey: 'c' });
    assert.equal((await vault.get(alice))?.apiKey, 'a');
    assert.equal((await vault.get(bob))?.apiKey, 'b');
    assert.equal((await vault.get(aliceElsewhere))?.apiKey, 'c');
    assert.deepEqual(
      (await vault.list('alice')).map(({ venue }) => venue),
      ['hyperliquid', 'paper'],
    );
    await vault.remove(alice);
    assert.equal(await vault.get(alice), undefined);
    assert.equal((await vault.get(bob))?.apiKey, 'b');
  }),
  scenario('behavior: names that look like each other are not mixed up', async (vault) => {
    await vault.put({ userId: 'a', venue: 'b:c' }, { apiKey: '1' });
    await vault.put({ userId: 'a:b', venue: 'c' }, { apiKey: '2' });
    await vault.put({ userId: "a' or '1'='1", venue: 'c' }, { apiKey: '3' });
    assert.equal((await vault.get({ userId: 'a', venue: 'b:c' }))?.apiKey, '1');
    assert.equal((await vault.get({ userId: 'a:b', venue: 'c' }))?.apiKey, '2');
    assert.equal((await vault.get({ userId: "a' or '1'='1", venue: 'c' }))?.apiKey, '3');
  }),
  scenario('behavior: put replaces the whole set, also after a removal', async (vault) => {
    await vault.put(alice, { apiKey: 'old', passphrase: 'old' });
    await vault.put(alice, { apiKey: 'new' });
    assert.deepEqual({ ...(await vault.get(alice)) }, { apiKey: 'new' });
    await vault.remove(alice);
    await vault.put(alice, { apiKey: 'again' });
    assert.deepEqual({ ...(await vault.get(alice)) }, { apiKey: 'again' });
  }),
  scenario('behavior: what was given may be changed afterwards, what is given back may not', async (vault) => {
    const secrets = { apiKey: 'kept' };
    const put = vault.put(alice, secrets);
    secrets.apiKey = 'changed';
    await put;
    const given = await vault.get(alice);
    assert.equal(given?.apiKey, 'kept');
    assert.throws(() => Object.assign(given ?? {}, { apiKey: 'changed' }), TypeError);
  }),
  scenario('behavior: writes at once end in one of them, whole', async (vault) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => vault.put(alice, { apiKey: `key-${i}`, secret: `secret-${i}` })),
    );
    const { apiKey, secret } = (await vault.get(alice)) ?? {};
    assert.equal(apiKey?.slice(4), secret?.slice(7));
  }),
];
