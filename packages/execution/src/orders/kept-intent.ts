import type { KeepWithDecision } from '@perpdesk/core';
import { type Database, SqlTransaction } from '@perpdesk/core/database';

/** Options of {@link KeptIntent}. */
export interface KeptIntentOptions {
  readonly database: Database;
  /** Writes the intent in a transaction of that database, with when its authorisation ends at the latest. */
  readonly write: (transaction: SqlTransaction, expiresAtMs: number) => Promise<void>;
}

/** An intent that one commit keeps together with the decision to let it pass, where the gate has a transaction for both. */
export class KeptIntent {
  readonly #options: KeptIntentOptions;
  #untilMs: number | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: KeptIntentOptions) {
    this.#options = options;
  }

  /** For `RiskGate.authorize`. */
  readonly keep: KeepWithDecision = async (transaction, expiresAtMs) => {
    const { database, write } = this.#options;
    if (!(transaction instanceof SqlTransaction) || transaction.database !== database) return;
    try {
      await write(transaction, expiresAtMs);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    transaction.afterCommit(() => {
      this.#untilMs = expiresAtMs;
    });
  };

  /** Until when the order may land by what is on disk; undefined when it is not kept. */
  get untilMs(): number | undefined {
    return this.#untilMs;
  }

  /** @throws what kept it from being written, if something did */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
