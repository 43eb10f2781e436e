/** Bounds of questions. */
export interface ChatLimits {
  /** How long a question may take, wall clock, ms. */
  readonly answerWithinMs: number;
  /** How much of that is left to say so, ms. */
  readonly reserveMs: number;
  /** Questions of one user in a row, … */
  readonly burst: number;
  /** … and then so many in a minute. */
  readonly perMinute: number;
  /** Questions of one user that may be worked on at once, each in a conversation of its own. */
  readonly atOncePerUser: number;
  /** Questions of all users that are worked on at once, … */
  readonly atOnce: number;
  /** … and so many wait for that. */
  readonly mostWaiting: number;
  /** After which who is refused because others are answered is told to ask again, ms: when one of them ends nobody knows. */
  readonly lookAgainMs: number;
}

/** 30 s for an answer with 2 of them to say so; 6 in a row, then 12 a minute; 3 at once for a user, 16 in all, 100 waiting; looked for again after 2 s. */
export const chatLimits: ChatLimits = {
  answerWithinMs: 30_000,
  reserveMs: 2_000,
  burst: 6,
  perMinute: 12,
  atOncePerUser: 3,
  atOnce: 16,
  mostWaiting: 100,
  lookAgainMs: 2_000,
};
