import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ConfigError } from '../errors/config-error.ts';
import { ed25519PrivateKey } from './ed25519-key.ts';

/** A secret of more than this is not one of ours. */
const longestSecret = 64 * 1024;

/**
 * Reads a secret from a file that only its owner can open.
 * @throws ConfigError `secret-file.missing`, `secret-file.open` when group or others have any right to it, it is a link or
 * no regular file, `secret-file.unreadable`. No message holds any of its content.
 */
export async function readSecretFile(path: string): Promise<string> {
  try {
    // Without following links: the rights that count are those of the file that is read, checked on the open handle.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { mode, size } = await file
        .stat()
        .then((stat) => ({ mode: stat.isFile() ? stat.mode : -1, size: stat.size }));
      if (mode === -1 || size > longestSecret)
        throw new ConfigError('secret-file.open', `${path} is not a file of a secret.`);
      if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
        throw new ConfigError(
          'secret-file.open',
          `${path} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it.`,
        );
      }
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') throw new ConfigError('secret-file.missing', `There is no file ${path}.`);
    if (code === 'ELOOP') throw new ConfigError('secret-file.open', `${path} is a link: name the file itself.`);
    throw new ConfigError('secret-file.unreadable', `The file ${path} can not be read (${String(code)}).`);
  }
}

/**
 * Writes a secret to a new file with mode 600 and waits until it is on disk.
 * @throws ConfigError `secret-file.exists`, `secret-file.unwritable`
 */
export async function createSecretFile(path: string, content: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST') throw new ConfigError('secret-file.exists', `${path} exists and is kept as it is.`);
    throw new ConfigError('secret-file.unwritable', `The file ${path} can not be written (${String(code)}).`);
  }
}

/** Makes a key file for the vault: 32 bytes of chance as 64 hexadecimal digits. @throws as {@link createSecretFile} */
export const createVaultKeyFile = (path: string): Promise<void> =>
  createSecretFile(path, `${randomBytes(32).toString('hex')}\n`);

/**
 * The Ed25519 signing key in a file, made there when there is none: what an audit log signs its checkpoints with.
 * @throws ConfigError as {@link readSecretFile} and {@link createSecretFile}, `secret-file.key` when it holds something else
 */
export async function openSigningKeyFile(path: string): Promise<KeyObject> {
  try {
    return ed25519PrivateKey(await readSecretFile(path), 'secret-file.key');
  } catch (error) {
    if (!(error instanceof ConfigError && error.code === 'secret-file.missing')) throw error;
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  await createSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}
