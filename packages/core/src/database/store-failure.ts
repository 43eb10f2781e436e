import { PerpDeskError } from '../errors/perpdesk-error.ts';
import { StoreError } from '../errors/store-error.ts';

/**
 * What a driver's error means, as a StoreError: `database.busy` (retryable), `database.full`, `database.read-only`,
 * `database.corrupt`, `database.constraint`, `database.unreachable` (retryable), `database.failed`.
 */
export function storeFailure(location: string, cause: unknown): Error {
  if (PerpDeskError.is(cause)) return cause;
  const code = codeOf(cause);
  const [name, says, retryable] = meaning(code);
  const detail = cause instanceof Error && cause.message !== '' ? cause.message : code;
  return new StoreError(`database.${name}`, `The database ${location} ${says}: ${detail.replaceAll(/\s+/g, ' ')}`, {
    cause,
    retryable,
  });
}

/** The driver's own code, such as `SQLITE_BUSY`, `23505` or `ECONNREFUSED`; empty without one. */
export function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return String(cause.code);
}

function meaning(code: string): readonly [name: string, says: string, retryable: boolean] {
  if (/^SQLITE_(BUSY|LOCKED)/.test(code) || code === '40001' || code === '40P01' || code === '55P03')
    return ['busy', 'is busy', true];
  if (/^SQLITE_FULL/.test(code) || code === '53100') return ['full', 'has no room left', false];
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code) || code === '25006')
    return ['read-only', 'can not be written', false];
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code) || code === 'XX001' || code === 'XX002')
    return ['corrupt', 'is damaged or no database', false];
  if (/^SQLITE_CONSTRAINT/.test(code) || code.startsWith('23')) return ['constraint', 'refuses a row', false];
  if (
    /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(code) ||
    code.startsWith('08') ||
    code.startsWith('57P') ||
    code === '53300'
  )
    return ['unreachable', 'can not be reached', true];
  return ['failed', 'failed', false];
}
