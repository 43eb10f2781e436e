import { type KeyObject, verify } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { ApprovalVerifier, ApprovedOrder, SpendOutcome } from '../ports/approved-order.ts';
import { ed25519PublicKey } from '../security/ed25519-key.ts';
import { SpendingVerifier } from './spending-verifier.ts';

export interface Ed25519ApprovalVerifierOptions {
  readonly clock: Clock;
  /** SPKI PEM or a public key object. A private key is refused: a verifier must not be able to mint. */
  readonly publicKey: string | KeyObject;
  /** How far the issuer's clock may be ahead of this process's, at most 1,000 ms. Default 0. */
  readonly clockToleranceMs?: number;
}

/**
 * Checks and spends orders that an {@link Ed25519ApprovalAuthority} minted elsewhere. What it spent it remembers in memory;
 * so that a restart forgets nothing, it refuses what was issued before it was made. Two verifiers do not share what is spent:
 * give each authorisation one sender, and let the order's client order id, persisted as unique, stop a second.
 */
export class Ed25519ApprovalVerifier implements ApprovalVerifier {
  readonly #verifier: ApprovalVerifier;

  /** @throws ConfigError `approval.key` when it is no Ed25519 public key, `approval.tolerance` */
  constructor(options: Ed25519ApprovalVerifierOptions) {
    const { clock, clockToleranceMs = 0 } = options;
    if (!(clockToleranceMs >= 0 && clockToleranceMs <= 1_000)) {
      throw new ConfigError(
        'approval.tolerance',
        `The clock tolerance lies in 0 to 1,000 ms, got ${clockToleranceMs}.`,
      );
    }
    const key = ed25519PublicKey(options.publicKey, 'approval.key');
    this.#verifier = new SpendingVerifier({
      clock,
      algorithm: 'ed25519',
      notIssuedBeforeMs: clock.nowMs(),
      clockToleranceMs,
      verify: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url')),
    });
  }

  spend(order: ApprovedOrder, userId: string): SpendOutcome {
    return this.#verifier.spend(order, userId);
  }
}
