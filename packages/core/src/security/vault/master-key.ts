import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { ConfigError } from '../../errors/config-error.ts';
import { canonicalJson, type JsonValue } from '../../events/json.ts';
import { Secret } from '../secret.ts';
import { readSecretFile } from '../secret-file.ts';
import { seal, sealedError, unseal } from './sealed.ts';
import type { VaultMasterTable } from './vault-tables.ts';

/** What opens a vault: a passphrase of at least 12 characters, or a key file made by `createVaultKeyFile`. */
export type VaultUnlock = { readonly passphrase: string | Secret } | { readonly keyFile: string };

/** Parameters of scrypt (RFC 7914). */
export interface ScryptParameters {
  /** N, a power of two. Default 131,072 (OWASP's first choice), at least 16,384, at most 1,048,576. */
  readonly cost: number;
  /** r. Default 8. */
  readonly blockSize: number;
  /** p. Default 1. */
  readonly parallelization: number;
}

export const usualScrypt: ScryptParameters = { cost: 131_072, blockSize: 8, parallelization: 1 };

const shortestPassphrase = 12;
const probeText = Buffer.from('perpdesk.vault');

/** What a master key is derived from again, as it is stored. */
export type MasterParameters = Pick<
  VaultMasterTable,
  'id' | 'kind' | 'salt' | 'cost' | 'block_size' | 'parallelization'
>;

/** Parameters for a new master key. @throws ConfigError `vault.scrypt` */
export function newParameters(unlock: VaultUnlock, parameters: ScryptParameters): MasterParameters {
  const { cost, blockSize, parallelization } = parameters;
  const made: MasterParameters = {
    id: `master_${randomBytes(8).toString('hex')}`,
    kind: 'keyFile' in unlock ? 'key-file' : 'passphrase',
    salt: randomBytes(32).toString('base64url'),
    cost,
    block_size: blockSize,
    parallelization,
  };
  if (!isBearable(made))
    throw new ConfigError(
      'vault.scrypt',
      `scrypt's N = ${cost}, r = ${blockSize}, p = ${parallelization} are outside what the vault takes.`,
    );
  return made;
}

/** Keys derived from a passphrase or key file: one wraps data keys, one authenticates the versions. Shows neither. */
export class MasterKey {
  readonly parameters: MasterParameters;
  readonly #wrapping: KeyObject;
  readonly #heads: KeyObject;

  private constructor(parameters: MasterParameters, root: Buffer) {
    const derived = (purpose: string): KeyObject =>
      createSecretKey(Buffer.from(hkdfSync('sha256', root, parameters.id, `perpdesk.vault.${purpose}.v1`, 32)));
    this.parameters = parameters;
    this.#wrapping = derived('wrap');
    this.#heads = derived('heads');
  }

  /**
   * Derives the keys; scrypt takes a few tenths of a second, off the event loop.
   * @throws ConfigError `vault.passphrase`, `vault.key-file`, `vault.unlock` when the vault is locked the other way,
   * `secret-file.…`; StoreError `vault.sealed` for parameters that can not be ours.
   */
  static async derive(unlock: VaultUnlock, parameters: MasterParameters): Promise<MasterKey> {
    if (!isBearable(parameters)) throw sealedError('The vault');
    if ('keyFile' in unlock !== (parameters.kind === 'key-file')) {
      throw new ConfigError('vault.unlock', `The vault was locked with a ${parameters.kind}: give that.`);
    }
    const root =
      'keyFile' in unlock ? await fromKeyFile(unlock.keyFile) : await fromPassphrase(unlock.passphrase, parameters);
    try {
      return new MasterKey(parameters, root);
    } finally {
      root.fill(0);
    }
  }

  get id(): string {
    return this.parameters.id;
  }

  /** The text by which this key is known again. */
  probe(): string {
    return seal(this.#wrapping, probeText, this.#probeContext());
  }

  isProbe(sealed: string): boolean {
    return unseal(this.#wrapping, sealed, this.#probeContext())?.equals(probeText) ?? false;
  }

  wrap(dataKey: Uint8Array, context: JsonValue): string {
    return seal(this.#wrapping, dataKey, { masterId: this.id, of: context });
  }

  unwrap(wrapped: string, context: JsonValue): Buffer | undefined {
    return unseal(this.#wrapping, wrapped, { masterId: this.id, of: context });
  }

  /** Authenticates a statement of the vault's, base64url. */
  mac(statement: JsonValue): string {
    return createHmac('sha256', this.#heads)
      .update(canonicalJson({ masterId: this.id, of: statement }))
      .digest('base64url');
  }

  isMac(mac: string, statement: JsonValue): boolean {
    const expected = Buffer.from(this.mac(statement));
    const given = Buffer.from(mac);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  #probeContext(): JsonValue {
    return { purpose: 'probe', ...this.parameters };
  }
}

function isBearable({ cost, block_size, parallelization }: MasterParameters): boolean {
  const powerOfTwo = Number.isInteger(cost) && cost >= 16_384 && cost <= 1_048_576 && Number.isInteger(Math.log2(cost));
  const small = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  return powerOfTwo && small(block_size, 16) && small(parallelization, 4);
}

async function fromPassphrase(given: string | Secret, parameters: MasterParameters): Promise<Buffer> {
  const passphrase = (given instanceof Secret ? given.reveal() : given).normalize('NFC');
  if (passphrase.length < shortestPassphrase) {
    throw new ConfigError('vault.passphrase', `The vault's passphrase has at least ${shortestPassphrase} characters.`);
  }
  const { cost, block_size: blockSize, parallelization } = parameters;
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: 256 * cost * blockSize };
  return await new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.from(parameters.salt, 'base64url'), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

async function fromKeyFile(path: string): Promise<Buffer> {
  const content = (await readSecretFile(path)).trim();
  if (!/^[0-9a-f]{64}$/i.test(content)) {
    throw new ConfigError('vault.key-file', `${path} does not hold a vault key: 64 hexadecimal digits.`);
  }
  return Buffer.from(content, 'hex');
}
