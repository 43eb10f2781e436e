import type { ModelCallContext, PredictionAssessment } from '@perpdesk/core';

/** What came of asking Plop about a contract. */
export type PlopVerdict =
  | { readonly outcome: 'assessed'; readonly assessment: PredictionAssessment }
  | { readonly outcome: 'refused'; readonly refusal: { readonly code: string; readonly message: string } };

/** Who is asked about contracts of prediction markets: a `PlopService` or a `Plop`. */
export interface PlopDesk {
  /** Assesses the contract that a link, slug, ticker or id means. Rejects when aborted, or when what was found can not be told the desk. */
  answer(
    reference: string,
    options?: { readonly signal?: AbortSignal; readonly context?: ModelCallContext },
  ): Promise<PlopVerdict>;
}
