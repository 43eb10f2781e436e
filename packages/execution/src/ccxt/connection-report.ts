/** One reason why an account can not be traded with. */
export interface ConnectionProblem {
  readonly code:
    | 'credentials.missing'
    | 'credentials.incomplete'
    | 'credentials.refused'
    | 'credentials.can-withdraw'
    | 'credentials.can-not-trade'
    | 'hedge-mode.unsupported';
  readonly message: string;
}

/** What a test of a user's connection found. */
export interface ConnectionReport {
  /** True when there is no problem. */
  readonly ok: boolean;
  readonly problems: readonly ConnectionProblem[];
  /** Whether the key may withdraw: `unknown` where the venue does not tell. */
  readonly canWithdraw: 'no' | 'yes' | 'unknown';
}

/** A report of problems alone. */
export const failedConnection = (...problems: readonly ConnectionProblem[]): ConnectionReport => ({
  ok: false,
  problems,
  canWithdraw: 'unknown',
});
