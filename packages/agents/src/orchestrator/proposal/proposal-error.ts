import { type Proposal, ValidationError } from '@perpdesk/core';

/** There is no such proposal of this user: another's is as unknown as none. */
export const unknownProposal = (): ValidationError =>
  new ValidationError('proposal.unknown', 'There is no such proposal of yours.');

/** The hash names something else than what is proposed. */
export const changedProposal = (): ValidationError =>
  new ValidationError(
    'proposal.changed',
    'The approval names another content than the proposal has: look at the proposal again and approve what it shows.',
  );

/** Why a proposal takes no answer any more. */
export function answeredProposal({ status, outcome }: Proposal): ValidationError {
  if (status === 'expired')
    return new ValidationError('proposal.expired', 'The proposal has expired: ask for it again.');
  if (status === 'void')
    return new ValidationError('proposal.void', `The proposal is void: ${outcome ?? 'the price ran away.'}`);
  return new ValidationError('proposal.decided', `The proposal was decided before: it is ${status}.`);
}
