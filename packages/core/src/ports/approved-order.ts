import type { OrderIntent } from '../domain/order.ts';
import type { Rejection } from '../domain/risk-decision.ts';

declare const approvedBrand: unique symbol;

/** What an authorisation says: for this content, this user and this decision, until then, once. */
export interface Authorization {
  readonly id: string;
  readonly decisionId: string;
  readonly userId: string;
  /** SHA-256 of the intent's canonical JSON, hexadecimal. */
  readonly contentHash: string;
  readonly issuedAtMs: number;
  /** At most 10 s after it was issued. */
  readonly expiresAtMs: number;
  readonly algorithm: 'hmac-sha256' | 'ed25519';
  /** Over the fields above, base64url. */
  readonly signature: string;
}

/** One leg that Brix let pass. Only an ApprovalAuthority makes one; venues take nothing else. */
export interface ApprovedOrder {
  readonly [approvedBrand]: true;
  readonly intent: OrderIntent;
  readonly authorization: Authorization;
}

/** What a verifier makes of an order that is about to leave. */
export type SpendOutcome =
  /** `intent` is the frozen content that was verified: send this one, never the object that was handed in. */
  | { readonly ok: true; readonly intent: OrderIntent; readonly authorization: Authorization }
  | { readonly ok: false; readonly rejection: Rejection };

/** Checks authorisations; can not mint them. */
export interface ApprovalVerifier {
  /**
   * Says whether the order may go out for `userId`, now, and spends it if so: the second time it is refused. The order is
   * read once, and what was read is what is given back. Refusals, in the order they are looked for: `approval.missing |
   * forged | altered | expired | wrong-user | spent`. Never throws.
   */
  spend(order: ApprovedOrder, userId: string): SpendOutcome;
}

/** Mints authorisations. Held by Brix alone. */
export interface ApprovalAuthority {
  /**
   * Authorises one leg for the intent's user, until `expiresAtMs` at the latest. The order is frozen through and through.
   * @throws ValidationError `order.invalid` when the intent does not fit its schema.
   */
  mint(intent: OrderIntent, decisionId: string, options?: { readonly expiresAtMs?: number }): ApprovedOrder;
  /** The one verifier of this authority: what is spent at it is spent for all who asked for it. */
  verifier(): ApprovalVerifier;
}
