import type { OrderDecision, Rejection, RiskDecision, RiskStep } from '@perpdesk/core';
import { exact } from '../exact/exact.ts';

/** One step of a decision in words. */
export interface ExplainedStep {
  /** From 1. */
  readonly number: number;
  readonly step: string;
  /** What it made of what: `size 0.025 → 0.015625`. Absent where it changed nothing. */
  readonly change?: string;
  readonly note: string;
}

/** A decision as people read it. */
export interface Explanation {
  readonly outcome: 'signal' | 'approved' | 'rejected';
  readonly headline: string;
  readonly steps: readonly ExplainedStep[];
  /** The steps that made the size smaller, in their order; the last of them is what bounds it. */
  readonly limitedBy: readonly string[];
  /** Of a refusal. */
  readonly refusal?: { readonly code: Rejection['code']; readonly limit: string; readonly actual: string };
  /** All of it as lines of text. */
  readonly text: string;
}

/**
 * Tells a decision of either door step by step: what each was given and made of it, what made the size smaller, and for a
 * refusal its code, the limit and what was found. Everything is read off the decision: it can be asked years later.
 * @example
 * console.log(explain(decision).text);
 */
export function explain(decision: RiskDecision | OrderDecision): Explanation {
  const steps = decision.steps.map((step, index): ExplainedStep => {
    const change = changeOf(step);
    return { number: index + 1, step: step.step, note: step.note, ...(change === undefined ? {} : { change }) };
  });
  const limitedBy = decision.steps.filter(isSmaller).map(({ step }) => step);
  const refusal =
    decision.outcome === 'rejected'
      ? {
          code: decision.rejection.code,
          limit: decision.rejection.limit ?? 'none',
          actual: decision.rejection.actual ?? 'none',
        }
      : undefined;
  const headline = headlineOf(decision, limitedBy.at(-1) ?? boundOf(decision.steps));
  const lines = steps.map(
    ({ number, step, change, note }) => `${number}. ${step}: ${change === undefined ? '' : `${change}. `}${note}`,
  );
  const last = refusal === undefined ? [] : [`Limit: ${refusal.limit}. Found: ${refusal.actual}.`];
  return {
    outcome: decision.outcome,
    headline,
    steps,
    limitedBy,
    ...(refusal === undefined ? {} : { refusal }),
    text: [headline, ...lines, ...last].join('\n'),
  };
}

function headlineOf(decision: RiskDecision | OrderDecision, bound: string | undefined): string {
  switch (decision.outcome) {
    case 'signal': {
      const { direction, size, instrumentId, venue, leverage } = decision.signal;
      const why = bound === undefined ? '' : `, bounded by ${bound}`;
      return `A ${direction} of ${size} ${instrumentId} at ${venue} with ${leverage}× leverage${why}.`;
    }
    case 'approved': {
      const { side, type, size, instrumentId, venue } = decision.order.intent;
      return `Let pass: ${type} ${side} of ${size} ${instrumentId} at ${venue}.`;
    }
    case 'rejected':
      return `Refused (${decision.rejection.code}): ${decision.rejection.message}`;
  }
}

/** What bounds size₀ when no trim made it smaller. */
const boundOf = (steps: readonly RiskStep[]): string | undefined => {
  const sizing = steps.find(({ step }) => step === 'sizing');
  if (sizing === undefined) return undefined;
  return sizing.note.startsWith('Risk') ? 'risk-per-trade' : 'position-margin';
};

/** True for a step that left less than it was given. The lot's rounding is not a limit. */
function isSmaller({ step, before, after }: RiskStep): boolean {
  if (step === 'lot' || typeof before.size !== 'string' || typeof after.size !== 'string') return false;
  return exact(after.size).lessThan(before.size);
}

function changeOf({ before, after }: RiskStep): string | undefined {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(after)) {
    const from = before[name];
    const [was, is] = [textOf(from), textOf(value)];
    if (name === 'rejected' || was === is) continue;
    parts.push(from === undefined ? `${name} ${is}` : `${name} ${was} → ${is}`);
  }
  return parts.length === 0 ? undefined : parts.join(', ');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
