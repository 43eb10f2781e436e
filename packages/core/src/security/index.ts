// The barrel of @perpdesk/core/security: the authorities that mint orders, the vault, the audit log, redaction, digests. Needs Node.
export {
  Ed25519ApprovalAuthority,
  type Ed25519ApprovalAuthorityOptions,
} from '../approval/ed25519-approval-authority.ts';
export { Ed25519ApprovalVerifier, type Ed25519ApprovalVerifierOptions } from '../approval/ed25519-approval-verifier.ts';
export { HmacApprovalAuthority } from '../approval/hmac-approval-authority.ts';
export type { ApprovalAuthorityOptions } from '../approval/mint-order.ts';
export { type AuditCheckpoint, auditCheckpointSchema, type CheckpointSink } from './audit/audit-checkpoint.ts';
export type { AuditCheckpointOptions } from './audit/checkpoint-witness.ts';
export { FileCheckpointSink } from './audit/file-checkpoint-sink.ts';
export { SqlAuditLog, type SqlAuditLogOptions } from './audit/sql-audit-log.ts';
export type { AuditBreak, AuditBroken, AuditPosition, AuditVerification } from './audit/verify-audit.ts';
export { deriveClientOrderId } from './derive-client-order-id.ts';
export { encodeControls } from './encode-controls.ts';
export { EventDigest } from './event-digest.ts';
export { redactingLogger } from './redacting-logger.ts';
export { Redactor, type RedactorOptions, redact } from './redactor.ts';
export { Secret } from './secret.ts';
export { createSecretFile, createVaultKeyFile, openSigningKeyFile, readSecretFile } from './secret-file.ts';
export { sha256Hex } from './sha256.ts';
export type { ScryptParameters, VaultUnlock } from './vault/master-key.ts';
export { SqlCredentialVault, type SqlCredentialVaultOptions } from './vault/sql-credential-vault.ts';
