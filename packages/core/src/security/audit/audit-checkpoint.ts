import { type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../../events/json.ts';

/** A signed statement of the audit log's state. */
export const auditCheckpointSchema = z.strictObject({
  /** The last entry it covers. */
  sequence: z.int().positive(),
  /** That entry's hash, and with it the whole log up to it. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  atMs: z.int(),
  /** Ed25519 over the fields above, base64url. */
  signature: z.string().regex(/^[\w-]+$/),
});
export type AuditCheckpoint = Readonly<z.infer<typeof auditCheckpointSchema>>;

/**
 * Where checkpoints are kept apart from the log, so that who rewrites the log can not rewrite them: a file on another disk,
 * another host, a write-once store.
 */
export interface CheckpointSink {
  /** Called after every so many entries or some time. Resolves once it is kept for good. @throws StoreError */
  write(checkpoint: AuditCheckpoint): Promise<void>;
  /** All that were written, oldest first. @throws StoreError when they can not be read or are no checkpoints */
  read(): Promise<readonly AuditCheckpoint[]>;
}

type Unsigned = Omit<AuditCheckpoint, 'signature'>;

const textOf = ({ sequence, hash, atMs }: Unsigned): Buffer =>
  Buffer.from(`perpdesk.audit-checkpoint.v1\n${canonicalJson({ sequence, hash, atMs })}`);

export const signCheckpoint = (key: KeyObject, checkpoint: Unsigned): AuditCheckpoint => ({
  ...checkpoint,
  signature: sign(null, textOf(checkpoint), key).toString('base64url'),
});

export const isSignedBy = (key: KeyObject, checkpoint: AuditCheckpoint): boolean =>
  verify(null, textOf(checkpoint), key, Buffer.from(checkpoint.signature, 'base64url'));
