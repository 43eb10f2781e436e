import type { LanguageModel, ModelError, ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';

/** A model that is told of questions that were kept from it: who writes a journal must know of them, or a day could not be replayed. */
export interface HearsRefusals {
  refused(request: ModelRequest<z.ZodType>, failure: ModelError): void;
}

/** Tells a model of a question that it is not asked, where it wants to know. */
export function tellRefused(
  model: LanguageModel & Partial<HearsRefusals>,
  request: ModelRequest<z.ZodType>,
  failure: ModelError,
): void {
  model.refused?.(request, failure);
}
