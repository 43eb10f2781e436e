import type { AuditRecord } from '../../ports/audit-log.ts';
import type { Redactor } from '../redactor.ts';

/** A record as it may be kept: no secret, no unseen character, JSON through and through. */
export function cleanRecord(redactor: Redactor, { action, actor, subject, traceId, details }: AuditRecord): AuditRecord {
  const clean = redactor.redact(details);
  return {
    action: redactor.text(action),
    actor: redactor.text(actor),
    subject: redactor.text(subject),
    ...(traceId === undefined ? {} : { traceId: redactor.text(traceId) }),
    details: typeof clean === 'object' && clean !== null && !Array.isArray(clean) ? { ...clean } : { value: clean },
  };
}
