import { canonicalJson, type Proposal } from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';

/** What an approval names: SHA-256 over user, id and action in canonical JSON, hexadecimal. */
export const contentHashOf = ({ userId, id, action }: Pick<Proposal, 'userId' | 'id' | 'action'>): string =>
  sha256Hex(canonicalJson({ userId, id, action }));
