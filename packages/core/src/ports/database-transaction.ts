/**
 * A transaction of a Database, as ports pass it on: what is done with it is kept together with everything else in it, or
 * not at all. Only adapters look inside; `Database.transaction` in core/database makes one.
 */
export interface DatabaseTransaction {
  /** Calls back once after the commit, in the order of asking; never when it is rolled back. The callback must not throw. */
  afterCommit(callback: () => void): void;
}
