import type * as z from 'zod';

/** How much of what was wrong with an answer is shown to the model for the repair. */
const issuesLength = 1_000;

/** An answer in its schema, or what is wrong with it. */
export type ParsedAnswer<Value> =
  | { readonly success: true; readonly value: Value }
  | { readonly success: false; readonly issues: string };

/** Reads an answer's JSON by the schema. */
export function parseAnswer<Schema extends z.ZodType>(text: string, schema: Schema): ParsedAnswer<z.infer<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { success: false, issues: 'it is not whole JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { success: true, value: parsed.data };
  const issues = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'the answer'}: ${issue.message}`)
    .join('; ');
  return { success: false, issues: issues.slice(0, issuesLength) };
}
