import type { ModelRequest } from '@perpdesk/core';
import * as z from 'zod';

export const exampleSchema = z.object({ score: z.number().min(-100).max(100), reasoning: z.string() });

/** A small question to a model. */
export const exampleQuestion = (
  change: Partial<ModelRequest<typeof exampleSchema>> = {},
): ModelRequest<typeof exampleSchema> => ({
  purpose: 'example/1',
  system: 'You judge.',
  prompt: 'features: {"rsi":61}',
  schema: exampleSchema,
  schemaName: 'example',
  timeoutMs: 8_000,
  ...change,
});

/** An answer that fits {@link exampleQuestion}. */
export const exampleAnswer = { score: 40, reasoning: 'RSI at 61.' };
