import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, ConfigError, type CredentialVault, type Logger } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { createVaultKeyFile, type Redactor, Secret, SqlCredentialVault } from '@perpdesk/core/security';
import type { Environment } from '../language-model.ts';
import type { Network } from './execution-choice.ts';

/** A vault that is open. */
export interface OpenVault {
  readonly vault: CredentialVault;
  /** Where the keys are, encrypted. */
  readonly path: string;
  close(): Promise<void>;
}

/** What a vault is opened with. */
export interface VaultSetting {
  readonly directory: string;
  /** Keys of a test net and of real money never lie in one file: one can not be taken for the other. */
  readonly network: Network;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly logger: Logger;
}

/**
 * Opens the vault of a data directory, made where there is none: locked with PERPDESK_VAULT_PASSPHRASE, else with a key file
 * beside it that only its owner can read.
 * @throws StoreError `vault.sealed`; ConfigError `vault.…`, `secret-file.…`
 */
export async function openVault(setting: VaultSetting): Promise<OpenVault> {
  const { directory, network, environment, clock, redactor, logger } = setting;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `vault-${network}.db`);
  const unlock = await unlockOf(directory, environment, !existsSync(path));
  const database = await openDatabase({ url: `sqlite:${path}`, durability: 'full', logger });
  try {
    const vault = new SqlCredentialVault({ database, clock, unlock, redactor });
    await vault.start();
    return {
      vault,
      path,
      close: async () => {
        await vault.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function unlockOf(directory: string, environment: Environment, isNew: boolean) {
  const passphrase = environment.PERPDESK_VAULT_PASSPHRASE ?? '';
  if (passphrase !== '') return { passphrase: new Secret(passphrase) };
  const keyFile = join(directory, 'vault.key');
  if (existsSync(keyFile)) return { keyFile };
  // A new key would not open what is there: say what is missing rather than make one.
  if (!isNew)
    throw new ConfigError('vault.unlock', `The vault needs PERPDESK_VAULT_PASSPHRASE, or its key file ${keyFile}.`);
  await createVaultKeyFile(keyFile);
  return { keyFile };
}
