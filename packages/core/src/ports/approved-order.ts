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

/** Checks authorisations; can not mint them. */
export interface ApprovalVerifier {
  /**
   * Undefined when the order may go out for `userId`, now. Otherwise why not: `approval.missing | forged | altered |
   * expired | spent | wrong-user`. A passed order is spent by this call: the second time it is refused.
   */
  spend(order: ApprovedOrder, userId: string): Rejection | undefined;
}

/** Mints authorisations. Held by Brix alone. */
export interface ApprovalAuthority {
  mint(intent: OrderIntent, decisionId: string): ApprovedOrder;
  verifier(): ApprovalVerifier;
}
