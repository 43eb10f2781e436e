// The barrel of @perpdesk/core/security: the authorities that mint orders, the vault, the audit log, redaction, digests. Needs Node.
export { Ed25519ApprovalAuthority, type Ed25519ApprovalAuthorityOptions } from '../approval/ed25519-approval-authority.ts';
export { Ed25519ApprovalVerifier, type Ed25519ApprovalVerifierOptions } from '../approval/ed25519-approval-verifier.ts';
export { HmacApprovalAuthority } from '../approval/hmac-approval-authority.ts';
export type { ApprovalAuthorityOptions } from '../approval/mint-order.ts';
export { deriveClientOrderId } from './derive-client-order-id.ts';
export { encodeControls } from './encode-controls.ts';
export { EventDigest } from './event-digest.ts';
export { redactingLogger } from './redacting-logger.ts';
export { Redactor, type RedactorOptions, redact } from './redactor.ts';
export { Secret } from './secret.ts';
export { sha256Hex } from './sha256.ts';
