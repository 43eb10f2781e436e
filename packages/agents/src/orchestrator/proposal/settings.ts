/** Bounds of what chats propose; PRODUCT §3. */
export interface ProposalLimits {
  /** How long a proposal waits for its user, wall clock, ms. */
  readonly expiresAfterMs: number;
  /** How far the price may run from where an order was proposed, either way, as a fraction of that price. */
  readonly maxDrift: number;
  /** Proposals of one user that may wait at once. */
  readonly mostWaiting: number;
  /** How long an approval waits for the outcome, ms. What takes longer goes on, and its outcome is told when it comes. */
  readonly answerWithinMs: number;
  /** Until what could not be asked is asked again, ms. */
  readonly askAgainAfterMs: number;
  /** How long what is over is kept, ms. */
  readonly keepForMs: number;
}

/** 5 minutes, 0.5 %, 20 at once, 30 s for an outcome, again after 15 s, kept for 90 days. */
export const proposalLimits: ProposalLimits = {
  expiresAfterMs: 300_000,
  maxDrift: 0.005,
  mostWaiting: 20,
  answerWithinMs: 30_000,
  askAgainAfterMs: 15_000,
  keepForMs: 90 * 86_400_000,
};
