import { type AskedModel, canonicalJson, type ModelRequest } from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import type * as z from 'zod';
import { jsonOf } from '../model/call/json-of.ts';
import { questionKey } from '../model/call/question-key.ts';

/** What an answer is known by. */
export const answerHash = (value: unknown): string => sha256Hex(canonicalJson(jsonOf(value)));

/** A question, and its answer where one came, as they are told to a journal. */
export const askedModel = (request: ModelRequest<z.ZodType>, answer?: { readonly value: unknown }): AskedModel => ({
  key: questionKey(request),
  ...(answer === undefined ? {} : { answerHash: answerHash(answer.value) }),
});
