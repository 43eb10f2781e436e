import { type PredictionContract, type PredictionSource, ValidationError } from '@perpdesk/core';
import { predictionReference } from './prediction-reference.ts';

/**
 * The contract that a link, slug, ticker or id means, by the source of its venue.
 * @throws ValidationError as `PredictionSource.resolve`, and `prediction.venue` when no source is of its venue.
 * @throws VenueError when the venue can not answer.
 */
export async function resolvePrediction(
  reference: string,
  sources: readonly PredictionSource[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<PredictionContract> {
  const { venue } = predictionReference(reference);
  const source = sources.find((one) => one.venue === venue);
  if (source !== undefined) return source.resolve(reference, options);
  throw new ValidationError('prediction.venue', `That is a contract of ${venue}, which this desk has no source of.`);
}
