import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { OrderIntent } from '../domain/order.ts';
import type { ApprovalAuthority, ApprovalVerifier, ApprovedOrder } from '../ports/approved-order.ts';
import { ed25519PrivateKey } from '../security/ed25519-key.ts';
import { Ed25519ApprovalVerifier } from './ed25519-approval-verifier.ts';
import { type ApprovalAuthorityOptions, lifetimeOf, mintOrder } from './mint-order.ts';

export interface Ed25519ApprovalAuthorityOptions extends ApprovalAuthorityOptions {
  /** PKCS #8 PEM or a key object. Only the `brix` service holds it. */
  readonly privateKey: string | KeyObject;
}

/**
 * Authorises orders that other processes send: Ed25519 signatures (RFC 8032). Whoever sends holds an
 * {@link Ed25519ApprovalVerifier} with the public key and can not mint.
 */
export class Ed25519ApprovalAuthority implements ApprovalAuthority {
  readonly #options: ApprovalAuthorityOptions;
  readonly #lifetimeMs: number;
  readonly #key: KeyObject;
  readonly #verifier: ApprovalVerifier;

  /** @throws ConfigError `approval.key` when it is no Ed25519 private key, `approval.lifetime` */
  constructor(options: Ed25519ApprovalAuthorityOptions) {
    this.#key = ed25519PrivateKey(options.privateKey, 'approval.key');
    this.#options = options;
    this.#lifetimeMs = lifetimeOf(options);
    this.#verifier = new Ed25519ApprovalVerifier({ clock: options.clock, publicKey: createPublicKey(this.#key) });
  }

  mint(intent: OrderIntent, decisionId: string, options: { readonly expiresAtMs?: number } = {}): ApprovedOrder {
    const { clock, ids } = this.#options;
    const signText = (text: string): string => sign(null, Buffer.from(text), this.#key).toString('base64url');
    return mintOrder(
      { clock, ids, ...options, lifetimeMs: this.#lifetimeMs, algorithm: 'ed25519', sign: signText },
      intent,
      decisionId,
    );
  }

  verifier(): ApprovalVerifier {
    return this.#verifier;
  }
}
