import type { PredictionContract, PredictionQuote } from '../domain/prediction-market.ts';

const hourMs = 3_600_000;
/** How long before its closing a contract's mid is kept with its outcome, ms, shortest first. */
export const predictionHorizonsMs = [hourMs, 6 * hourMs, 24 * hourMs, 72 * hourMs, 168 * hourMs, 720 * hourMs] as const;

/** A contract that is resolved, and what its market said before. */
export interface PastPrediction {
  readonly contract: PredictionContract & { readonly resolution: 'yes' | 'no' | 'void' };
  /** When its resolution was first known here, ms UTC. */
  readonly knownAtMs: number;
  /** YES mids so long before closing, by horizon in ms; only those that were quoted within a quarter of the horizon before. */
  readonly mids: ReadonlyMap<number, number>;
}

/** Which resolved contracts are looked for. All that is said must hold. */
export interface PastPredictionQuery {
  readonly venue: PredictionContract['venue'];
  readonly series?: string;
  readonly category?: string;
  /** The most recently resolved first; 1 to 5,000. Default 500. */
  readonly limit?: number;
}

/** What is known of prediction markets from before, as of the clock. Every method throws StoreError when the store fails. */
export interface PredictionHistory {
  /** Quotes of a contract from an instant on, oldest first. */
  quotes(
    query: { readonly contractId: string; readonly fromMs: number },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly PredictionQuote[]>;
  /** Resolved contracts, the one that was known last first. */
  resolved(query: PastPredictionQuery, options?: { readonly signal?: AbortSignal }): Promise<readonly PastPrediction[]>;
  /**
   * Keeps a contract as it was resolved, with its mids as far as quotes are there. A second time changes nothing.
   * @throws ValidationError `prediction.unresolved` for one that has no resolution.
   */
  record(contract: PredictionContract, options?: { readonly signal?: AbortSignal }): Promise<void>;
}
