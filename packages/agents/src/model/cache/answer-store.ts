import type { JsonValue } from '@perpdesk/core';

/** An answer that is kept. */
export interface KeptAnswer {
  readonly value: JsonValue;
  /** The model that gave it. */
  readonly model: string;
  readonly attempts: 1 | 2;
  /** When it stops to count; absent: never. */
  readonly expiresAtMs?: number;
}

/** Keeps answers beyond the life of a process. */
export interface AnswerStore {
  /** Makes it ready. @throws StoreError */
  open(): Promise<void>;
  /** The answer to a question, expired or not. @throws StoreError */
  get(key: string): Promise<KeptAnswer | undefined>;
  /** Keeps an answer instead of an earlier one. @throws StoreError */
  put(key: string, answer: KeptAnswer, atMs: number): Promise<void>;
  /** Forgets what has expired by an instant, and what was kept before another. @throws StoreError */
  prune(before: { readonly expiredMs: number; readonly keptMs?: number }): Promise<void>;
}
