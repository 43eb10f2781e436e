import type { Citation, ProposedAction, SharedDeskState, UserDeskState } from '@perpdesk/core';
import { capital, listed } from './show.ts';

/** The state that a command is held against. */
export interface DraftState {
  readonly shared: SharedDeskState;
  readonly mine: UserDeskState;
}

/** What comes of a command: an action to propose, or a sentence that asks for exactly what is missing, or says why there is none. */
export type Draft =
  | { readonly outcome: 'action'; readonly action: ProposedAction; readonly citations: readonly Citation[] }
  | { readonly outcome: 'ask'; readonly text: string; readonly citations: readonly Citation[] };

/** A draft that asks. */
export const ask = (text: string, citations: readonly Citation[] = []): Draft => ({ outcome: 'ask', text, citations });

/** Asks for what is missing, in one sentence. */
export const askFor = (what: readonly string[], example: string): Draft =>
  ask(`${capital(listed(what))} ${what.length === 1 ? 'is' : 'are'} missing. Say it whole: ${example}.`);
