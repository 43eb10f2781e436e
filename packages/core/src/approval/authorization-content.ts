import type { OrderIntent } from '../domain/order.ts';
import { canonicalJson } from '../events/json.ts';
import type { Authorization } from '../ports/approved-order.ts';
import { sha256Hex } from '../security/sha256.ts';

/** SHA-256 of an intent's canonical JSON, hexadecimal: what an authorisation is bound to. */
export const contentHash = (intent: OrderIntent | Readonly<Record<string, unknown>>): string =>
  sha256Hex(canonicalJson(intent));

/** The text that is signed: a label that no other signed text of ours begins with, then the fields. */
export const signedText = ({ signature: _, ...fields }: Authorization): string =>
  `perpdesk.approval.v1\n${canonicalJson(fields)}`;
