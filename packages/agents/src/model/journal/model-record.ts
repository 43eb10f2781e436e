import { type JsonValue, ModelError, type ModelUsage } from '@perpdesk/core';
import * as z from 'zod';

/** How a question ended. */
export type ModelOutcome =
  | { readonly kind: 'answered'; readonly value: JsonValue; readonly attempts: 1 | 2; readonly kept: boolean }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retryable: boolean };

/** A question to a model with what came of it. */
export interface ModelRecord {
  /** Sorts by the order in which questions were asked. */
  readonly id: string;
  /** What the question is known by: a hash of purpose, system, prompt and schema. */
  readonly key: string;
  readonly purpose: string;
  /** The model that answered, or was asked. */
  readonly model: string;
  readonly system: string;
  readonly systemHash: string;
  readonly prompt: string;
  readonly schemaName: string;
  /** The answer's JSON Schema as text. */
  readonly schema: string;
  readonly schemaHash: string;
  readonly context: {
    readonly agent?: string;
    readonly roundKey?: string;
    readonly userId?: string;
    readonly traceId?: string;
  };
  readonly atMs: number;
  readonly latencyMs: number;
  /** The place of its end among the ends of its process, from 1. Records of earlier versions have none. */
  readonly endOrder?: number;
  /** True where whoever asked had given up by then. */
  readonly late?: boolean;
  readonly outcome: ModelOutcome;
  readonly usage?: ModelUsage;
  readonly costUsd?: number;
}

/** The part of a record that is kept as JSON. */
export const recordDataSchema = z.object({
  purpose: z.string(),
  model: z.string(),
  schemaName: z.string(),
  context: z.object({
    agent: z.string().exactOptional(),
    roundKey: z.string().exactOptional(),
    userId: z.string().exactOptional(),
    traceId: z.string().exactOptional(),
  }),
  latencyMs: z.number(),
  endOrder: z.number().exactOptional(),
  late: z.boolean().exactOptional(),
  outcome: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('answered'),
      value: z.json(),
      attempts: z.union([z.literal(1), z.literal(2)]),
      kept: z.boolean(),
    }),
    z.object({ kind: z.literal('failed'), code: z.string(), message: z.string(), retryable: z.boolean() }),
  ]),
  usage: z
    .object({ inputTokens: z.number(), outputTokens: z.number(), estimated: z.boolean().exactOptional() })
    .exactOptional(),
  costUsd: z.number().exactOptional(),
});

/** The failure that was recorded, as it was thrown. */
export const recordedFailure = ({
  code,
  message,
  retryable,
}: Extract<ModelOutcome, { readonly kind: 'failed' }>): ModelError => new ModelError(code, message, { retryable });
