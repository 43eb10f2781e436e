import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '../errors/config-error.ts';

/** Reads an Ed25519 private key. @throws ConfigError `code` when it is none; the message does not repeat what was given. */
export function ed25519PrivateKey(given: string | KeyObject, code: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = typeof given === 'string' ? createPrivateKey(given) : given;
  } catch {
    // The library's message may quote the key: it goes no further.
    key = undefined;
  }
  if (key?.type === 'private' && key.asymmetricKeyType === 'ed25519') return key;
  throw new ConfigError(code, 'The signing key is not an Ed25519 private key in PKCS #8 PEM.');
}

/** Reads an Ed25519 public key and refuses a private one. @throws ConfigError `code` when it is none. */
export function ed25519PublicKey(given: string | KeyObject, code: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    if (typeof given !== 'string') key = given;
    // Node would derive the public key of a private one in silence.
    else if (!given.includes('PRIVATE KEY')) key = createPublicKey(given);
  } catch {
    // The library's message may quote what was given: it goes no further.
    key = undefined;
  }
  if (key?.type === 'public' && key.asymmetricKeyType === 'ed25519') return key;
  throw new ConfigError(code, 'The verifying key is not an Ed25519 public key in SPKI PEM.');
}
