import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OrderIntent } from '../domain/order.ts';
import type { ApprovalAuthority, ApprovalVerifier, ApprovedOrder } from '../ports/approved-order.ts';
import { type ApprovalAuthorityOptions, lifetimeOf, mintOrder } from './mint-order.ts';
import { SpendingVerifier } from './spending-verifier.ts';

/**
 * Authorises orders inside one process: HMAC-SHA-256 under a key that is made at construction and never leaves the object,
 * so that an authorisation of another process, or of an earlier life of this one, is forged. It guards against accident and
 * bypass, not against hostile code in the same process.
 * @example
 * const authority = new HmacApprovalAuthority({ clock, ids });
 * const order = authority.mint(intent, 'decision-1');
 * authority.verifier().spend(order, intent.userId).ok; // true, and false from then on
 */
export class HmacApprovalAuthority implements ApprovalAuthority {
  readonly #options: ApprovalAuthorityOptions;
  readonly #lifetimeMs: number;
  readonly #sign: (text: string) => string;
  readonly #verifier: ApprovalVerifier;

  /** @throws ConfigError `approval.lifetime` */
  constructor(options: ApprovalAuthorityOptions) {
    const key = createSecretKey(randomBytes(32));
    const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
    this.#options = options;
    this.#lifetimeMs = lifetimeOf(options);
    this.#sign = sign;
    this.#verifier = new SpendingVerifier({
      clock: options.clock,
      algorithm: 'hmac-sha256',
      verify: (text, signature) => {
        const expected = Buffer.from(sign(text));
        const given = Buffer.from(signature);
        return expected.length === given.length && timingSafeEqual(expected, given);
      },
    });
  }

  mint(intent: OrderIntent, decisionId: string, options: { readonly expiresAtMs?: number } = {}): ApprovedOrder {
    const { clock, ids } = this.#options;
    return mintOrder(
      { clock, ids, ...options, lifetimeMs: this.#lifetimeMs, algorithm: 'hmac-sha256', sign: this.#sign },
      intent,
      decisionId,
    );
  }

  verifier(): ApprovalVerifier {
    return this.#verifier;
  }
}
