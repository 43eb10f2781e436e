import type { Divergence } from './divergence.ts';
import type { ParityCause } from './parity-report.ts';

/** What a divergence that follows from no other comes of. */
export function causeOf(divergence: Divergence): { readonly cause: ParityCause; readonly detail: string } {
  const { subject, kind, changes, timesOnly } = divergence;
  const says = (pattern: RegExp): boolean => changes.some(({ path }) => pattern.test(path));
  const where = kind === 'missing-left' ? 'only the right run has it' : 'only the left run has it';
  switch (subject) {
    case 'feed':
      return { cause: 'market-data', detail: `Market data was lost: ${divergence.reason ?? 'no reason is known'}.` };
    case 'gap':
      return { cause: 'market-data', detail: kind === 'differs' ? 'A gap is another.' : `A gap: ${where}.` };
    case 'bar':
      if (timesOnly) return { cause: 'market-data', detail: 'A bar came late.' };
      return kind === 'differs'
        ? { cause: 'market-data', detail: `A bar has another ${changes.map(({ path }) => path).join(', ')}.` }
        : { cause: 'market-data', detail: `A bar is missing: ${where}.` };
    case 'skipped-bar':
      return { cause: 'market-data', detail: 'A bar was skipped for want of minutes.' };
    case 'release':
      return { cause: 'market-data', detail: 'An economic figure was published otherwise.' };
    case 'failure':
      return divergence.scope.agent === undefined
        ? { cause: 'fault', detail: `A handler or service failed: ${where}.` }
        : { cause: 'opinion', detail: `An agent failed: ${where}.` };
    case 'abstention':
      return { cause: 'feature', detail: 'An agent had no data on one side.' };
    case 'opinion':
    case 'turn':
      if (timesOnly) return late;
      if (says(/(^|\.)source$/)) return { cause: 'opinion', detail: 'A model spoke on one side, rules on the other.' };
      return says(/(^|\.)(evidence|details)/)
        ? { cause: 'feature', detail: 'Its features have other values over the same bars.' }
        : {
            cause: 'opinion',
            detail: kind === 'differs' ? 'It said something else of the same features.' : `A word: ${where}.`,
          };
    case 'conclusion':
      if (timesOnly || JSON.stringify(changes).includes('"deadline"')) return late;
      return { cause: 'consensus', detail: 'The same turns were added up to something else.' };
    case 'recommendation':
      if (timesOnly) return late;
      if (says(/reasonedBy|reasoning/))
        return { cause: 'opinion', detail: 'The plan was worded or chosen by another.' };
      return kind === 'differs'
        ? { cause: 'feature', detail: 'The plan was drawn from other figures.' }
        : { cause: 'unknown', detail: `A plan of the same round: ${where}.` };
    case 'trading-state':
      return { cause: 'user-action', detail: `Trading was halted or re-armed: ${where}.` };
    case 'limit':
      return { cause: 'risk-input', detail: 'A limit was reached on one side.' };
    case 'decision':
      return timesOnly ? late : { cause: 'risk-input', detail: givenOtherwise(divergence) };
    case 'guidance':
      return timesOnly ? late : { cause: 'entry-plan', detail: 'The same signal was advised otherwise.' };
    case 'approval':
      return timesOnly
        ? { cause: 'timing', detail: 'It was answered at another instant.' }
        : { cause: 'user-action', detail: kind === 'differs' ? 'It was answered otherwise.' : `An answer: ${where}.` };
    case 'order':
      return causeOfOrder(divergence, where);
    case 'fill':
      return causeOfFill(divergence, where);
    case 'funding':
      return {
        cause: 'funding',
        detail: kind === 'differs' ? 'Funding settled at another rate.' : `Funding: ${where}.`,
      };
    case 'position':
      return timesOnly ? late : marked(changes.map(({ path }) => path));
    default:
      return timesOnly ? late : { cause: 'unknown', detail: 'Nothing before it differs.' };
  }
}

const late = { cause: 'timing', detail: 'It came at another instant.' } as const;

function givenOtherwise({ changes, left, right }: Divergence): string {
  const index = /^steps\[(\d+)\]/.exec(changes[0]?.path ?? '')?.[1];
  const { payload } = (left ?? right)?.event ?? {};
  if (index === undefined || payload === undefined || !('steps' in payload)) return 'Brix decided otherwise.';
  return `Brix was given something else at its step "${payload.steps[Number(index)]?.step ?? index}".`;
}

const manual = /"origin":"(manual|chat|api|kill-switch)"/;

function causeOfOrder(
  { id, kind, changes, timesOnly, left, right }: Divergence,
  where: string,
): ReturnType<typeof causeOf> {
  if (/\/unresolved/.test(id)) return { cause: 'fault', detail: `The outcome of the order was unknown: ${where}.` };
  if (timesOnly) return { cause: 'timing', detail: 'The order stood at another instant.' };
  if (/\/refused/.test(id)) return { cause: 'risk-input', detail: `Brix refused the order: ${where}.` };
  if (/\/rejected/.test(id)) return { cause: 'unknown', detail: `The venue rejected the order: ${where}.` };
  const text = JSON.stringify((left ?? right)?.content ?? '');
  if (kind !== 'differs' && manual.test(text)) return { cause: 'user-action', detail: `A close by hand: ${where}.` };
  if (kind !== 'differs' && /\/canceled/.test(id)) return { cause: 'timing', detail: `A cancellation: ${where}.` };
  if (text.includes('"purpose":"entry"') && changes.some(({ path }) => path !== 'status'))
    return { cause: 'entry-plan', detail: 'The same signal was entered by other orders.' };
  return { cause: 'unknown', detail: `An order: ${kind === 'differs' ? 'nothing before it differs' : where}.` };
}

function causeOfFill({ kind, changes, latency, timesOnly }: Divergence, where: string): ReturnType<typeof causeOf> {
  if (latency === 'within') return { cause: 'timing', detail: 'It differs by no more than the stated latency.' };
  if (timesOnly) return { cause: 'timing', detail: 'It filled at another instant, beyond the stated latency.' };
  if (kind !== 'differs') return { cause: 'fill-size', detail: `A fill (depth or queue): ${where}.` };
  return changes.some(({ path }) => path === 'size')
    ? { cause: 'fill-size', detail: 'It filled in other parts (depth or queue).' }
    : { cause: 'fill-price', detail: 'The same order filled at another price.' };
}

/** A position of the same fills that is marked otherwise saw another price. */
const marked = (paths: readonly string[]): ReturnType<typeof causeOf> =>
  paths.every((path) => /markPrice|unrealizedPnl/.test(path))
    ? { cause: 'market-data', detail: 'It was marked at another price.' }
    : { cause: 'unknown', detail: 'The same fills gave another position.' };
