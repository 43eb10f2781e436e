import {
  type ChatMessage,
  type Clock,
  chatMessageSchema,
  type Random,
  StoreError,
  SystemRandom,
  ValidationError,
} from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { couldBeId, unguessableId } from '../unguessable-id.ts';
import { type MemoryTables, memoryMigrations, memoryNamespace } from './memory-tables.ts';
import { type MemoryLimits, memoryLimits } from './settings.ts';

/** Options of {@link ConversationMemory}. */
export interface ConversationMemoryOptions {
  readonly database: Database;
  /** The clock that messages are dated by: age is reckoned by it. */
  readonly clock: Clock;
  /** Where ids are from. Default SystemRandom. */
  readonly random?: Random;
  readonly limits?: Partial<MemoryLimits>;
}

/** A conversation, without what was said in it. */
export interface Conversation {
  readonly id: string;
  readonly startedAtMs: number;
  readonly lastAtMs: number;
}

const prefix = 'chat';

/**
 * What users and the desk said to each other, in SQLite or PostgreSQL. A conversation belongs to one user: another's can be neither read nor
 * written to, and is as unknown as one that never was.
 */
export class ConversationMemory {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: MemoryLimits;

  constructor(options: ConversationMemoryOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#random = options.random ?? new SystemRandom();
    this.#limits = { ...memoryLimits, ...options.limits };
  }

  /** Brings its tables up to date. @throws ConfigError `database.newer`; StoreError */
  async open(): Promise<void> {
    await migrate(this.#database, { namespace: memoryNamespace, migrations: memoryMigrations });
  }

  /** Begins a conversation and gives its id. A user's oldest beyond the limit are forgotten. @throws StoreError */
  async begin(userId: string): Promise<string> {
    const id = unguessableId(prefix, this.#random);
    const nowMs = this.#clock.nowMs();
    await this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<MemoryTables>();
      await kysely
        .insertInto('orchestrator_conversations')
        .values({ id, user_id: userId, started_at_ms: nowMs, last_at_ms: nowMs, written: 0 })
        .execute();
      const kept = await kysely
        .selectFrom('orchestrator_conversations')
        .select('id')
        .where('user_id', '=', userId)
        .where('id', '!=', id)
        .orderBy('last_at_ms', 'desc')
        .orderBy('id')
        .execute();
      const tooMany = kept.slice(Math.max(0, this.#limits.conversations - 1)).map((conversation) => conversation.id);
      if (tooMany.length > 0)
        await kysely.deleteFrom('orchestrator_conversations').where('id', 'in', tooMany).execute();
    });
    return id;
  }

  /**
   * Keeps a message as the last of its conversation; the oldest beyond the limit is forgotten. `within` is run in the same transaction.
   * @throws ValidationError `chat.unknown`; StoreError
   */
  async append(message: ChatMessage, within?: (transaction: SqlTransaction) => Promise<void>): Promise<void> {
    const { id, userId, conversationId, atMs } = message;
    if (!couldBeId(prefix, conversationId)) throw unknownChat();
    await this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<MemoryTables>();
      // Writing first locks the conversation: two messages at once follow one another.
      const conversation = await kysely
        .updateTable('orchestrator_conversations')
        .set(({ eb }) => ({ written: eb('written', '+', 1), last_at_ms: atMs }))
        .where('id', '=', conversationId)
        .where('user_id', '=', userId)
        .returning('written')
        .executeTakeFirst();
      if (conversation === undefined) throw unknownChat();
      const position = conversation.written;
      await kysely
        .insertInto('orchestrator_messages')
        .values({ id, conversation_id: conversationId, position, data: JSON.stringify(message) })
        .execute();
      await kysely
        .deleteFrom('orchestrator_messages')
        .where('conversation_id', '=', conversationId)
        .where('position', '<=', position - this.#limits.messages)
        .execute();
      await within?.(transaction);
    });
  }

  /** The last messages of a user's conversation, oldest first. @throws ValidationError `chat.unknown`, also for another's; StoreError */
  async read(userId: string, conversationId: string, limit = 50): Promise<readonly ChatMessage[]> {
    if (!couldBeId(prefix, conversationId)) throw unknownChat();
    const conversation = await this.#conversations(userId).where('id', '=', conversationId).executeTakeFirst();
    if (conversation === undefined) throw unknownChat();
    const rows = await this.#database
      .as<MemoryTables>()
      .selectFrom('orchestrator_messages')
      .select(['id', 'data'])
      .where('conversation_id', '=', conversationId)
      .orderBy('position', 'desc')
      .limit(limit)
      .execute();
    return rows.reverse().map((row) => messageOf(row, userId));
  }

  /** A user's conversations, the one with the newest message first. @throws StoreError */
  async list(userId: string, limit = 50): Promise<readonly Conversation[]> {
    const rows = await this.#conversations(userId).orderBy('last_at_ms', 'desc').orderBy('id').limit(limit).execute();
    return rows.map((row) => ({ id: row.id, startedAtMs: row.started_at_ms, lastAtMs: row.last_at_ms }));
  }

  /** Forgets all that a user and the desk said. @throws StoreError */
  async forget(userId: string): Promise<void> {
    await this.#database
      .as<MemoryTables>()
      .deleteFrom('orchestrator_conversations')
      .where('user_id', '=', userId)
      .execute();
  }

  /** Forgets the conversations in which nothing was said for longer than the limit. @throws StoreError */
  async prune(): Promise<void> {
    await this.#database
      .as<MemoryTables>()
      .deleteFrom('orchestrator_conversations')
      .where('last_at_ms', '<', this.#clock.nowMs() - this.#limits.keepForMs)
      .execute();
  }

  #conversations(userId: string) {
    return this.#database
      .as<MemoryTables>()
      .selectFrom('orchestrator_conversations')
      .selectAll()
      .where('user_id', '=', userId);
  }
}

const unknownChat = (): ValidationError =>
  new ValidationError('chat.unknown', 'There is no such conversation of yours: begin a new one.');

function messageOf({ id, data }: { readonly id: string; readonly data: string }, userId: string): ChatMessage {
  const read = chatMessageSchema.safeParse(JSON.parse(data));
  if (!read.success || read.data.userId !== userId)
    throw new StoreError('chat.unreadable', `The message ${id} can not be read.`);
  return read.data;
}
