import type { ActResult } from '@perpdesk/core/api';
import type { CloseOutcome } from '@perpdesk/execution';

/** What a close came to, in the contract's words. */
export function closeResult(result: CloseOutcome): ActResult {
  if (!('rejection' in result)) return { outcome: result.outcome };
  const { code, message } = result.rejection;
  return { outcome: result.outcome, detail: `${code}: ${message}` };
}

/** What closing everything came to. `unknown` when any close may or may not have gone out: look before repeating. */
export function flattenResult(results: readonly PromiseSettledResult<CloseOutcome>[]): ActResult {
  if (results.length === 0) return { outcome: 'flat', detail: 'There was nothing to close.' };
  const outcomes = results.map((result) => (result.status === 'fulfilled' ? result.value.outcome : 'unknown'));
  const done = outcomes.filter((outcome) => outcome === 'accepted' || outcome === 'flat').length;
  const detail = `${done} of ${results.length} positions were closed at the market.`;
  if (done === results.length) return { outcome: 'accepted', detail };
  return { outcome: outcomes.includes('unknown') ? 'unknown' : 'rejected', detail };
}
