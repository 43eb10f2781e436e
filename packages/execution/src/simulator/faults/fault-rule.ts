/**
 * What goes wrong.
 * - `latency`: the request waits `delayMs` before it is read.
 * - `drop-before-accept`: nothing is done, the connection is cut (a socket request stays unanswered).
 * - `drop-after-accept`: it is done, the connection is cut without an answer.
 * - `server-error-before-accept`, `server-error-after-accept`: 502, with nothing or all done.
 * - `late`: it is done, the answer comes after `delayMs` (default 30,000).
 * - `garbage-body`: it is done, the answer is no JSON.
 * - `reset-mid-body`: it is done, the connection is reset after half the answer.
 * - `rate-limited`: 429, nothing is done.
 * - `duplicate-answer`: it is done, the answer is sent twice.
 * - `halted`, `rejected`: refused with the venue's words or `message`, nothing is done.
 */
export const faultKinds = [
  'latency',
  'drop-before-accept',
  'drop-after-accept',
  'server-error-before-accept',
  'server-error-after-accept',
  'late',
  'garbage-body',
  'reset-mid-body',
  'rate-limited',
  'duplicate-answer',
  'halted',
  'rejected',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** When something goes wrong, and what. */
export interface FaultRule {
  readonly kind: FaultKind;
  /**
   * What it strikes: request types (`order`, `cancel`, `l2Book`), channels that are pushed (`orderUpdates`, `userFills`), or
   * the groups `exchange`, `info` and `push`. Default `exchange`.
   */
  readonly verbs?: readonly string[];
  /** How often of the times it could strike, 0 to 1. Default 1. */
  readonly probability?: number;
  /** Strikes so often and no more. Default without end. */
  readonly times?: number;
  /** Lets so many pass first. Default 0. */
  readonly skip?: number;
  /** Milliseconds, for `latency` and `late`. A pair is drawn between the two. */
  readonly delayMs?: number | readonly [from: number, to: number];
  /** The refusal's words, for `rejected`. */
  readonly message?: string;
}

/** A fault that struck. */
export interface Fault {
  readonly kind: FaultKind;
  readonly verb: string;
  readonly delayMs: number;
  readonly message: string;
}
