import type { Context } from 'hono';
import type * as z from 'zod';
import { HttpProblem } from './problem.ts';

/** Reads the query by its schema. @throws HttpProblem 400 `request.invalid` naming the member */
export const readQuery = <Schema extends z.ZodType>(schema: Schema, context: Context): z.output<Schema> =>
  parse(schema, context.req.query());

/**
 * Reads the body by its schema. There must be one, and it must be named JSON: a form that another site posts is neither.
 * @throws HttpProblem 400 `request.invalid`, 415 `body.unsupported`
 */
export async function readBody<Schema extends z.ZodType>(schema: Schema, context: Context): Promise<z.output<Schema>> {
  const text = await context.req.text();
  if (text === '') throw new HttpProblem(400, 'request.invalid', 'A body is required.');
  if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? ''))
    throw new HttpProblem(415, 'body.unsupported', 'A body must be application/json.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HttpProblem(400, 'request.invalid', 'The body must be JSON.');
  }
  return parse(schema, json);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new HttpProblem(
    400,
    'request.invalid',
    `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'invalid'}`,
  );
}
