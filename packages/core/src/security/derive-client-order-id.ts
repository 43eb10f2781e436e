import { canonicalJson } from '../events/json.ts';
import { sha256Hex } from './sha256.ts';

/**
 * Derives the client order id of a workflow's step: the first 128 bits of SHA-256 over (run id, step), 32 hexadecimal
 * digits. The same on every try, so that an order whose answer was lost is found and not sent twice.
 */
export const deriveClientOrderId = (runId: string, step: string): string =>
  sha256Hex(canonicalJson([runId, step])).slice(0, 32);
