/** What is kept of conversations, and how much of it a prompt may see. */
export interface MemoryLimits {
  /** How long after its last message a conversation is kept, ms. */
  readonly keepForMs: number;
  /** The last messages of each that are kept. */
  readonly messages: number;
  /** The last conversations of a user that are kept. */
  readonly conversations: number;
}

/** 30 days, 200 messages, 100 conversations. */
export const memoryLimits: MemoryLimits = { keepForMs: 30 * 86_400_000, messages: 200, conversations: 100 };

/** At most so many messages, and so many characters of them, go into a prompt. */
export const promptHistoryLimits = { messages: 12, characters: 8_000 } as const;
