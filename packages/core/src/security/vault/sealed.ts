import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { StoreError } from '../../errors/store-error.ts';
import { canonicalJson, type JsonValue } from '../../events/json.ts';

const format = 'v1.';
const nonceBytes = 12;
const tagBytes = 16;

/** What is said of everything that can not be opened. It names no reason: who may know does not need it, others must not. */
export const sealedError = (what: string): StoreError =>
  new StoreError('vault.sealed', `${what} can not be opened: the key is another one or the record was altered.`);

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce, bound to `context`: it opens only with the same
 * key and an equal context. The result is `v1.` and base64url of nonce, ciphertext and tag.
 */
export function seal(key: KeyObject, content: Uint8Array, context: JsonValue): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(canonicalJson(context)));
  const sealed = Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return `${format}${sealed.toString('base64url')}`;
}

/** Decrypts what {@link seal} made, or gives undefined when key, context or a single bit is another. */
export function unseal(key: KeyObject, sealed: string, context: JsonValue): Buffer | undefined {
  const bytes = Buffer.from(sealed.slice(format.length), 'base64url');
  // Decoding is lenient: only the one spelling that `seal` writes counts.
  if (sealed !== `${format}${bytes.toString('base64url')}` || bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(canonicalJson(context)));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const content = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
  try {
    decipher.final();
    return content;
  } catch {
    // GCM's only failure is that the tag does not fit; nothing unverified leaves.
    content.fill(0);
    return undefined;
  }
}
