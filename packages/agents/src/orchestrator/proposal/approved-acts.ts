import { type ActionOutcome, type ActionPort, type Logger, type Proposal, silentLogger } from '@perpdesk/core';
import type { Redactor } from '@perpdesk/core/security';
import { contentHashOf } from './content-hash.ts';
import { notWhole, outcomeOf } from './outcome.ts';
import { unknownProposal } from './proposal-error.ts';
import type { ProposalStore } from './proposal-store.ts';

/** Options of {@link ApprovedActs}. */
export interface ApprovedActsOptions {
  readonly store: ProposalStore;
  readonly actions: ActionPort;
  readonly redactor?: Pick<Redactor, 'mask'>;
  readonly logger?: Logger;
}

/**
 * Has approved proposals done: nothing else, each in one flight at a time. Where the port or the database fails, what was done is not known;
 * the proposal stays approved and `open`, and the port is asked again later under the same id, to which it gives the outcome there was.
 */
export class ApprovedActs {
  /** Approved ones whose outcome is open, and after which nobody asks. */
  readonly open = new Set<string>();
  readonly #options: ApprovedActsOptions;
  readonly #logger: Logger;
  readonly #flights = new Map<string, Promise<Proposal>>();

  constructor(options: ApprovedActsOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Has it done, or asks what came of it. Gives the proposal as it is then. @throws ValidationError `proposal.unknown`; StoreError */
  carryOut(proposalId: string): Promise<Proposal> {
    const flight = this.#flights.get(proposalId);
    if (flight !== undefined) return flight;
    this.open.delete(proposalId);
    const started = this.#carryOut(proposalId).finally(() => this.#flights.delete(proposalId));
    this.#flights.set(proposalId, started);
    return started;
  }

  /** Resolves when nothing is in flight of what is now. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#flights.values());
  }

  async #carryOut(proposalId: string): Promise<Proposal> {
    try {
      const kept = await this.#options.store.get(proposalId);
      if (kept === undefined) throw unknownProposal();
      const { proposal } = kept;
      if (proposal.status !== 'approved') return proposal;
      const outcome = await this.#act(proposal);
      if (outcome === undefined) return proposal;
      const ended = await this.#options.store.change({
        id: proposalId,
        from: 'approved',
        to: outcome.outcome,
        outcome: outcomeOf(outcome, this.#options.redactor),
      });
      return ended?.proposal ?? (await this.#options.store.get(proposalId))?.proposal ?? proposal;
    } catch (error) {
      this.open.add(proposalId);
      throw error;
    }
  }

  async #act(proposal: Proposal): Promise<ActionOutcome | undefined> {
    // A row that was written to since says something else than its user approved.
    if (contentHashOf(proposal) !== proposal.contentHash) return notWhole();
    try {
      return await this.#options.actions.act(proposal);
    } catch (error) {
      this.#logger.error({ error, proposalId: proposal.id }, 'what came of an approved proposal is not known');
      this.open.add(proposal.id);
      return undefined;
    }
  }
}
