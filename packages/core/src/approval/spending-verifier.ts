import type { Clock } from '../clock/clock.ts';
import type { Rejection } from '../domain/risk-decision.ts';
import type { ApprovalVerifier, ApprovedOrder, Authorization, SpendOutcome } from '../ports/approved-order.ts';
import { contentHash, signedText } from './authorization-content.ts';
import { longestLifetimeMs, signedIntentSchema } from './authorization-schema.ts';
import { type OrderSnapshot, snapshotOrder } from './order-snapshot.ts';
import { SpentLedger } from './spent-ledger.ts';

/** What the kinds of verifiers differ in. */
export interface SpendingVerifierOptions {
  readonly clock: Clock;
  readonly algorithm: Authorization['algorithm'];
  /** Says whether the signature, base64url, is of this text. */
  readonly verify: (text: string, signature: string) => boolean;
  /** Refuses what was issued before. Default: nothing. */
  readonly notIssuedBeforeMs?: number;
  /** How far ahead the issuer's clock may be. Default 0. */
  readonly clockToleranceMs?: number;
}

const refusal = (
  code: Rejection['code'],
  message: string,
  facts: { limit?: string; actual?: string } = {},
): Rejection => ({
  code,
  message,
  ...facts,
});

/** The checks that all verifiers share, over one reading of the order. */
export class SpendingVerifier implements ApprovalVerifier {
  readonly #options: SpendingVerifierOptions;
  readonly #spent = new SpentLedger();
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(options: SpendingVerifierOptions) {
    this.#options = options;
  }

  spend(order: ApprovedOrder, userId: string): SpendOutcome {
    // A clock that is set back must not bring an expired authorisation, long forgotten as spent, to life again.
    this.#latestMs = Math.max(this.#latestMs, this.#options.clock.nowMs());
    const snapshot = snapshotOrder(order);
    if (snapshot === undefined) {
      return { ok: false, rejection: refusal('approval.missing', 'The order carries no authorisation.') };
    }
    const { authorization } = snapshot;
    const rejection = this.#signatureOf(authorization) ?? contentOf(snapshot) ?? this.#lifetimeOf(authorization);
    if (rejection !== undefined) return { ok: false, rejection };
    const intent = signedIntentSchema.safeParse(snapshot.intent);
    if (!intent.success) {
      return {
        ok: false,
        rejection: refusal('approval.altered', 'The order does not fit the schema of this version.'),
      };
    }
    if (authorization.userId !== userId || intent.data.userId !== userId) {
      return { ok: false, rejection: refusal('approval.wrong-user', 'The authorisation is for another user.') };
    }
    if (!this.#spent.spend(authorization.id, authorization.expiresAtMs, this.#latestMs)) {
      return { ok: false, rejection: refusal('approval.spent', 'The authorisation was used before.') };
    }
    return { ok: true, intent: Object.freeze(intent.data), authorization: Object.freeze(authorization) };
  }

  #signatureOf(authorization: Authorization): Rejection | undefined {
    const { algorithm, verify } = this.#options;
    const genuine = authorization.algorithm === algorithm && verify(signedText(authorization), authorization.signature);
    return genuine
      ? undefined
      : refusal('approval.forged', 'The authorisation was not issued by the authority of this desk.');
  }

  #lifetimeOf({ issuedAtMs, expiresAtMs }: Authorization): Rejection | undefined {
    const { notIssuedBeforeMs = Number.NEGATIVE_INFINITY, clockToleranceMs = 0 } = this.#options;
    const nowMs = this.#latestMs;
    const expired = (message: string, limit: number, actual: number): Rejection =>
      refusal('approval.expired', message, { limit: String(limit), actual: String(actual) });
    if (nowMs >= expiresAtMs) return expired('The authorisation has expired.', expiresAtMs, nowMs);
    if (issuedAtMs > nowMs + clockToleranceMs)
      return expired('The authorisation is from the future.', nowMs, issuedAtMs);
    if (expiresAtMs - issuedAtMs > longestLifetimeMs) {
      return expired('The authorisation lives longer than it may.', longestLifetimeMs, expiresAtMs - issuedAtMs);
    }
    if (issuedAtMs < notIssuedBeforeMs) {
      return expired('The authorisation was issued before this verifier began.', notIssuedBeforeMs, issuedAtMs);
    }
    return undefined;
  }
}

function contentOf({ intent, authorization }: OrderSnapshot): Rejection | undefined {
  let actual: string | undefined;
  try {
    actual = contentHash(intent);
  } catch {
    // Not JSON, so not what was signed.
    actual = undefined;
  }
  if (actual === authorization.contentHash) return undefined;
  return refusal('approval.altered', 'The order is not the one that was authorised.', {
    limit: authorization.contentHash,
    ...(actual === undefined ? {} : { actual }),
  });
}
