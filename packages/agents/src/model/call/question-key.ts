import { canonicalJson, type ModelRequest } from '@perpdesk/core';
import { sha256Hex } from '@perpdesk/core/security';
import * as z from 'zod';

const texts = new WeakMap<z.ZodType, string>();

/** A schema as text: equal schemas give equal text. What JSON Schema can not say stands there as anything. */
export function schemaText(schema: z.ZodType): string {
  let text = texts.get(schema);
  if (text === undefined) {
    text = canonicalJson(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    texts.set(schema, text);
  }
  return text;
}

/**
 * What a question is known by: a hash of who asks with which prompt version (`purpose`), what the model is told and asked, and the schema of
 * the answer. Not of the time allowed, or for whom it is asked.
 */
export const questionKey = ({ purpose, system, prompt, schema }: ModelRequest<z.ZodType>): string =>
  sha256Hex(canonicalJson([purpose, system, prompt, schemaText(schema)]));
