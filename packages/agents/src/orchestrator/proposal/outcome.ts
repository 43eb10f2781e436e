import { type ActionOutcome, foreignText } from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { changedProposal } from './proposal-error.ts';

const longest = 500;

/** What became of a proposal, in words that may be kept and shown. */
export function outcomeOf(outcome: ActionOutcome, redactor: Pick<Redactor, 'mask'> | undefined): string {
  const words = outcome.outcome === 'refused' ? `${outcome.code}: ${outcome.message}` : outcome.detail;
  return foreignText(redactor?.mask(words) ?? words, longest);
}

/** Why a user declined, in words that may be kept and shown; undefined where none were given. */
export function reasonOf(reason: string, redactor: Pick<Redactor, 'mask'> | undefined): string | undefined {
  const words = foreignText(redactor?.mask(reason) ?? reason, longest);
  return words.trim() === '' ? undefined : words;
}

/** Of one whose row says something else than what was approved. */
export function notWhole(): ActionOutcome {
  const { code, message } = changedProposal();
  return { outcome: 'refused', code, message };
}
