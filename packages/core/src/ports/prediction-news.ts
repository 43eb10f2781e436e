import type { PredictionContract } from '../domain/prediction-market.ts';

/** A headline about a contract's question. All of it is foreign text. */
export interface PredictionHeadline {
  readonly title: string;
  /** Who published it. */
  readonly publisher: string;
  /** Ms UTC. */
  readonly publishedAtMs: number;
}

/** Where news about a contract comes from. A model is shown it as data from outside; rules never read it. */
export interface PredictionNews {
  /**
   * Headlines about the contract that were known by now, newest first. Called at most once an assessment, and only where a model is asked.
   * @throws VenueError when the publisher does not answer: the assessment is then made without news.
   */
  headlines(
    contract: PredictionContract,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly PredictionHeadline[]>;
}
