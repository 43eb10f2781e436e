import type { WorkflowStatus as DbosStatus } from '@dbos-inc/dbos-sdk';
import type { JsonValue, WorkflowRun, WorkflowStatus } from '@perpdesk/core';
import * as z from 'zod';

/** What a run is started with in DBOS: its input in JSON, and the instant by the desk's clock. */
export const startSchema = z.tuple([z.string(), z.number()]);
/** What it ends with: its result in JSON, and the instant. */
export const endSchema = z.object({ result: z.string().nullable(), atMs: z.number() });
export type RunEnd = z.infer<typeof endSchema>;

const failureSchema = z.object({ message: z.string(), atMs: z.number().optional() });

/** The name a version of a workflow has in DBOS. */
export const dbosNameOf = (name: string, version: number): string => `${name}@${version}`;

/** A workflow's name and version by its name in DBOS; undefined for workflows of other programs. */
export function readDbosName(dbosName: string): { readonly name: string; readonly version: number } | undefined {
  const at = dbosName.lastIndexOf('@');
  const version = Number(dbosName.slice(at + 1));
  return at < 1 || !Number.isSafeInteger(version) ? undefined : { name: dbosName.slice(0, at), version };
}

/** DBOS's statuses by ours. */
export const dbosStatuses = {
  running: ['PENDING', 'ENQUEUED', 'DELAYED'],
  succeeded: ['SUCCESS'],
  failed: ['ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'],
  canceled: ['CANCELLED'],
} as const satisfies Record<WorkflowStatus, readonly string[]>;

const statusOf = (status: string): WorkflowStatus =>
  (Object.keys(dbosStatuses) as WorkflowStatus[]).find((name) =>
    dbosStatuses[name].some((known: string) => known === status),
  ) ?? 'running';

/** A run as DBOS has it; undefined when it is none of an engine's. */
export function runOfStatus(dbos: DbosStatus): WorkflowRun | undefined {
  const workflow = readDbosName(dbos.workflowName);
  const start = startSchema.safeParse(dbos.input);
  if (workflow === undefined || !start.success) return undefined;
  const [input, startedAtMs] = start.data;
  const base = { id: dbos.workflowID, ...workflow, input: parse(input), startedAtMs };
  const status = statusOf(dbos.status);
  if (status === 'succeeded') {
    const { atMs, result } = endSchema.parse(dbos.output);
    return { ...base, status, ...(result === null ? {} : { result: parse(result) }), updatedAtMs: atMs };
  }
  if (status === 'failed') {
    const failure = failureSchema.safeParse(dbos.error);
    const error = failure.data?.message ?? `workflow.dbos: DBOS has given the run up (${dbos.status}).`;
    return { ...base, status, error, updatedAtMs: failure.data?.atMs ?? dbos.completedAt ?? startedAtMs };
  }
  return { ...base, status, updatedAtMs: status === 'canceled' ? (dbos.completedAt ?? startedAtMs) : startedAtMs };
}

const parse = (text: string): JsonValue => JSON.parse(text);
