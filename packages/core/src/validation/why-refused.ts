import * as z from 'zod';

/**
 * Why a schema refuses a value, in one line for a log: each finding with where it is, `price: Too small: expected number to be >0`.
 * Undefined when it is accepted. Asked after a check said no: it parses the whole value and costs a hundred times the check.
 */
export function whyRefused(schema: z.ZodType, value: unknown): string | undefined {
  const { error } = schema.safeParse(value);
  return error?.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`))
    .join('; ');
}
