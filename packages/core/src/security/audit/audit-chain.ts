import { canonicalJson, type JsonValue } from '../../events/json.ts';
import type { AuditEntry } from '../../ports/audit-log.ts';
import { sha256Hex } from '../sha256.ts';
import type { AuditEntryTable } from './audit-tables.ts';

/** What stands before the first entry. */
export const genesisHash = '0'.repeat(64);

/** The hash of an entry: SHA-256 over the previous entry's hash, a line end and the entry's canonical JSON without its hash. */
export const entryHash = (
  previousHash: string,
  { hash: _, ...content }: Omit<AuditEntry, 'hash'> & { readonly hash?: string },
): string => sha256Hex(`${previousHash}\n${canonicalJson(content)}`);

/** An entry as a row; `details` in canonical JSON. */
export const rowOf = (entry: AuditEntry): AuditEntryTable => ({
  sequence: entry.sequence,
  at_ms: entry.atMs,
  action: entry.action,
  actor: entry.actor,
  subject: entry.subject,
  trace_id: entry.traceId ?? null,
  details: canonicalJson(entry.details),
  hash: entry.hash,
});

/** A row as an entry, or undefined when it is not as `rowOf` writes it. Says nothing yet of its hash. */
export function entryOf(row: AuditEntryTable): AuditEntry | undefined {
  const details = parseDetails(row.details);
  if (details === undefined || !Number.isSafeInteger(row.sequence) || !Number.isSafeInteger(row.at_ms))
    return undefined;
  const { sequence, at_ms: atMs, action, actor, subject, trace_id: traceId, hash } = row;
  if (![action, actor, subject, hash, traceId ?? ''].every((text) => typeof text === 'string')) return undefined;
  return { sequence, atMs, action, actor, subject, ...(traceId === null ? {} : { traceId }), details, hash };
}

/** The details, if their text is the one spelling that is written. */
function parseDetails(text: string): Readonly<Record<string, JsonValue>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const plain = typeof value === 'object' && value !== null && !Array.isArray(value) && canonicalJson(value) === text;
    return plain ? { ...value } : undefined;
  } catch {
    // No JSON: the row was altered.
    return undefined;
  }
}

/** The entry of a row, if it follows `previous` in the chain. */
export function follow(
  previous: { readonly sequence: number; readonly hash: string },
  row: AuditEntryTable,
): AuditEntry | undefined {
  const entry = entryOf(row);
  const follows = entry?.sequence === previous.sequence + 1 && entry.hash === entryHash(previous.hash, entry);
  return follows ? entry : undefined;
}
