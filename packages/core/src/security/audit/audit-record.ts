import type { JsonValue } from '../../events/json.ts';
import type { AuditRecord } from '../../ports/audit-log.ts';
import type { Redactor } from '../redactor.ts';

/** A record as it may be kept: no secret, no unseen character, JSON through and through. */
export function cleanRecord(
  redactor: Redactor,
  { action, actor, subject, traceId, details }: AuditRecord,
): AuditRecord {
  return {
    action: redactor.text(action),
    actor: redactor.text(actor),
    subject: redactor.text(subject),
    ...(traceId === undefined ? {} : { traceId: redactor.text(traceId) }),
    details: membersOf(redactor.redact(details)),
  };
}

const membersOf = (value: JsonValue): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries(
    Object.entries(value ?? {}).filter((member): member is [string, JsonValue] => member[1] !== undefined),
  );
