import type { Proposal } from '../domain/proposal.ts';

/** What an approved proposal came to. `unknown` is asked after, never repeated. */
export type ActionOutcome =
  | { readonly outcome: 'done'; readonly detail: string }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }
  | { readonly outcome: 'unknown'; readonly detail: string };

/**
 * Does what a user approved. Every order goes through Brix, every change of a limit through the limit book: what these refuse is
 * refused here, and what asks for the user to authenticate again is refused with where to do it.
 */
export interface ActionPort {
  /**
   * Does it once: asked again for the same proposal id it gives the outcome there was. It never throws for what a venue or a limit
   * says; a proposal that is not approved is refused.
   */
  act(proposal: Proposal, options?: { readonly signal?: AbortSignal }): Promise<ActionOutcome>;
}
